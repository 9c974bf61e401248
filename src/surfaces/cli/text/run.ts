import type { RunView } from '../../../core/app.ts'
import { nameOf } from '../../../core/person.ts'
import {
  isOver,
  isSettled,
  type RunState,
  shownSteps,
  type StepState,
  waitingSteps,
} from '../../../core/run.ts'
import { isLive } from '../../../core/containment.ts'
import { isReviewDue } from '../../../core/run-approvals.ts'
import { clean } from './clean.ts'
import { containmentLines, standingText } from './containment.ts'
import { type Paint, styleOf } from './paint.ts'
import { fieldsOf, planText } from './plan.ts'
import { table } from './table.ts'
import { moment } from './time.ts'

/** What a run is, in a few lines: who asked for what, how it stands, what is missing. */
export function runHead(
  { state, playbook, waitingFor, byHand = [], notes = [] }: RunView,
  paint: Paint,
): string {
  const status = paint(styleOf(state.status), state.status)
  const mode = state.mode === 'dry-run' ? ' (dry run)' : ''
  const lines = [
    `run ${clean(state.id)}: ${clean(playbook.name)}${mode}: ${status}`,
    ...notes.map((note) => paint('yellow', clean(note))),
    `${clean(playbook.title)}; because of a ${playbook.because}`,
    `asked by ${clean(askedBy(state))} at ${moment(state.requestedAt)}`,
    ...Object.entries(state.requested.inputs).map(([name, value]) =>
      clean(`  ${name} = ${JSON.stringify(value)}`),
    ),
    ...aloneLines(state, paint),
    ...endOf(state),
    ...parkedLines(state),
    ...(state.requested.stays ?? []).map(({ step, reason }) => clean(`stays as it is, ${step}: ${reason}`)),
  ]
  if (waitingFor !== undefined) {
    const { missing, eligible, expires } = waitingFor
    const who = eligible.map(({ name, id }) => `${name} (${id})`).join(', ')
    lines.push(`waits until ${moment(expires)} for: ${clean(missing.join('; '))}`)
    lines.push(`may decide: ${clean(who || 'nobody who is configured')}`)
  }
  lines.push(...byHand.flatMap((task) => taskLines(state, task)), ...containmentLines(state))
  return lines.join('\n')
}

function taskLines(state: RunState, { step, people }: NonNullable<RunView['byHand']>[number]): string[] {
  const { asked, notClosed } = state.steps[step] ?? {}
  const who = people.map(({ name, id }) => `${name} (${id})`).join(', ')
  const where = asked?.link === undefined ? '' : ` (${asked.link})`
  return [
    `to be done by hand, ${step}: ${asked?.what ?? ''}${where}`,
    ...(notClosed === undefined ? [] : [`  not closed yet: ${notClosed}`]),
    `  may say that it is done: ${who || 'nobody who is configured'}; firebreak runs done ${state.id} ${step}`,
  ].map(clean)
}

function askedBy(state: RunState): string {
  const { alert, reason, undoes } = state.requested
  const because = [
    alert === undefined ? [] : [`for alert ${alert}`],
    undoes === undefined ? [] : [`to undo run ${undoes}`],
    reason === undefined ? [] : [`"${reason}"`],
  ].flat()
  return [nameOf(state.requester), ...because].join(', ')
}

function endOf(state: RunState): string[] {
  const { problem, reason, stop } = state
  const lines: string[] = []
  if (problem !== undefined) {
    lines.push(`${clean(problem.code)}: ${clean(problem.message)}`, `  → ${clean(problem.remedy)}`)
  }
  if (state.held !== undefined) {
    const { by, at, reason: why } = state.held
    lines.push(`legal hold by ${clean(nameOf(by))} since ${moment(at)}: ${clean(why)}`)
  }
  const said = reason ?? stop?.reason
  if (said !== undefined) lines.push(`reason: ${clean(said)}`)
  return lines
}

