import type { MemberSystem } from '../core/person.ts'
import type { Directory } from '../core/ports.ts'
import { type Authorities, createAuthorities } from '../bot/authority.ts'
import { createMemberships } from '../bot/memberships.ts'
import type { BotParts } from '../bot/parts.ts'
import { createStandings } from '../bot/standings.ts'
import { connectOnCall } from './on-call.ts'

/**
 * How often it is asked who is in the groups of roles, although nobody wants to know: what was known minutes ago must be
 * there when a system fails at night, after hours in which nobody has used the bot.
 */
const WARM_MS = 2 * 60_000

/** Who people are and what they may, as far as Slack and the on-call systems have said it. */
export function createPeople({
  config,
  clock,
  localOwner,
  stopping,
}: Pick<BotParts, 'config' | 'clock' | 'localOwner'> & { readonly stopping: AbortSignal }) {
  let directory: Directory | undefined
  const arrived = Promise.withResolvers<void>()
  // Who runs `run --local` has no Slack beside them, whatever the configuration says.
  const arrival = config.slack === undefined || localOwner ? {} : { arrival: arrived.promise }
  const standings = createStandings({ directory: () => directory, clock, ...arrival })
  const onCall = connectOnCall(config.onCall, clock)
  const ask = (system: MemberSystem, id: string) =>
    (system === 'slack' ? directory : onCall[system])?.members(id)
  const memberships = createMemberships({ ask, groups: config.groups, clock })
  const authorities: Authorities = createAuthorities(config, memberships)
  const useDirectory = (given: Directory): void => {
    directory = given
    arrived.resolve()
    void standings.refresh(config.people)
    void authorities.refresh()
  }
  void authorities.refresh()
  const warm = setInterval(() => void authorities.refresh(), WARM_MS).unref()
  stopping.addEventListener('abort', () => clearInterval(warm))
  return { standings, authorities, useDirectory }
}
