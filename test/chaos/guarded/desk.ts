import type { BotParts } from '../../../src/bot/parts.ts'
import { openRun } from '../../../src/engine/journal.ts'
import { type Ground, sharedParts } from './ground.ts'

/** Where people decide: a process that carries nothing forward itself. Each of them has a line of their own to the journal. */
export function createDesk(ground: Ground): (who: string) => BotParts {
  const shared = sharedParts(ground)
  const { journal, turns } = ground
  return (who) => {
    const began = turns.moment
    const store = journal.storeOf({ who, since: () => began, reads: true })
    return {
      ...shared,
      store,
      notes: async () => [],
      driver: {
        take: () => undefined,
        journal: (run) => openRun({ store, published: () => undefined }, run),
        peek: () => undefined,
        // Whoever has the run in hand hears of what was written; whoever looks finds the others.
        wake: () => undefined,
        wakeAll: () => journal.rota.wake(),
        settled: async () => undefined,
        recover: () => undefined,
        stop: async () => undefined,
      },
    }
  }
}
