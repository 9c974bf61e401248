import type { Change, Undo } from '../../../core/change.ts'
import { lifeText } from '../../../core/containment.ts'
import type { Json, JsonObject } from '../../../core/json.ts'
import type { Gate, Plan, PlanLine } from '../../../core/plan.ts'
import { clean } from './clean.ts'
import { type Paint, styleOf } from './paint.ts'
import { table } from './table.ts'
import { span } from './time.ts'

const HEAD = ['STEP', 'ACTION', 'TARGET', 'BEFORE → AFTER', 'CONFIDENCE']
const CONFIDENCE = HEAD.length - 1

/** A plan as a table, then who must agree, then the digest that an approval signs. */
export function planText(plan: Plan, paint: Paint): string {
  const rows = plan.lines.flatMap(rowsOf)
  const decorate = (cell: string, column: number): string =>
    column === CONFIDENCE && cell !== '' ? paint(styleOf(cell), cell) : cell
  const gates = plan.gates.map((gate) => `approval: ${gateText(gate)}`)
  return [table(HEAD, rows, { paint, decorate }), '', ...gates, `digest: ${clean(plan.digest)}`].join('\n')
}

/** One row, and one below it for each further field, the undo and the note. */
function rowsOf(line: PlanLine): string[][] {
  const [first = '', ...rest] = whatOf(line)
  const step = line.onFailure ? `${line.step} (on failure)` : line.step
  const target = line.change === undefined ? '' : line.change.target.name
  const confidence = line.kind === 'skip' || line.kind === 'notify' ? '' : line.confidence
  const cells = [step, line.action, target, first, confidence].map(clean)
  return [cells, ...rest.map((text) => ['', '', '', clean(text)])]
}

function whatOf(line: PlanLine): string[] {
  const { change } = line
  const note = change?.note === undefined ? [] : [`note: ${change.note}`]
  if (line.kind === 'satisfied') return ['already as wanted', ...note]
  if (line.kind !== 'change' || change === undefined) return [`${line.kind}: ${line.summary}`, ...note]
  return [...fieldsOf(change), ...undoOf(line.undo), ...lifeOf(line), ...note]
}

function lifeOf({ ttlMs, onExpiry }: PlanLine): string[] {
  return ttlMs === undefined || onExpiry === undefined ? [] : [lifeText({ ttlMs, onExpiry })]
}

/** `replicas: 3 → 0`, for each field that differs. */
export function fieldsOf({ before, after }: Pick<Change, 'before' | 'after'>): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names
    .filter((name) => show(before, name) !== show(after, name))
    .map((name) => `${name}: ${show(before, name)} → ${show(after, name)}`)
}

function show(from: JsonObject, name: string): string {
  const value: Json | undefined = Object.hasOwn(from, name) ? from[name] : undefined
  if (value === undefined) return '(none)'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function undoOf(undo: Undo | undefined): string[] {
  if (undo === undefined) return []
  return [undo.kind === 'inverse' ? `undo: ${undo.action}` : `no undo: ${undo.reason}`]
}

/** `disable needs 2 persons of approver within 30 min (permissions/wipes)`: behind it what asks, where it is not the playbook. */
function gateText({ scope, from, count, withinMs, rule }: Gate): string {
  const what = scope === 'run' ? 'the whole plan' : scope
  const who = count === 1 ? `1 person of ${from}` : `${count} persons of ${from}`
  const because = rule === undefined ? '' : ` (${clean(rule)})`
  return `${clean(what)} needs ${clean(who)} within ${span(withinMs)}${because}`
}
