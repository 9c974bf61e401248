import type { Person } from '../core/person.ts'
import type { Clock, Directory } from '../core/ports.ts'
import { createSlackGroups } from './slack-groups.ts'

/** What Slack said of a group at most this long ago is as good as asking it. */
const FRESH_MS = 60_000
/** Older than this, what Slack said of a group counts for nothing. */
const STALE_MS = 10 * 60_000

type Options = {
  readonly directory: () => Directory | undefined
  /** Slack user groups by role. */
  readonly groups: { readonly [role: string]: readonly string[] }
  readonly clock: Clock
}

/** The roles that people have by Slack groups, as far as it is known who is in them. */
export type Memberships = {
  /** Asks Slack about every group of which it is not known well enough. Never throws. */
  readonly refresh: () => Promise<void>
  /** The roles that a person has by a group for certain, and those of which that was so minutes ago. */
  readonly rolesOf: (person: Person) => {
    readonly certain: readonly string[]
    readonly stale: readonly string[]
  }
  /** Why nobody can say now who has this role; undefined where it is known. */
  readonly doubt: (role: string) => string | undefined
}

export function createMemberships({ directory, groups, clock }: Options): Memberships {
  const slack = createSlackGroups({ directory, clock })
  const all = [...new Set(Object.values(groups).flat())]
  const rolesWithin = (user: string, ms: number) =>
    Object.entries(groups).flatMap(([role, of]) =>
      of.some((group) => slack.within(group, ms)?.has(user) === true) ? [role] : [],
    )
  return {
    refresh: async () => void (await Promise.all(all.map((group) => slack.refresh(group, FRESH_MS)))),
    rolesOf: ({ slack: user }) => {
      if (user === undefined) return { certain: [], stale: [] }
      const certain = rolesWithin(user, FRESH_MS)
      return { certain, stale: rolesWithin(user, STALE_MS).filter((role) => !certain.includes(role)) }
    },
    doubt: (role) => {
      const of = Object.hasOwn(groups, role) ? (groups[role] ?? []) : []
      const dark = of.find((group) => slack.within(group, FRESH_MS) === undefined)
      if (dark === undefined) return undefined
      return `Slack cannot be asked who is in the group ${dark} of ${role} (${slack.why(dark)})`
    },
  }
}
