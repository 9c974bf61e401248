import type { Account, Person } from '../core/person.ts'
import { parseSshKey } from '../core/ssh-key.ts'

/** The person bound to an account. A local shell and an alert are never a person. */
export function personOf(account: Account, people: readonly Person[]): Person | undefined {
  switch (account.via) {
    case 'slack':
      return people.find((person) => person.slack === account.user)
    case 'ssh':
      return people.find(({ sshKeys }) => sshKeys.some((line) => fingerprintOf(line) === account.fingerprint))
    case 'os':
    case 'alert':
      return undefined
  }
}

/** Reading a key takes longer than all else that is judged, and the keys of a configuration stay the same. */
const fingerprints = new Map<string, string | undefined>()

function fingerprintOf(line: string): string | undefined {
  if (!fingerprints.has(line)) fingerprints.set(line, parseSshKey(line)?.fingerprint)
  return fingerprints.get(line)
}
