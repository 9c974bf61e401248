import type { ErrorCode } from '../core/errors.ts'
import type { Account, Person, Standing } from '../core/person.ts'
import type { Gate } from '../core/plan.ts'
import {
  type Asked,
  decide,
  gatesOf,
  type Permissions,
  pointWords,
  sourceWords,
  type Verdict,
  whoMay,
} from './decision.ts'
import { personOf } from './person.ts'

/** Who people are at this moment, and what the configuration lets them do. */
export type Authority = Permissions & {
  /** With the roles that are certain: what is known of a Slack group too long ago is no part of them. */
  readonly people: readonly Person[]
  /** The roles that a person had when Slack could last be asked. They are enough for what makes nothing worse. */
  readonly remembered: (person: Person) => readonly string[]
  /** Why nobody can say now who has this role; undefined where it is known. */
  readonly doubt: (role: string) => string | undefined
}

export type Refusal = {
  readonly allow: false
  readonly code: ErrorCode
  readonly message: string
  readonly remedy: string
}
export type Permission = { readonly allow: true; readonly person: Person } | Refusal
/** `gates`: the people who must agree to parts of it first. */
export type Ruled =
  | { readonly allow: true; readonly person: Person; readonly gates: readonly Gate[] }
  | Refusal

/**
 * What makes nothing worse, and must not fail at night because Slack is slow: reading, and stopping. Everything else is
 * done on the word of people whose roles are certain.
 */
const harmless: ReadonlySet<Asked['verb']> = new Set(['plan', 'freeze', 'cancel'])

/** Deny by default: a known person of good standing who may do all of what is asked, or a refusal that names the rule. */
export function mayDo(asked: Asked, account: Account, authority: Authority): Ruled {
  const known = identify(account, authority.people)
  if (!known.allow) return known
  const { person } = known
  const verdict = decide(authority, { kind: 'person', roles: rolesFor(asked.verb, person, authority) }, asked)
  if (verdict.outcome === 'deny') return denied({ asked, person, authority }, verdict)
  return { ...known, gates: gatesOf(verdict) }
}

/** The roles that count for this verb. */
function rolesFor(
  verb: Asked['verb'],
  person: Person,
  { remembered }: Pick<Authority, 'remembered'>,
): readonly string[] {
  return harmless.has(verb) ? [...person.roles, ...remembered(person)] : person.roles
}

type Denying = { readonly asked: Asked; readonly person: Person; readonly authority: Authority }

function denied({ asked: { verb }, person, authority }: Denying, { by, point }: Verdict): Refusal {
  const roles = whoMay(by)
  const doubt = roles.map((role) => authority.doubt(role)).find((why) => why !== undefined)
  if (doubt !== undefined) return doubtful(person, verb, doubt)
  const about = pointWords(point)
  const what = by.kind === 'rule' && about !== '' ? `${verb}: ${about}` : verb
  const has = list(rolesFor(verb, person, authority))
  return refusal({
    code: 'authority.missing-role',
    message: `${person.name} may not ${what}; ${sourceWords(by)} names ${list(roles)}, and ${person.id} has ${has}`,
    remedy:
      roles.length === 0
        ? 'Nobody may: change the rule if that is not meant.'
        : `Ask a ${roles.join(' or ')}, or have the role added to ${person.id} under people or roles.`,
  })
}

/** Better nobody for a while than somebody who has left the group. */
function doubtful(person: Person, verb: string, doubt: string): Refusal {
  return refusal({
    code: 'authority.group-unknown',
    message: `nobody can say now whether ${person.name} may ${verb}: ${doubt}`,
    remedy: 'Try again in a minute, or ask somebody who has the role by name, under people or roles.',
  })
}

/** The person behind an account, if the account may decide anything at all. */
export function identify(account: Account, people: readonly Person[]): Permission {
  if (account.via === 'slack' && account.standing !== 'member') return badStanding(account.standing)
  const person = personOf(account, people)
  return person === undefined ? unknownAccount(account) : { allow: true, person }
}

/** Who signs is not asked about by Slack, as who clicks is: of whom it says now that they have left, the key is not enough. */
export function judgeSigner(standing: Standing | undefined): Refusal | undefined {
  return standing === undefined || standing === 'member' || standing === 'unknown'
    ? undefined
    : badStanding(standing)
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
