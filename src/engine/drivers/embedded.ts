import { drained, type Driver } from '../driver.ts'
import { at } from '../boundary.ts'
import { takeInHand, type InHand } from '../in-hand.ts'
import type { EngineParts } from '../parts.ts'
import { Queue } from './queue.ts'

/** More open runs than this were never seen; the list is read once, at start. */
const MAX_OPEN_RUNS = 100_000

/** The in-process executor: one process owns the journal and has every open run in hand. */
export function createEmbeddedDriver(parts: EngineParts): Driver {
  const inHand = new Map<string, InHand>()
  const open = createOpener(parts, inHand)
  const wake = (run: string) => inHand.get(run)?.runner?.wake()
  const queue = new Queue(parts, { peek: (run) => inHand.get(run)?.journal.state(), wake })
  async function take(run: string, left = false): Promise<void> {
    try {
      await at(parts, 'requested', { run })
      const { runner } = await open(run, left)
      runner?.wake()
    } catch (error) {
      parts.log.error({ err: error, run }, 'a run could not be read')
    }
  }
  return {
    take: (run) => void take(run),
    journal: async (run) => (await open(run)).journal,
    peek: (run) => inHand.get(run)?.journal.state(),
    wake,
    noticed: (facts) => queue.hear(facts),
    settled: async (run) => inHand.get(run)?.runner?.settled(),
    wakeAll: () => {
      for (const { runner } of inHand.values()) runner?.wake()
    },
    recover: () => void recover(parts, queue, (run) => take(run, true)),
    stop: () => drained(Promise.all([...inHand.values()].flatMap(({ runner }) => runner?.stop() ?? []))),
  }
}

/** `left`: another process had it in hand, and has ended. */
type Opener = (run: string, left?: boolean) => Promise<InHand>

/** Whoever asks for a run that is just being opened gets the same one: two would write over each other. */
function createOpener(parts: EngineParts, inHand: Map<string, InHand>): Opener {
  const opening = new Map<string, Promise<InHand>>()
  async function openNow(run: string, left: boolean): Promise<InHand> {
    const entry = await takeInHand(parts, run, { left, over: () => inHand.delete(run) })
    inHand.set(run, entry)
    return entry
  }
  return async (run, left = false) => {
    const known = inHand.get(run) ?? opening.get(run)
    if (known) return known
    const opened = openNow(run, left)
    opening.set(run, opened)
    return opened.finally(() => opening.delete(run))
  }
}

async function recover(
  parts: EngineParts,
  queue: Queue,
  take: (run: string) => Promise<void>,
): Promise<void> {
  try {
    await queue.recover()
    for (const { run } of await parts.store.runs({ open: true, limit: MAX_OPEN_RUNS })) void take(run)
  } catch (error) {
    parts.log.error({ err: error }, 'the open runs could not be read')
  }
}
