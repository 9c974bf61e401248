import type { Account, Person } from '../core/person.ts'
import { parseSshKey } from '../core/ssh-key.ts'

/** The person bound to an account. A local shell and an alert are never a person. */
export function personOf(account: Account, people: readonly Person[]): Person | undefined {
  switch (account.via) {
    case 'slack':
      return people.find((person) => person.slack === account.user)
    case 'ssh':
      return people.find((person) =>
        person.sshKeys.some((line) => parseSshKey(line)?.fingerprint === account.fingerprint),
      )
    case 'os':
    case 'alert':
      return undefined
  }
}
