import type { Account, Person } from '../core/person.ts'
import type { Gate } from '../core/plan.ts'
import type { ApprovalState, RunState } from '../core/run.ts'
import type { GateStatus } from '../engine/parts.ts'
import { whyNotAlone } from '../policy/alone.ts'
import { judgeSigner, type Refusal } from '../policy/authority.ts'
import { gateStatus, type GateContext, isInGoodStanding } from '../policy/gates.ts'
import { personOf } from '../policy/person.ts'
import type { BotParts } from './parts.ts'
import { pointsOfGate } from './points.ts'

type Context = Pick<BotParts, 'config' | 'actions' | 'standings' | 'authorities' | 'clock'>

/** Who is who now, for judging approvals. */
export function contextFor(parts: Context, run: RunState): GateContext {
  const { config, standings, authorities, clock } = parts
  const { people } = config
  return {
    authority: authorities.now(),
    about: (approval, gate) => pointsOfGate(parts, run, { approval, gate }),
    now: clock.now(),
    requester: run.requester,
    standing: (id) => {
      const person = people.find((candidate) => candidate.id === id)
      return person && standings.of(person)
    },
  }
}

/** Whether who acted alone still may: known, in good standing, and allowed to by the rules as they are now. */
export async function judgeBypass(
  parts: Context,
  run: RunState,
  { request: of, person: id, account }: NonNullable<ApprovalState['bypassed']>,
): Promise<boolean> {
  const request = run.approvals.find((approval) => approval.request === of)
  const person = parts.config.people.find((candidate) => candidate.id === id)
  if (request === undefined || person === undefined) return false
  if (personOf(account, parts.config.people)?.id !== id) return false
  await parts.standings.refresh([person])
  await parts.authorities.refresh()
  const context = contextFor(parts, run)
  const { authority, about } = context
  const refusal = whyNotAlone({ account, request, authority, about })
  return isInGoodStanding(person, context, account) && refusal === undefined
}

/** Why a signature is not enough: its signer has left Slack. What a click is worth is known with the click. */
export async function refuseSigner(
  { config, standings }: Pick<BotParts, 'config' | 'standings'>,
  account: Account,
): Promise<Refusal | undefined> {
  const person = account.via === 'ssh' ? personOf(account, config.people) : undefined
  if (person === undefined) return undefined
  await standings.refresh([person])
  return judgeSigner(standings.of(person))
}

/** The engine's question at the moment of effect: are there enough people who may approve now? Slack is asked first. */
export async function judgeGate(
  parts: Context,
  run: RunState,
  { approval, gate }: { approval: ApprovalState; gate: Gate },
): Promise<GateStatus> {
  // Also about those who signed: who has left the company approves by no door.
  const given = new Set(approval.given.map(({ person }) => person))
  const people: Person[] = parts.config.people.filter(({ id }) => given.has(id))
  await parts.standings.refresh(people)
  // Who was taken out of the group approves no more.
  await parts.authorities.refresh()
  const { satisfied, missing } = gateStatus(approval, gate, contextFor(parts, run))
  return { satisfied, missing }
}
