import type { Person } from '../core/person.ts'
import type { Gate } from '../core/plan.ts'
import type { ApprovalState, RunState } from '../core/run.ts'
import type { GateStatus } from '../engine/parts.ts'
import { gateStatus, type GateContext } from '../policy/approval.ts'
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
