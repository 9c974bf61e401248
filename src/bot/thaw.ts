import type { DecisionOutcome } from '../core/app.ts'
import { durationText } from '../core/duration.ts'
import { FirebreakError, isFirebreakError } from '../core/errors.ts'
import type { Evidence, NewFact } from '../core/fact.ts'
import type { Account, Person } from '../core/person.ts'
import type { Freeze } from '../core/ports.ts'
import { judgeSigner } from '../policy/authority.ts'
import { decide } from '../policy/decision.ts'
import { personOf } from '../policy/person.ts'
import { refuseSigner } from './gate.ts'
import { actorOf, commit, recorded, refuse, type BotParts } from './parts.ts'
import { allow } from './start.ts'
import type { Wish } from './wish.ts'

type Thaw = Wish & { readonly evidence: Evidence }

/**
 * Lifting a freeze takes as many people as the configuration says. Each says so by themselves, within a time; who has said so
 * counts as long as they may. The freeze that they mean is the one that is lifted, and no other that was set meanwhile.
 */
export function thaw(parts: BotParts, wish: Thaw): Promise<DecisionOutcome> {
  return recorded(parts, { command: 'thaw', account: wish.by }, async () => {
    await allow(parts, wish.by, { verb: 'thaw' })
    const left = await refuseSigner(parts, wish.by)
    if (left !== undefined) throw new FirebreakError(left.code, left.message, left)
    const person = personOf(wish.by, parts.config.people)
    const freeze = await parts.store.frozen()
    if (person === undefined || freeze === undefined) throw notFrozen()
    if (recently(parts, freeze).includes(person.id)) return refuseTwice(parts, person, wish.by)
    await commit(parts, { facts: [askedFact(parts, person, wish)], guards: { frozenSince: freeze.since } })
    return liftIfEnough(parts, person, { ...wish, since: freeze.since })
  })
}

function askedFact(parts: BotParts, { id: person }: Person, { by, reason, evidence }: Thaw): NewFact {
  const data = { person, account: by, evidence, reason }
  return { type: 'thaw.asked', actor: actorOf(parts, by), data }
}

/** Of two who say so at the same moment each finds both, and one of them lifts it. */
async function liftIfEnough(
  parts: BotParts,
  person: Person,
  { since, by, reason, evidence }: Thaw & { readonly since: string },
): Promise<DecisionOutcome> {
  const { count, withinMs } = parts.config.guardrails.thaw
  const freeze = await parts.store.frozen()
  if (freeze?.since !== since) return { kind: 'done' }
  const said = [...(await othersWhoSaidSo(parts, freeze, person)), person.id]
  const missing = count - said.length
  if (missing > 0) {
    const more = missing === 1 ? '1 more person' : `${missing} more people`
    return { kind: 'counted', still: [`${more} must say so within ${durationText(withinMs)}`] }
  }
  const actor = actorOf(parts, by)
  try {
    const fact: NewFact = { type: 'freeze.lifted', actor, data: { reason, evidence, by: said } }
    await commit(parts, { facts: [fact], guards: { frozenSince: since } })
  } catch (error) {
    // Somebody else was first.
    if (!isFirebreakError(error, 'guardrail.not-frozen')) throw error
  }
  parts.driver.wakeAll()
  return { kind: 'done' }
}

/** Whose word is not too old. */
function recently({ clock, config }: BotParts, { thaw: said }: Freeze): readonly string[] {
  const since = clock.now() - config.guardrails.thaw.withinMs
  return said.filter(({ at }) => Date.parse(at) > since).map(({ person }) => person)
}

/** Those whose word counts now: within the time, still permitted, and not known to have left. */
async function othersWhoSaidSo(
  parts: BotParts,
  freeze: Freeze,
  { id: self }: Person,
): Promise<readonly string[]> {
  const recent = recently(parts, freeze)
  const people = parts.authorities.now().people.filter(({ id }) => id !== self && recent.includes(id))
  await parts.standings.refresh(people)
  return people.filter((person) => mayThaw(parts, person)).map(({ id }) => id)
}

/** When they said so they were members; that Slack cannot be asked again now takes nothing from that. */
function mayThaw({ authorities, standings }: BotParts, person: Person): boolean {
  if (judgeSigner(standings.of(person)) !== undefined) return false
  const asker = { kind: 'person', roles: person.roles } as const
  return decide(authorities.now(), asker, { verb: 'thaw' }).outcome === 'allow'
}

async function refuseTwice(parts: BotParts, { name }: Person, account: Account): Promise<DecisionOutcome> {
  const message = `${name} has said so already; lifting a freeze takes several people`
  const error = { code: 'approval.twice', message } as const
  await refuse(parts, { command: 'thaw', account, error })
  return { kind: 'refused', ...error, remedy: 'Ask another person who may thaw.' }
}

function notFrozen(): FirebreakError {
  return new FirebreakError('guardrail.not-frozen', 'Nothing is frozen', { remedy: 'Nothing to do.' })
}
