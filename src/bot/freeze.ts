import { randomUUID } from 'node:crypto'
import { system } from '../core/person.ts'
import type { OutboxNotice } from '../core/ports.ts'
import { actorOf, commit, cut, recorded, type BotParts } from './parts.ts'
import { allow } from './start.ts'
import { wished, type Wish } from './wish.ts'

/** From this commit on no intent is written, in any run: the store checks the freeze in the transaction of each intent. */
export async function freeze(parts: BotParts, wish: Wish): Promise<void> {
  await recorded(parts, { command: 'freeze', account: wish.by }, async () => {
    await allow(parts, wish.by, { verb: 'freeze' })
    await commit(parts, {
      facts: [{ type: 'freeze.set', actor: actorOf(parts, wish.by), data: wished(wish) }],
    })
  })
}

/** The bot stops itself. People thaw it; what made it stop is said again when it still holds at the next start. */
export async function freezeItself(parts: BotParts, reason: string): Promise<void> {
  const set = await parts.store.frozen()
  if (set?.reason === reason) return
  await commit(parts, {
    facts: [{ type: 'freeze.set', actor: system, data: { reason: cut(reason, 2000) } }],
    outbox: alarm(parts, reason),
  })
}

/** People hear of it in the channel of the bot, durably. */
function alarm({ config }: BotParts, reason: string): readonly OutboxNotice[] {
  if (config.slack === undefined) return []
  const text = `🛑 Firebreak has frozen itself: ${cut(reason, 1800)}. Nothing is changed until people have looked and thaw it (firebreak thaw).`
  return [{ id: `freeze/${randomUUID()}`, run: '', step: 'freeze', channel: config.slack.channel, text }]
}
