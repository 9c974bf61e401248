import { setTimeout as sleep } from 'node:timers/promises'
import type { Person, Standing } from '../core/person.ts'
import type { Clock, Directory } from '../core/ports.ts'

/** A standing that Slack told at most this long ago still counts when Slack cannot be asked. Older: nobody knows. */
const STALE_MS = 10 * 60_000

/** At a start, runs that were approved wait this long for Slack to be there, before nobody knows who their approvers are. */
const ARRIVAL_MS = 5000

type Options = {
  readonly directory: () => Directory | undefined
  /** Slack is configured: until it is there, nothing is known of who has an account. Resolves when it is. */
  readonly arrival?: Promise<void>
  readonly clock: Clock
}

/** What Slack says of the people, as far as it is known: asked before it is used, kept for when Slack is down. */
export type Standings = {
  /** Asks Slack about these people. Never throws. */
  readonly refresh: (people: readonly Person[]) => Promise<void>
  /** Undefined: no Slack account, or no Slack at all. */
  readonly of: (person: Person) => Standing | undefined
}

export function createStandings({ directory, arrival, clock }: Options): Standings {
  const known = new Map<string, { standing: Standing; at: number }>()
  async function ask(user: string): Promise<void> {
    const standing = await directory()?.standing(user)
    if (standing !== undefined && standing !== 'unknown') known.set(user, { standing, at: clock.now() })
  }
  return {
    refresh: async (people) => {
      if (people.length === 0) return
      if (directory() === undefined && arrival !== undefined)
        await Promise.race([arrival, sleep(ARRIVAL_MS, undefined, { ref: false })])
      await Promise.allSettled(people.flatMap(({ slack }) => (slack === undefined ? [] : [ask(slack)])))
    },
    of: ({ slack }) => {
      if (slack === undefined || (directory() === undefined && arrival === undefined)) return undefined
      const entry = known.get(slack)
      return entry && clock.now() - entry.at <= STALE_MS ? entry.standing : 'unknown'
    },
  }
}
