import type { Directory } from '../core/ports.ts'
import { type Authorities, createAuthorities } from '../bot/authority.ts'
import { createMemberships } from '../bot/memberships.ts'
import type { BotParts } from '../bot/parts.ts'
import { createStandings } from '../bot/standings.ts'

/** Who people are and what they may, as far as Slack has said it. */
export function createPeople({
  config,
  clock,
  localOwner,
}: Pick<BotParts, 'config' | 'clock' | 'localOwner'>) {
  let directory: Directory | undefined
  const arrived = Promise.withResolvers<void>()
  // Who runs `run --local` has no Slack beside them, whatever the configuration says.
  const arrival = config.slack === undefined || localOwner ? {} : { arrival: arrived.promise }
  const standings = createStandings({ directory: () => directory, clock, ...arrival })
  const memberships = createMemberships({ directory: () => directory, groups: config.groups, clock })
  const authorities: Authorities = createAuthorities(config, memberships)
  const useDirectory = (given: Directory): void => {
    directory = given
    arrived.resolve()
    void standings.refresh(config.people)
    void authorities.refresh()
  }
  return { standings, authorities, useDirectory }
}
