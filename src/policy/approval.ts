import type { ErrorCode } from '../core/errors.ts'
import type { Account, Person } from '../core/person.ts'
import type { ApprovalState, RunState } from '../core/run.ts'
import { isOver } from '../core/run.ts'
import { type Authority, identify, mayDo, type Refusal, refusal } from './authority.ts'
import { type About, excludedFrom } from './excluded.ts'
import { isRequester } from './gates.ts'

/** Somebody wants to approve or reject. `digest` is that of the plan which was on their screen or in their text. */
export type Judgement = {
  readonly run: RunState
  readonly request: ApprovalState
  readonly digest: string
  readonly account: Account
  /** Milliseconds since 1970. */
  readonly now: number
  readonly authority: Authority
  readonly about: About
}

export type Judged = { readonly kind: 'counted'; readonly person: Person } | Refused
type Refused = {
  readonly kind: 'refused'
  readonly code: ErrorCode
  readonly message: string
  readonly remedy: string
}

/**
 * Whether this approval counts (P4): an open request and the plan that was shown; a known person of good standing with
 * the role of a gate; not the requester by any account; nobody twice.
 */
export function judgeApproval(judgement: Judgement): Judged {
  const { request, run, authority } = judgement
  const known = judgeShown(judgement)
  if (known.kind === 'refused') return known
  const { person } = known
  if (isRequester(person, run.requester, authority.people)) return refused(ownRequest(person))
  if (request.given.some((given) => given.person === person.id)) return refused(twice(person))
  const roles = request.gates.map((gate) => gate.from)
  const mine = request.gates.filter((gate) => person.roles.includes(gate.from))
  if (mine.length === 0) return refused(noGate(person, { roles, authority }))
  const excluded = mine.map((gate) => excludedFrom(person, judgement, gate))
  const [first] = excluded
  // One gate that this person may help with is enough.
  return first === undefined || excluded.includes(undefined) ? known : refused(first)
}

/** Whether this person may reject: whoever could approve or cancel, also the requester, since it only stops things. */
export function judgeRejection(judgement: Judgement): Judged {
  const known = judgeShown(judgement)
  if (known.kind === 'refused') return known
  const { request, authority, account, about } = judgement
  const gates = request.gates.map((gate) => gate.from)
  const { person } = known
  const roles = [...person.roles, ...authority.remembered(person)]
  if (gates.some((role) => roles.includes(role))) return known
  const points = request.gates.flatMap((gate) => about(request, gate))
  const cancels = mayDo({ verb: 'cancel', points }, account, authority)
  return cancels.allow
    ? known
    : refused(noGate(person, { roles: [...gates, ...authority.permissions.cancel], authority }))
}

/** What holds for whatever is decided about a request. */
export function judgeShown({ request, run, digest, account, now, authority }: Judgement): Judged {
  if (isOver(run.status) || request.status !== 'open' || !isOf(run, request)) {
    return refused(notOpen(run, request))
  }
  if (now >= Date.parse(request.expires)) return refused(expired(request))
  if (digest !== request.digest) return refused(otherPlan)
  const known = identify(account, authority.people)
  return known.allow ? { kind: 'counted', person: known.person } : refused(known)
}

function isOf(run: RunState, { request }: ApprovalState): boolean {
  return run.approvals.some((approval) => approval.request === request)
}

function refused({ code, message, remedy }: Omit<Refusal, 'allow'>): Refused {
  return { kind: 'refused', code, message, remedy }
}

function notOpen(run: RunState, request: ApprovalState): Refusal {
  return refusal({
    code: 'approval.not-open',
    message: `this request is not open: ${whyNotOpen(run, request)}`,
    remedy: `Look at run ${run.id}: if it still waits, it shows a newer request.`,
  })
}

function whyNotOpen(run: RunState, request: ApprovalState): string {
  if (isOver(run.status)) return `the run is ${run.status}`
  switch (request.status) {
    case 'satisfied':
      return 'it has all the approvals it needs'
    case 'voided':
      return request.voided ?? 'the plan has changed'
    case 'rejected':
    case 'expired':
      return `it is ${request.status}`
    case 'open':
      return 'it belongs to another run'
  }
}

function expired(request: ApprovalState): Refusal {
  return refusal({
    code: 'approval.expired',
    message: `this request was open until ${request.expires}; an answer that comes later is no approval`,
    remedy: 'Start the playbook again and approve its fresh plan.',
  })
}

const otherPlan = refusal({
  code: 'approval.other-plan',
  message: 'the decision is about another plan than the one that waits',
  remedy: 'Open the run again, read the plan as it is now, and decide about that.',
})

function ownRequest(person: Person): Refusal {
  return refusal({
    code: 'approval.own-request',
    message: `${person.name} asked for this run, and nobody approves their own request, by whatever account`,
    remedy: 'Ask another person with the role of the gate.',
  })
}

function twice(person: Person): Refusal {
  return refusal({
    code: 'approval.twice',
    message: `${person.name} has already approved this request; persons count, not accounts`,
    remedy: 'Ask another person with the role of the gate.',
  })
}

type Needed = { readonly roles: readonly string[]; readonly authority: Authority }

function noGate(person: Person, { roles, authority }: Needed): Refusal {
  const doubt = roles.map((role) => authority.doubt(role)).find((why) => why !== undefined)
  if (doubt !== undefined) {
    return refusal({
      code: 'authority.group-unknown',
      message: `nobody can say now whether ${person.name} may decide about this: ${doubt}`,
      remedy: 'Try again in a minute, or ask somebody who has the role by name, under people or roles.',
    })
  }
  return refusal({
    code: 'approval.missing-role',
    message: `${person.name} has ${person.roles.join(', ') || 'no role'}; this request is decided by ${[...new Set(roles)].join(' or ')}`,
    remedy: 'Ask a person with that role.',
  })
}
