import type { Firebreak } from '../../src/core/app.ts'
import type { Evidence } from '../../src/core/fact.ts'
import type { Account } from '../../src/core/person.ts'
import { ann, bob } from './people.ts'

export const clicked: Evidence = { kind: 'slack', team: 'T0TEST', user: 'U0TEST' }

/** Two people lift the freeze. Where none is set, one is: whoever waits is woken all the same. */
export async function thaw(
  firebreak: Firebreak,
  reason: string,
  [one, other]: readonly [Account, Account] = [ann, bob],
): Promise<void> {
  if ((await firebreak.frozen()) === undefined) await firebreak.freeze(one, reason)
  await firebreak.thaw(one, reason, clicked)
  await firebreak.thaw(other, reason, clicked)
}
