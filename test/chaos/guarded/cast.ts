import type { Account, Standing } from '../../../src/core/person.ts'
import type { Directory } from '../../../src/core/ports.ts'
import { keys, slack, ssh } from '../../support/people.ts'

/** The user group whose members approve. */
const GROUP = 'S0APPROVERS'

/**
 * Rita asks, and could approve what others ask for. Lee leads besides. Gus is a guest whom somebody has put into the group.
 */
const members = ['rita', 'ann', 'bob', 'cleo', 'gus', 'lee'] as const
export type Member = (typeof members)[number]
export type Role = 'approver' | 'lead'

const signing = { rita: keys.rita, ann: keys.ann, bob: keys.bob }
export type Signer = keyof typeof signing

/** As firebreak.yaml has them. `torn` is a file that takes Ann and her key for two people. */
export function peopleIn(torn: boolean): object {
  const annsKey = torn ? [] : [keys.ann.line]
  return {
    people: [
      person('rita', { roles: ['responder'], sshKeys: [keys.rita.line] }),
      person('ann', { sshKeys: annsKey }),
      person('bob', { sshKeys: [keys.bob.line] }),
      person('cleo', {}),
      person('gus', {}),
      person('lee', { roles: ['lead'] }),
      ...(torn ? [{ id: 'key', name: 'Key', roles: ['approver'], sshKeys: [keys.ann.line] }] : []),
    ],
    roles: { approver: { slackGroups: [GROUP] } },
  }
}

function person(id: string, more: object): object {
  return { id, name: id, slack: `U0${id.toUpperCase()}`, ...more }
}

type Known = { readonly moment: number; readonly of: ReadonlyMap<string, ReadonlySet<Role>> }

/** Who people really are, at each moment: what Slack is asked about, and what the truth is held against. */
export class Cast {
  readonly #group = new Set<string>(members)
  readonly #standings = new Map<string, Standing>([['gus', 'guest']])
  readonly #past: Known[] = []

  constructor() {
    this.#note(0)
  }

  readonly directory: Directory = {
    standing: async (user) => this.standing(userOf(user)),
    members: async () => ({ members: [...this.#group].map((id) => `U0${id.toUpperCase()}`) }),
  }

  leaves(who: Member, moment: number): void {
    this.#group.delete(who)
    this.#note(moment)
  }

  becomes(who: Member, standing: Standing, moment: number): void {
    this.#standings.set(who, standing)
    this.#note(moment)
  }

  standing(who: string): Standing {
    return this.#standings.get(who) ?? 'member'
  }

  click(who: string): Account {
    return slack(who, this.standing(who))
  }

  signature(who: Signer): Account {
    return ssh(signing[who])
  }

  /** Whether this human had the role and was a full member, at some moment between these two. */
  had(who: string, role: Role, [from, to]: readonly [number, number]): boolean {
    const before = this.#past.findLast(({ moment }) => moment <= from)
    const between = this.#past.filter(({ moment }) => moment > from && moment <= to)
    return [before, ...between].some((known) => known?.of.get(who)?.has(role))
  }

  #note(moment: number): void {
    const everybody = members.filter((id) => this.standing(id) === 'member')
    const of = everybody.map((id) => [id, this.#rolesOf(id)] as const)
    this.#past.push({ moment, of: new Map(of) })
  }

  #rolesOf(id: string): ReadonlySet<Role> {
    const roles: Role[] = [
      ...(id === 'lee' ? (['lead'] as const) : []),
      ...(this.#group.has(id) ? (['approver'] as const) : []),
    ]
    return new Set(roles)
  }
}

function userOf(user: string): string {
  return user.slice('U0'.length).toLowerCase()
}

/** The human behind an account, whatever a file says. */
export function humanOf(account: Account): string {
  if (account.via === 'slack') return userOf(account.user)
  if (account.via !== 'ssh') return 'nobody'
  const found = Object.entries(signing).find(([, key]) => key.fingerprint === account.fingerprint)
  return found?.[0] ?? 'nobody'
}