/** One person has acted alone in it: nobody who looks at the run is to miss that. */
function aloneLines(state: RunState, paint: Paint): string[] {
  if (state.review === undefined) return []
  const { by, reason, at, reviewed } = state.review
  const act = `BREAK-GLASS: ${by} acted alone at ${moment(at)}: ${reason}`
  if (reviewed !== undefined)
    return [act, `  reviewed by ${reviewed.person} at ${moment(reviewed.at)}: ${reviewed.reason}`].map(clean)
  const due = `  its review is due, by somebody else: firebreak review ${state.id} --reason …`
  return [act, due].map((line) => paint('yellow', clean(line)))
}

/** What a person does about a run that waits for one. */
function parkedLines({ id, status, steps }: RunState): string[] {
  if (status !== 'parked') return []
  const doubts = Object.values(steps).filter((step) => step.status === 'in-doubt')
  const answers = doubts.map((step) => ` [--applied ${step.id} | --absent ${step.id}]`).join('')
  return [
    clean(
      `take it on: firebreak runs resume ${id}${answers} --reason …; end it: firebreak runs cancel ${id}`,
    ),
  ]
}

/** The whole run: head, then its plan while nothing has begun, else its steps. */
export function runText(view: RunView, paint: Paint): string {
  const { plan } = view.state
  const begun = shownSteps(view.state)
  const waits = new Set([...waitingSteps(view.state), ...heldSteps(view.state)].map(({ id }) => id))
  const head = runHead(view, paint)
  if (begun.length > 0) return `${head}\n\n${stepsText(begun, { paint, waits })}`
  return plan === undefined ? head : `${head}\n\n${planText(plan, paint)}`
}

/** Steps that a guardrail holds back. */
function heldSteps({ status, steps }: RunState): readonly StepState[] {
  if (isOver(status)) return []
  return Object.values(steps).filter((step) => step.held !== undefined && !isSettled(step.status))
}

type Showing = { readonly paint: Paint; readonly waits: ReadonlySet<string> }

function stepsText(steps: readonly StepState[], { paint, waits }: Showing): string {
  const rows = steps.map((step) => [
    clean(step.id),
    step.status,
    clean(step.change?.target.name ?? ''),
    clean(waits.has(step.id) ? waitText(step) : resultOf(step)),
  ])
  const decorate = (cell: string, column: number): string =>
    column === 1 ? paint(styleOf(cell), cell) : cell
  return table(['STEP', 'STATUS', 'TARGET', 'WHAT'], rows, { paint, decorate })
}

function waitText({ held, asked, saidDone, waitsUntil, retrying }: StepState): string {
  const until = waitsUntil === undefined ? '' : ` until ${moment(waitsUntil)}`
  if (held !== undefined) return `held back since ${moment(held.at)}${until}: ${held.why}`
  if (saidDone !== undefined) return `${saidDone.person} says it is done; being looked at`
  if (retrying !== undefined) {
    const { tries, problem } = retrying
    return `waits${until} for try ${tries + 1}, after ${problem.code}: ${problem.message}`
  }
  return asked === undefined ? `waits${until}` : `waits for a ${asked.who}${until}: ${asked.what}`
}

function resultOf({ problem, reason, change, containment, answered }: StepState): string {
  if (problem !== undefined) return `${problem.code}: ${problem.message} → ${problem.remedy}`
  if (reason !== undefined) return reason
  // Of what is still in place the head of the run speaks.
  const fate = containment === undefined || isLive(containment) ? [] : [standingText(containment)]
  const word = answered === undefined ? [] : [`${answered.as} by the word of ${nameOf(answered.by)}`]
  return [...(change === undefined ? [] : fieldsOf(change)), ...fate, ...word].join(', ')
}

export function runsTable(views: readonly RunView[], paint: Paint): string {
  const due = views.some(({ state }) => isReviewDue(state))
  const rows = views.map(({ state, playbook }) => [
    clean(state.id),
    state.status,
    clean(playbook.name),
    clean(nameOf(state.requester)),
    moment(state.requestedAt),
    isReviewDue(state) ? 'review due' : '',
  ])
  const decorate = (cell: string, column: number): string =>
    column === 1 ? paint(styleOf(cell), cell) : cell
  const head = ['RUN', 'STATUS', 'PLAYBOOK', 'ASKED BY', 'AT', ...(due ? ['BREAK-GLASS'] : [])]
  return table(head, rows, { paint, decorate })
}
