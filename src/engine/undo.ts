import { stringify } from 'yaml'
import type { ActionRegistry } from '../core/action.ts'
import { FirebreakError } from '../core/errors.ts'
import type { FactData } from '../core/fact.ts'
import type { PlaybookInfo } from '../core/playbook.ts'
import type { RunState } from '../core/run.ts'
import { stepOf } from '../core/plan.ts'
import { instanceUsed } from './coverage.ts'
import { expectationOf, staysOf, undoable, type Undoable } from './put-back.ts'

/** Approval of an undo whose original step asked nobody: one approver, within half an hour. */
const DEFAULT_APPROVE = { from: 'approver', count: 1, within: '30m' }

/**
 * The playbook that puts back what a run did, newest effect first, one after the other (P7). It is a playbook like any
 * other: it is checked, planned and approved, and the log keeps its text.
 */
export function undoPlaybook(run: RunState, info: PlaybookInfo, { only, asks = true }: Partly = {}): string {
  const done = undoable(run).filter(({ id }) => only === undefined || id === only)
  if (done.length === 0) throw nothingToUndo(run)
  const steps = done.map((step, i) => [undoName(i), undoStep(run, info, { step, i, asks })] as const)
  const document = {
    name: `undo-${run.requested.playbook.name}`.slice(0, 60),
    title: `Undo: ${run.requested.playbook.title}`.slice(0, 120).toWellFormed(),
    severity: info.severity,
    because: run.because,
    steps: Object.fromEntries(steps),
  }
  // Playbooks have no aliases and no folded lines.
  return stringify(document, { aliasDuplicateObjects: false, lineWidth: 0 })
}

/** The newest effect is put back first, by `undo_1`. */
export function undoName(place: number): string {
  return `undo_${place + 1}`
}

/** By which step of its undo each step of a run is put back. */
export function undoSteps(run: RunState): ReadonlyMap<string, string> {
  return new Map(undoable(run).map(({ id }, i) => [id, undoName(i)]))
}

/** What such a run must find, step by step, and what it leaves as it is: facts of its request. */
export function undoFacts(
  run: RunState,
  known: { readonly info: PlaybookInfo; readonly actions: ActionRegistry },
): Pick<FactData<'run.requested'>, 'expects' | 'stays'> {
  const expects = undoable(run).flatMap((step, i) => {
    const expected = expectationOf(step, known)
    return expected === undefined ? [] : [[undoName(i), expected] as const]
  })
  const stays = staysOf(run)
  return { expects: Object.fromEntries(expects), ...(stays.length === 0 ? {} : { stays }) }
}

/** Of one step alone; and, at the end of a containment's time, asking nobody. */
type Partly = { readonly only?: string; readonly asks?: boolean }

/** What was recorded is data: nothing in it is an expression. */
function literal(value: unknown): unknown {
  // A function, because in a replacement text `$$` would mean one `$`.
  if (typeof value === 'string') return value.replaceAll('${{', () => '$${{')
  if (Array.isArray(value)) return value.map(literal)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, literal(field)]))
}

type Undoing = { readonly step: Undoable; readonly i: number; readonly asks: boolean }

function undoStep(run: RunState, info: PlaybookInfo, { step, i, asks }: Undoing): object {
  const asked = info.steps.find(({ id }) => id === stepOf(step.id))?.approve ?? []
  const gates = asked.map(({ from, count, withinMs }) => {
    return { from, count, within: `${Math.round(withinMs / 1000)}s` }
  })
  return {
    action: step.undo.action,
    using: instanceUsed(run, step.id),
    with: literal(step.undo.input),
    ...(i === 0 ? {} : { after: [undoName(i - 1)] }),
    // What somebody else has changed since is left as it is; that must not keep the rest from being put back.
    onError: 'continue',
    ...(asks ? { approve: gates.length === 0 ? DEFAULT_APPROVE : gates } : {}),
  }
}

function nothingToUndo(run: RunState): FirebreakError {
  const reasons = staysOf(run).map(({ step, reason }) => `${step}: ${reason}`)
  const why = ['Nothing of this run can be put back', ...reasons].join('; ')
  return new FirebreakError('run.nothing-to-undo', why, {
    remedy: 'See the run for what was done and why it has no inverse.',
  })
}
