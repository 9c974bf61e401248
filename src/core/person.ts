import { z } from 'zod'

/** A human, by whatever account. Approvals count persons, never accounts (DESIGN section 8). */
export const Person = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/),
  name: z.string(),
  roles: z.array(z.string()),
  slack: z.string().optional(),
  /** Id of the user in PagerDuty, and name (a mail address in small letters) of the one in Opsgenie. */
  pagerduty: z.string().optional(),
  opsgenie: z.string().optional(),
  sshKeys: z.array(z.string()),
})
export type Person = z.infer<typeof Person>

const onCallSystems = ['pagerduty', 'opsgenie'] as const
export type OnCallSystem = (typeof onCallSystems)[number]
/** Those that know persons by an id of their own, and who is in one of their groups now. */
export type MemberSystem = 'slack' | OnCallSystem

/** Where members of a role come from: a Slack user group (`S012AB3CD`), or a schedule (`pagerduty/PI7DH85`). */
export function groupOf(group: string): { readonly system: MemberSystem; readonly id: string } {
  const system = onCallSystems.find((name) => group.startsWith(`${name}/`))
  return system === undefined
    ? { system: 'slack', id: group }
    : { system, id: group.slice(system.length + 1) }
}

/** What Slack says of an account now. Only a member decides. `unknown`: Slack could not be asked. */
export const Standing = z.enum(['member', 'guest', 'external', 'deactivated', 'bot', 'unknown'])
export type Standing = z.infer<typeof Standing>

/**
 * The door through which somebody came. An account that is bound to no person decides nothing. `os` is a local shell
 * (`run --local`), which may request but never counts as an approver; `ssh` is a verified signature.
 */
export const Account = z.discriminatedUnion('via', [
  z.strictObject({ via: z.literal('slack'), team: z.string(), user: z.string(), standing: Standing }),
  z.strictObject({ via: z.literal('ssh'), fingerprint: z.string() }),
  z.strictObject({ via: z.literal('os'), user: z.string() }),
  z.strictObject({ via: z.literal('alert'), source: z.string() }),
])
export type Account = z.infer<typeof Account>

/** Who a fact is about: Firebreak itself, or somebody through an account, with the person where one is bound. */
export const Actor = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('system') }),
  z.strictObject({ kind: z.literal('account'), account: Account, person: z.string().optional() }),
])
export type Actor = z.infer<typeof Actor>

export const system: Actor = { kind: 'system' }

/** The person's id, or the account in words: for lists and messages. */
export function nameOf(actor: Actor): string {
  if (actor.kind === 'system') return 'firebreak'
  if (actor.person !== undefined) return actor.person
  const { account } = actor
  switch (account.via) {
    case 'slack':
      return `slack:${account.user}`
    case 'ssh':
      return `ssh:${account.fingerprint}`
    case 'os':
      return `os:${account.user}`
    case 'alert':
      return `alert:${account.source}`
  }
}
