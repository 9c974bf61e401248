import { canonicalJson } from '../core/canonical.ts'
import type { Account, Actor, Person, Standing } from '../core/person.ts'
import type { Gate } from '../core/plan.ts'
import type { ApprovalState } from '../core/run.ts'
import type { Authority } from './authority.ts'
import { type About, excludedFrom } from './excluded.ts'
import { personOf } from './person.ts'
import { type Bench, seat } from './seats.ts'

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
}

/**
 * One gate now: only given approvals count whose person is eligible at this moment. Of several groups that one rule, or the
 * playbook, asks about a step, a person counts for one. What the request has not asked for it does not satisfy.
 */
export function gateStatus(approval: ApprovalState, gate: Gate, context: GateContext): GateStatus {
  const company = approval.gates.filter((other) => companyOf(other) === companyOf(gate))
  const seated = seatedAt(approval, company, context)
  // The same may be asked twice, and then needs twice as many persons.
  const same = company.flatMap((other, at) => (isSame(other, gate) ? [seated[at]?.length ?? 0] : []))
  const missing = same.length === 0 ? gate.count : gate.count - Math.min(...same)
  const alive = approval.status === 'open' || approval.status === 'satisfied'
  return {
    satisfied: missing === 0 && alive,
    expired: missing > 0 && context.now >= deadlineOf(approval, gate),
    missing: missing === 0 ? '' : missingWords(gate, missing),
  }
}

/** All gates of a request together: what a person reads while it waits. */
export function requestStatus(
  approval: ApprovalState,
  context: GateContext,
): {
  readonly satisfied: boolean
  readonly missing: readonly string[]
  /** Who could still help. */
  readonly eligible: readonly Person[]
} {
  const gates = approval.gates.map((gate) => gateStatus(approval, gate, context))
  // Who has approved cannot approve again, even where another gate is still open.
  const others = context.authority.people.filter(({ id }) =>
    approval.given.every((given) => given.person !== id),
  )
  return {
    satisfied: gates.every((status) => status.satisfied),
    missing: gates.flatMap(({ missing }) => (missing === '' ? [] : [missing])),
    eligible: others.filter((person) => wouldHelp(person, approval, context)),
  }
}

function isSame(one: Gate, other: Gate): boolean {
  return canonicalJson(one) === canonicalJson(other)
}

/** With this person, one seat more would be taken. */
function wouldHelp(person: Person, approval: ApprovalState, context: GateContext): boolean {
  return [...Map.groupBy(approval.gates, companyOf).values()].some((company) => {
    const given = countedOf(approval, context)
    const benches = benchesFor(approval, company, { given, context })
    const before = seat(benches, [...given.keys()])
    const extended = benches.map(({ count, fits }, at): Bench => ({
      count,
      fits: (id) => (id === person.id ? mayTake(person, company[at], { approval, context }) : fits(id)),
    }))
    return sizeOf(seat(extended, [...given.keys(), person.id])) > sizeOf(before)
  })
}

function mayTake(
  person: Person,
  gate: Gate | undefined,
  around: Pick<Eligibility, 'approval' | 'context'>,
): boolean {
  return gate !== undefined && isEligible({ person, gate, ...around })
}

/** Gates that ask for several groups together: of one step, by one rule. */
function companyOf({ scope, rule = '' }: Gate): string {
  return JSON.stringify([scope, rule])
}

function sizeOf(seated: readonly (readonly string[])[]): number {
  return seated.reduce((sum, { length }) => sum + length, 0)
}

function seatedAt(
  approval: ApprovalState,
  company: readonly Gate[],
  context: GateContext,
): readonly (readonly string[])[] {
  const given = countedOf(approval, context)
  return seat(benchesFor(approval, company, { given, context }), [...given.keys()])
}

type Given = ReadonlyMap<string, ApprovalState['given'][number]>
type Judging = { readonly given: Given; readonly context: GateContext }

function benchesFor(
  approval: ApprovalState,
  company: readonly Gate[],
  { given, context }: Judging,
): readonly Bench[] {
  return company.map((gate) => ({
    count: gate.count,
    fits: (id) => {
      const said = given.get(id)
      const person = context.authority.people.find((candidate) => candidate.id === id)
      if (said === undefined || person === undefined) return false
      if (Date.parse(said.at) >= deadlineOf(approval, gate)) return false
      return isEligible({ person, approval, gate, context, by: said.account })
    },
  }))
}

/** The approvals of this very plan, by person. */
function countedOf(approval: ApprovalState, { authority: { people } }: GateContext): Given {
  const counted = approval.given.filter(
    // The account must still be this person's: a key or Slack id taken out of `people` takes its approvals along.
    ({ digest, person, account }) => digest === approval.digest && personOf(account, people)?.id === person,
  )
  return new Map(counted.map((given) => [given.person, given]))
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

/** Of a click Slack must say so now; of a signature Slack need not be there. */
export function isInGoodStanding(
  person: Person,
  { standing: of }: Pick<GateContext, 'standing'>,
  by: Account | undefined,
): boolean {
  if (by?.via === 'slack' && by.standing !== 'member') return false
  const standing = of(person.id)
  if (standing === undefined || standing === 'member') return true
  return standing === 'unknown' && by?.via !== 'slack'
}

function deadlineOf(approval: ApprovalState, gate: Gate): number {
  return Math.min(Date.parse(approval.expires), Date.parse(approval.at) + gate.withinMs)
}

/** By the person that was recorded, and by the person whom the account names today. */
export function isRequester(person: Person, requester: Actor, people: readonly Person[]): boolean {
  if (requester.kind === 'system') return false
  return requester.person === person.id || personOf(requester.account, people)?.id === person.id
}

function missingWords({ from, count, scope, rule }: Gate, missing: number): string {
  const role = count === 1 ? from : `${from}s`
  const because = rule === undefined ? '' : ` (${rule})`
  return `${missing} of ${count} ${role} for ${scope === 'run' ? 'the whole run' : scope}${because}`
}
