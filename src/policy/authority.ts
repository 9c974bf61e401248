import type { ErrorCode } from '../core/errors.ts'
import type { Account, Person, Standing } from '../core/person.ts'
import type { Verb } from '../core/rules.ts'
import { personOf } from './person.ts'

/** The part of the configuration that says who may do what. */
export type Authority = {
  readonly people: readonly Person[]
  readonly permissions: { readonly [V in Verb]: readonly string[] }
}

export type Refusal = {
  readonly allow: false
  readonly code: ErrorCode
  readonly message: string
  readonly remedy: string
}
export type Permission = { readonly allow: true; readonly person: Person } | Refusal

/** Deny by default: a known person of good standing with one of the verb's roles, or a refusal that names the rule. */
export function mayDo(verb: Verb, account: Account, authority: Authority): Permission {
  const known = identify(account, authority.people)
  if (!known.allow) return known
  const { person } = known
  const roles = authority.permissions[verb]
  if (person.roles.some((role) => roles.includes(role))) return known
  return refusal({
    code: 'authority.missing-role',
    message: `${person.name} may not ${verb}: permissions.${verb} names ${list(roles)}, and ${person.id} has ${list(person.roles)}`,
    remedy: `Ask a ${roles.join(' or ')}, or have the role added to ${person.id} under people.`,
  })
}

/** The person behind an account, if the account may decide anything at all. */
export function identify(account: Account, people: readonly Person[]): Permission {
  if (account.via === 'slack' && account.standing !== 'member') return badStanding(account.standing)
  const person = personOf(account, people)
  return person === undefined ? unknownAccount(account) : { allow: true, person }
}

const standings: { readonly [S in Exclude<Standing, 'member' | 'unknown'>]: string } = {
  guest: 'a guest of the workspace',
  external: 'from another organisation (Slack Connect)',
  deactivated: 'a deactivated account',
  bot: 'a bot or an app',
}

/** Only a full member of the workspace decides, whatever `people` says (P4). */
function badStanding(standing: Exclude<Standing, 'member'>): Refusal {
  if (standing === 'unknown') {
    return refusal({
      code: 'authority.standing-unknown',
      message: 'Slack could not be asked whether this account is a full member, so it decides nothing',
      remedy: 'Try again, or decide on the command line with an SSH signature.',
    })
  }
  return refusal({
    code: 'authority.bad-standing',
    message: `this account is ${standings[standing]}; only a full member decides`,
    remedy: 'Ask a full member of the workspace who is listed under people.',
  })
}

function unknownAccount(account: Account): Refusal {
  const remedies = {
    slack: 'Have the Slack member id added to a person under people, then restart Firebreak.',
    ssh: 'Have the public key added to a person (sshKeys) under people, then restart Firebreak.',
    os: 'Decide through Slack or with an SSH signature: a local account proves no person.',
    alert: 'Alerts start what a route allows and decide nothing.',
  } as const
  return refusal({
    code: 'authority.unknown-account',
    message: `no person is bound to this account (${describe(account)})`,
    remedy: remedies[account.via],
  })
}

function describe(account: Account): string {
  switch (account.via) {
    case 'slack':
      return `Slack ${account.user}`
    case 'ssh':
      return `SSH key ${account.fingerprint}`
    case 'os':
      return `local user ${account.user}`
    case 'alert':
      return `alerts from ${account.source}`
  }
}

export function refusal(refused: Omit<Refusal, 'allow'>): Refusal {
  return { allow: false, ...refused }
}

function list(roles: readonly string[]): string {
  return roles.length === 0 ? 'no role' : roles.join(', ')
}
