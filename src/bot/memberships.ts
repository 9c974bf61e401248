import { groupOf, type MemberSystem, type Person } from '../core/person.ts'
import type { Clock, Members } from '../core/ports.ts'
import { createKnownMembers } from './known-members.ts'

type Options = {
  /** Asks a system who is in one of its groups. Undefined: it is not there, or not yet. */
  readonly ask: (system: MemberSystem, id: string) => Promise<Members> | undefined
  /** Slack user groups and schedules by role. */
  readonly groups: { readonly [role: string]: readonly string[] }
  readonly clock: Clock
}

/** The roles that people have by groups and schedules, as far as it is known who is in them. */
export type Memberships = {
  /** Asks about every group of which it is not known well enough who is in it. Never throws. */
  readonly refresh: () => Promise<void>
  /** The roles that a person has by a group for certain, and those of which that was so minutes ago. */
  readonly rolesOf: (person: Person) => {
    readonly certain: readonly string[]
    readonly stale: readonly string[]
  }
  /** Why nobody can say now who has this role; undefined where it is known. */
  readonly doubt: (role: string) => string | undefined
}

export function createMemberships({ ask, groups, clock }: Options): Memberships {
  const known = createKnownMembers({
    ask: (group) => {
      const { system, id } = groupOf(group)
      return ask(system, id)
    },
    clock,
  })
  const all = [...new Set(Object.values(groups).flat())]
  const rolesBy = (person: Person, members: (group: string) => ReadonlySet<string> | undefined) =>
    Object.entries(groups).flatMap(([role, of]) =>
      of.some((group) => isIn(person, group, members)) ? [role] : [],
    )
  return {
    refresh: async () => void (await Promise.all(all.map((group) => known.refresh(group)))),
    rolesOf: (person) => {
      const certain = rolesBy(person, known.certain)
      const stale = rolesBy(person, known.remembered).filter((role) => !certain.includes(role))
      return { certain, stale }
    },
    doubt: (role) => {
      const of = Object.hasOwn(groups, role) ? (groups[role] ?? []) : []
      const dark = of.find((group) => known.certain(group) === undefined)
      return dark === undefined ? undefined : `${askedWords(dark)} of ${role} (${known.why(dark)})`
    },
  }
}

function isIn(
  person: Person,
  group: string,
  members: (group: string) => ReadonlySet<string> | undefined,
): boolean {
  const id = person[groupOf(group).system]
  return id !== undefined && members(group)?.has(id) === true
}

const names: { readonly [S in MemberSystem]: string } = {
  slack: 'Slack',
  pagerduty: 'PagerDuty',
  opsgenie: 'Opsgenie',
}

function askedWords(group: string): string {
  const { system, id } = groupOf(group)
  const what = system === 'slack' ? 'is in the group' : 'is on call in'
  return `${names[system]} cannot be asked who ${what} ${id}`
}
