import type { Account } from '../core/person.ts'
import { actorOf, commit, recorded, type BotParts } from './parts.ts'
import { allow } from './start.ts'

/** From this commit on no intent is written, in any run: the store checks the freeze in the transaction of each intent. */
export async function freeze(parts: BotParts, by: Account, reason: string): Promise<void> {
  await recorded(parts, { command: 'freeze', account: by }, async () => {
    allow('freeze', by, parts.config)
    await commit(parts, { facts: [{ type: 'freeze.set', actor: actorOf(parts, by), data: { reason } }] })
  })
}

export async function thaw(parts: BotParts, by: Account, reason: string): Promise<void> {
  await recorded(parts, { command: 'thaw', account: by }, async () => {
    allow('thaw', by, parts.config)
    await commit(parts, { facts: [{ type: 'freeze.lifted', actor: actorOf(parts, by), data: { reason } }] })
  })
  parts.driver.wakeAll()
}
