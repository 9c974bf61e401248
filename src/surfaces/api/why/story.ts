import { moment } from '../../../core/moment.ts'
import { nameOf } from '../../../core/person.ts'
import type { Fact } from '../../../core/fact.ts'
import type { Gate } from '../../../core/plan.ts'
import type { ApprovalState, RunState, StepState } from '../../../core/run.ts'

/** Who asked for a run, who had to agree and by which rule, what was refused or left out, who acted alone: a line each. */
export function storyOf(state: RunState, facts: readonly Fact[]): readonly string[] {
  return [
    requestLine(state),
    ...state.approvals.flatMap((approval) => approvalLines(state, approval)),
    ...aloneLines(state),
    ...Object.values(state.steps).flatMap(stepLines),
    ...impossibleLines(state),
    ...facts.flatMap(wordLines),
  ]
}

function requestLine({ requested, requester, requestedAt }: RunState): string {
  const { alert, route, undoes, reason } = requested
  const parts = [
    `asked for by ${nameOf(requester)} at ${moment(requestedAt)}`,
    ...(alert === undefined ? [] : [`for alert ${alert}`]),
    ...(route === undefined ? [] : [`by route ${route}`]),
    ...(undoes === undefined ? [] : [`to undo run ${undoes}`]),
    ...(reason === undefined ? [] : [`“${reason}”`]),
  ]
  return parts.join(', ')
}

function approvalLines({ requested }: RunState, approval: ApprovalState): string[] {
  const { at, gates, given, status, because, voided } = approval
  const again = because === undefined ? '' : `, again, because ${because}`
  const agreed = given.map(({ person, at: when }) => `${person} agreed at ${moment(when)}`)
  return [
    ...gates.map(
      (gate) => `${askerOf(gate, requested.route)} asked ${gateWords(gate)} at ${moment(at)}${again}`,
    ),
    ...agreed.map((line) => `  ${line}`),
    ...(voided === undefined ? [] : [`  it counts no more: ${voided}`]),
    ...(status === 'expired' ? ['  nobody answered in time, and silence is a refusal'] : []),
  ]
}

function askerOf({ rule, scope }: Gate, route: string | undefined): string {
  if (rule !== undefined) return rule
  return scope === 'run' && route !== undefined ? `route ${route}` : 'the playbook'
}

function gateWords({ from, count, scope }: Gate): string {
  return `${count} of ${from} about ${scope === 'run' ? 'the whole plan' : scope}`
}

function aloneLines({ id, approvals, review }: RunState): string[] {
  const alone = approvals.flatMap(({ bypassed }) => (bypassed === undefined ? [] : [bypassed]))
  const reviewed = review?.reviewed
  const end =
    reviewed === undefined
      ? `  its review is due: firebreak review ${id}`
      : `  reviewed by ${reviewed.person} at ${moment(reviewed.at)}: ${reviewed.reason}`
  const lines = alone.map(
    ({ person, at, reason, told }) =>
      `${person} acted alone (break-glass) at ${moment(at)}: ${reason}; told: ${told.join(', ') || 'nobody'}`,
  )
  return lines.length === 0 ? [] : [...lines, end]
}

/** What became of a step for another reason than that all went well. */
function stepLines({ id, status, problem, reason }: StepState): string[] {
  if (problem !== undefined) {
    const verb = isRefusal(problem.code) ? `was refused (${problem.code})` : `${status} (${problem.code})`
    return [`${id} ${verb}: ${problem.message}`, `  ${problem.remedy}`]
  }
  if (status === 'satisfied') return [`${id} did nothing: all was as wanted already`]
  return status === 'skipped' ? [`${id} was left out: ${reason ?? ''}`] : []
}

function isRefusal(code: string): boolean {
  return code.startsWith('guardrail.') || code.startsWith('authority.')
}

/** What the plan says cannot be done, of steps that have not begun. */
function impossibleLines({ plan, steps }: RunState): string[] {
  const lines = plan?.lines ?? []
  return lines.flatMap(({ kind, step, summary }) =>
    kind === 'fails' && steps[step] === undefined ? [`${step} cannot be done, by the plan: ${summary}`] : [],
  )
}

/** What people said, and what they wanted and did not get. */
function wordLines(fact: Fact): string[] {
  const at = moment(fact.time)
  switch (fact.type) {
    case 'command.refused':
      return [refusedWords(fact)]
    case 'approval.refused':
      return [`the word of ${nameOf(fact.actor)} at ${at} did not count: ${fact.data.why}`]
    case 'approval.rejected':
      return [`${fact.data.person} rejected it at ${at}: ${fact.data.reason}`]
    case 'approval.withdrawn':
      return [`${fact.data.person} took their approval back at ${at}: ${fact.data.reason}`]
    case 'run.cancel-requested':
      return [`${nameOf(fact.actor)} cancelled it at ${at}: ${fact.data.reason}`]
    default:
      return []
  }
}

export function refusedWords({ data, actor, time }: Fact & { type: 'command.refused' }): string {
  return `“${data.command}” of ${nameOf(actor)} was refused at ${moment(time)}: ${data.code}: ${data.message}`
}
