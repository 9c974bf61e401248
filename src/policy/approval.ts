import type { ErrorCode } from '../core/errors.ts'
import type { Account, Actor, Person, Standing } from '../core/person.ts'
import type { Gate } from '../core/plan.ts'
import type { ApprovalState, RunState } from '../core/run.ts'
import { isOver } from '../core/run.ts'
import { type Authority, identify, mayDo, type Refusal, refusal } from './authority.ts'
import { decide, sourceWords, whoMay } from './decision.ts'
import type { Point } from './rules.ts'
import { personOf } from './person.ts'

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

/** What the gate is about: the steps that it lets act. */
type About = (approval: ApprovalState, gate: Gate) => readonly Point[]

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

/** The rule that keeps a person who has the role of the gate from approving what it is about. */
function excludedFrom(
  person: Person,
  { authority, about, request }: Pick<Judgement, 'authority' | 'about' | 'request'>,
  gate: Gate,
): Refusal | undefined {
  const points = about(request, gate)
  const asker = { kind: 'person', roles: person.roles } as const
  const { outcome, by } = decide(authority, asker, { verb: 'approve', points })
  if (outcome !== 'deny') return undefined
  const roles = whoMay(by).join(', ') || 'nobody'
  return refusal({
    code: 'approval.missing-role',
    message: `${person.name} may not approve this: ${sourceWords(by)} names ${roles}`,
    remedy: `Ask a person who has the role of the gate, ${gate.from}, and may approve by that rule.`,
  })
}

/** What holds for approving and rejecting alike. */
function judgeShown({ request, run, digest, account, now, authority }: Judgement): Judged {
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

export type GateContext = {
  readonly authority: Authority
  readonly about: About
  readonly now: number
  readonly requester: Actor
  /**
   * What a person's Slack account is at this moment. Undefined: the person has none, or is not asked about. `unknown`
   * (Slack is down) takes the force of a click, but not of a signature.
   */
  readonly standing: (person: string) => Standing | undefined
}

export type GateStatus = {
  readonly satisfied: boolean
  /** It can no longer be satisfied: the time for answers is over. */
  readonly expired: boolean
  /** In words: `1 of 2 approvers for disable`; the first number is how many are still missing. Empty: none. */
  readonly missing: string
  /** Who could still help. */
  readonly eligible: readonly Person[]
}

/** One gate now: only given approvals count whose person is eligible at this moment. */
export function gateStatus(approval: ApprovalState, gate: Gate, context: GateContext): GateStatus {
  const counted = countedFor(approval, gate, context)
  const missing = Math.max(0, gate.count - counted.size)
  const alive = approval.status === 'open' || approval.status === 'satisfied'
  const { people } = context.authority
  const satisfied = missing === 0 && alive
  return {
    satisfied,
    expired: missing > 0 && context.now >= deadlineOf(approval, gate),
    missing: missing === 0 ? '' : missingWords(gate, missing),
    eligible: satisfied
      ? []
      : people.filter((person) => !counted.has(person.id) && isEligible({ person, approval, gate, context })),
  }
}

/** All gates of a request together: what a person reads while it waits. */
export function requestStatus(
  approval: ApprovalState,
  context: GateContext,
): {
  readonly satisfied: boolean
  readonly missing: readonly string[]
  readonly eligible: readonly Person[]
} {
  const gates = approval.gates.map((gate) => gateStatus(approval, gate, context))
  const eligible = new Set(gates.flatMap((status) => status.eligible))
  return {
    satisfied: gates.every((status) => status.satisfied),
    missing: gates.flatMap(({ missing }) => (missing === '' ? [] : [missing])),
    // Who has approved cannot approve again, even where another gate is still open.
    eligible: [...eligible].filter((person) => approval.given.every((given) => given.person !== person.id)),
  }
}

/** The distinct persons whose approval counts for this gate now. */
function countedFor(approval: ApprovalState, gate: Gate, context: GateContext): ReadonlySet<string> {
  const deadline = deadlineOf(approval, gate)
  const { people } = context.authority
  const persons = approval.given
    .filter(({ at, digest }) => digest === approval.digest && Date.parse(at) < deadline)
    .flatMap(({ person: id, account }) => {
      const person = people.find((candidate) => candidate.id === id)
      // The account must still be this person's: a key or Slack id taken out of `people` takes its approvals along.
      if (person === undefined || personOf(account, people)?.id !== id) return []
      return isEligible({ person, approval, gate, context, by: account }) ? [id] : []
    })
  return new Set(persons)
}

type Eligibility = {
  readonly person: Person
  readonly approval: ApprovalState
  readonly gate: Gate
  readonly context: GateContext
  /** The account that was used; without it, any of the person's. */
  readonly by?: Account
}

function isEligible({ person, approval, gate, context, by }: Eligibility): boolean {
  const { authority, about, requester } = context
  if (!person.roles.includes(gate.from)) return false
  if (isRequester(person, requester, authority.people)) return false
  if (!isInGoodStanding(person, context, by)) return false
  return excludedFrom(person, { authority, about, request: approval }, gate) === undefined
}

function isInGoodStanding(person: Person, { standing: of }: GateContext, by: Account | undefined): boolean {
  if (by?.via === 'slack' && by.standing !== 'member') return false
  const standing = of(person.id)
  if (standing === undefined || standing === 'member') return true
  return standing === 'unknown' && by?.via !== 'slack'
}

function deadlineOf(approval: ApprovalState, gate: Gate): number {
  return Math.min(Date.parse(approval.expires), Date.parse(approval.at) + gate.withinMs)
}

/** By the person that was recorded, and by the person whom the account names today. */
function isRequester(person: Person, requester: Actor, people: readonly Person[]): boolean {
  if (requester.kind === 'system') return false
  return requester.person === person.id || personOf(requester.account, people)?.id === person.id
}

function missingWords(gate: Gate, missing: number): string {
  const role = gate.count === 1 ? gate.from : `${gate.from}s`
  return `${missing} of ${gate.count} ${role} for ${gate.scope === 'run' ? 'the whole run' : gate.scope}`
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
