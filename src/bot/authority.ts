import type { Config } from '../config/config.ts'
import type { Person } from '../core/person.ts'
import type { Authority } from '../policy/authority.ts'
import { ruleBook } from '../policy/rules.ts'
import type { Memberships } from './memberships.ts'

/** Who may do what, at this moment. */
export type Authorities = {
  /** Asks about groups and schedules of which it is not known well enough who is in them. Never throws. */
  readonly refresh: () => Promise<void>
  readonly now: () => Authority
  /** With every role that they may be believed to have for what makes nothing worse. */
  readonly people: () => readonly Person[]
}

export function createAuthorities(config: Config, memberships: Memberships): Authorities {
  const { people, permissions } = config
  const rules = ruleBook(config.rules)
  return {
    refresh: memberships.refresh,
    now: () => ({
      people: people.map((person) => withRoles(person, memberships.rolesOf(person).certain)),
      permissions,
      rules,
      remembered: (person) => memberships.rolesOf(person).stale,
      doubt: memberships.doubt,
    }),
    people: () =>
      people.map((person) => {
        const { certain, stale } = memberships.rolesOf(person)
        return withRoles(person, [...certain, ...stale])
      }),
  }
}

function withRoles(person: Person, more: readonly string[]): Person {
  return more.length === 0 ? person : { ...person, roles: [...new Set([...person.roles, ...more])] }
}
