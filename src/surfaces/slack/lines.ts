import type { PlanLine } from '../../core/plan.ts'
import { stepOf } from '../../core/plan.ts'
import type { RunView } from '../../core/app.ts'
import { nameOf } from '../../core/person.ts'
import { lifeText } from '../../core/containment.ts'
import { isOver, shownSteps, type StepState, waitingSteps } from '../../core/run.ts'
import { describeChange } from './changes.ts'
import { heldSteps, heldWords } from './guardrail-words.ts'
import { code, prose } from './text.ts'
import { localClock, stepSigns } from './words.ts'

/** One line of a run: what was planned, and how far it is. */
export type Line = {
  readonly id: string
  readonly title: string
  readonly plan?: PlanLine
  readonly step?: StepState
  /** What the step waits for, while the run is open. */
  readonly waits?: Waits
}

type Waits = { readonly sign: string; readonly tail: string }

/** Plan lines in order, each with its step; items that became known only while running follow their template. */
export function linesOf(view: RunView): readonly Line[] {
  const { plan, steps } = view.state
  const planned = plan?.lines ?? []
  const known = new Set(planned.map((line) => line.step))
  const extra = shownSteps(view.state).filter((step) => !known.has(step.id))
  const titles = new Map(view.playbook.steps.map((step) => [step.id, step.title]))
  const lines = planned.flatMap((line) => [
    joined(line, steps[line.step]),
    ...extra.filter((step) => stepOf(step.id) === line.step).map((step) => itemLine(step, line.title)),
  ])
  const orphans = extra.filter((step) => !known.has(stepOf(step.id)))
  const all = [...lines, ...orphans.map((step) => itemLine(step, titles.get(stepOf(step.id)) ?? step.id))]
  const waiting = new Map([...heldNow(view), ...waitingSteps(view.state)].map((step) => [step.id, step]))
  return all.map((line) => {
    const step = waiting.get(line.id)
    return step === undefined ? line : { ...line, waits: waitsOf(step, targetOf(line)) }
  })
}

function heldNow(view: RunView): readonly StepState[] {
  return isOver(view.state.status) ? [] : heldSteps(view)
}

function targetOf({ plan, step }: Line): string | undefined {
  return (step?.change ?? plan?.change)?.target.name
}

function waitsOf({ asked, saidDone, waitsUntil, retrying, held }: StepState, target?: string): Waits {
  const until = waitsUntil === undefined ? '' : `until ${localClock(waitsUntil)}`
  if (held !== undefined) return { sign: `⏲️ ${heldWords(held, target)}`, tail: until }
  if (saidDone !== undefined) return { sign: '🔎 said to be done, checking', tail: '' }
  if (asked !== undefined) return { sign: '🙋 waits for a person', tail: until }
  if (retrying !== undefined) return { sign: `🔁 waits for try ${retrying.tries + 1}`, tail: until }
  return { sign: '⏲️ waits', tail: until }
}

function joined(plan: PlanLine, step: StepState | undefined): Line {
  const line = { id: plan.step, title: plan.title, plan }
  return step === undefined ? line : { ...line, step }
}

function itemLine(step: StepState, title: string): Line {
  return { id: step.id, title, step }
}

/** Reads are of little interest until something goes wrong with them. */
export function isQuiet(line: Line): boolean {
  if (line.plan?.effect !== 'read') return false
  return line.step === undefined || !['failed', 'in-doubt'].includes(line.step.status)
}

/** Only sign, word and title: when there is no room for more. */
export function shortLine(line: Line): string {
  return `${sign(line)} · *${prose(line.title, 80)}* (${code(line.id, 40)})`
}

/** The line as the run message shows it. */
export function longLine(line: Line): string {
  return [`${sign(line)} · *${prose(line.title, 80)}*`, what(line), line.waits?.tail ?? '', tail(line)]
    .filter((part) => part !== '')
    .join(' — ')
}

function sign(line: Line): string {
  if (line.waits !== undefined) return line.waits.sign
  if (line.step !== undefined && line.step.status !== 'pending') {
    const { emoji, word } = stepSigns[line.step.status]
    return `${emoji} ${word}`
  }
  return plannedSign(line.plan)
}

const plannedSigns: { readonly [kind in Exclude<PlanLine['kind'], 'change'>]: string } = {
  satisfied: '☑️ already so',
  read: '🔍 reads',
  notify: '💬 tells people',
  wait: '⏲️ waits',
  manual: '🙋 asks a person',
  unknown: '❔ not known yet',
  fails: '❌ would fail',
  skip: '➖ would be skipped',
}

function plannedSign(plan: PlanLine | undefined): string {
  if (plan === undefined) return `${stepSigns.pending.emoji} ${stepSigns.pending.word}`
  if (plan.kind !== 'change') return plannedSigns[plan.kind]
  return plan.effect === 'irreversible' ? '🔺 would change, cannot be undone' : '🔸 would change'
}

function what(line: Line): string {
  const change = line.step?.change ?? line.plan?.change
  if (line.step?.problem === undefined && change !== undefined) return describeChange(change)
  return prose(said(line), 250)
}

function said({ step, plan }: Line): string {
  return step?.problem?.message ?? step?.reason ?? plan?.summary ?? ''
}

function tail(line: Line): string {
  const parts = [
    line.plan?.onFailure === true ? 'only if something fails' : '',
    answerOf(line),
    showsConfidence(line) ? (line.plan?.confidence ?? '') : '',
    lifeOf(line),
    line.plan?.change?.note === undefined ? '' : prose(line.plan.change.note, 200),
  ]
  return parts.filter((part) => part !== '').join(', ')
}

function answerOf({ step }: Line): string {
  const answered = step?.answered
  return answered === undefined ? '' : `${answered.as} by the word of ${prose(nameOf(answered.by), 60)}`
}

/** How long it is to stay; what is in place has words of its own below. */
function lifeOf({ plan, step }: Line): string {
  const status = step?.containment?.status
  if (status === 'lifted' || status === 'kept') return status === 'lifted' ? 'lifted' : 'kept for good'
  if (plan?.kind !== 'change' || plan.ttlMs === undefined || plan.onExpiry === undefined) return ''
  return lifeText({ ttlMs: plan.ttlMs, onExpiry: plan.onExpiry })
}

/** Confidence speaks of the future: once a step has ended, its outcome says more. */
function showsConfidence(line: Line): boolean {
  return (
    line.plan !== undefined &&
    line.waits === undefined &&
    line.plan.kind !== 'skip' &&
    (line.step === undefined || line.step.status === 'pending')
  )
}
