import { actorOf, commit, recorded, type BotParts } from './parts.ts'
import { allow } from './start.ts'
import { wished, type Wish } from './wish.ts'

/** From this commit on no intent is written, in any run: the store checks the freeze in the transaction of each intent. */
export async function freeze(parts: BotParts, wish: Wish): Promise<void> {
  await recorded(parts, { command: 'freeze', account: wish.by }, async () => {
    allow('freeze', wish.by, parts.config)
    await commit(parts, {
      facts: [{ type: 'freeze.set', actor: actorOf(parts, wish.by), data: wished(wish) }],
    })
  })
}

export async function thaw(parts: BotParts, wish: Wish): Promise<void> {
  await recorded(parts, { command: 'thaw', account: wish.by }, async () => {
    allow('thaw', wish.by, parts.config)
    await commit(parts, {
      facts: [{ type: 'freeze.lifted', actor: actorOf(parts, wish.by), data: wished(wish) }],
    })
  })
  parts.driver.wakeAll()
}
