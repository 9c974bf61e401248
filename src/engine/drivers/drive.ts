import { setTimeout as sleep } from 'node:timers/promises'
import type { Hold, Rota, Unheld } from '../../core/ports.ts'
import { at } from '../boundary.ts'
import { takeInHand, type InHand } from '../in-hand.ts'
import type { EngineParts } from '../parts.ts'

/** While the journal cannot be reached nothing is done; it is tried again this often. */
const STORE_RETRY_MS = 1000

/** A run in hand: its journal, who carries it forward, and how it is put down when the process ends. */
export type Driven = InHand & { readonly putDown: () => Promise<void> }

/** A run that wants hands; `left` by a process that has ended with it in hand. */
export type Wanted = Unheld & { readonly left?: boolean }

type Driving = {
  readonly parts: EngineParts
  readonly rota: Rota
  /** The runs that this process has in hand. */
  readonly inHand: Map<string, Driven>
}

/**
 * Takes a run in hand and carries it forward until it is over, somebody else has it, or it waits: for people, for time,
 * for a thaw, for another run. A run that waits is in nobody's hands.
 */
export async function drive({ parts, rota, inHand }: Driving, wanted: Wanted): Promise<void> {
  const { left = false, ...unheld } = wanted
  let hold: Hold | undefined = await rota.take(unheld)
  // Somebody was first, perhaps this very process: what they have in hand is theirs.
  if (hold === undefined) return
  let first = left
  await at(parts, 'taken', { run: hold.run })
  try {
    while (hold !== undefined && !parts.stopping.aborted) {
      // oxlint-disable-next-line no-await-in-loop -- one turn after the other
      hold = await turn({ parts, rota, inHand }, hold, { left: first })
      first = false
    }
  } finally {
    inHand.delete(unheld.run)
  }
}

/** Until nothing of the run can be done. The hold when something has happened meanwhile, so that there is more to do. */
async function turn(driving: Driving, hold: Hold, { left }: { left: boolean }): Promise<Hold | undefined> {
  const ended = Promise.withResolvers<Ending>()
  const driven = await untilReachable(driving.parts, () =>
    takeInHand(driving.parts, hold.run, {
      hold,
      left,
      over: () => ended.resolve('over'),
      rests: (n) => ended.resolve({ n }),
      lost: () => ended.resolve('lost'),
    }),
  )
  if (driven === undefined) return undefined
  const { journal, runner } = driven
  const putDown = async () => {
    await runner?.stop()
    ended.resolve('stopped')
  }
  driving.inHand.set(hold.run, { ...driven, putDown })
  if (driving.parts.stopping.aborted) ended.resolve('stopped')
  else if (runner === undefined) ended.resolve({ n: journal.state().n })
  else runner.wake()
  const how = await ended.promise
  return how === 'over' || how === 'lost' ? undefined : rest(driving, hold, { driven, how })
}

/** With `n`, nothing can be done after so many facts: what is written after them has not been looked at. */
type Ending = 'over' | 'lost' | 'stopped' | { readonly n: number }

async function rest(
  { parts, rota }: Driving,
  hold: Hold,
  { driven, how }: { driven: InHand; how: 'stopped' | { readonly n: number } },
): Promise<Hold | undefined> {
  const { journal, runner } = driven
  await runner?.stop()
  // What a process puts down because it ends wants other hands at once.
  const wakeAt = how === 'stopped' ? new Date(0).toISOString() : runner?.wakesAt()
  const n = how === 'stopped' ? journal.state().n : how.n
  const seen = { n, ...(wakeAt === undefined ? {} : { wakeAt }) }
  await at(parts, 'before-rest', { run: hold.run })
  const rested = await untilReachable(parts, () => rota.rest(hold, seen))
  await at(parts, 'after-rest', { run: hold.run })
  return rested === undefined || typeof rested === 'string' ? undefined : { ...hold, wakes: rested.wakes }
}

/** Undefined when the process ends first: then others find the run by its holder, who is gone. */
async function untilReachable<T>(parts: EngineParts, work: () => Promise<T>): Promise<T | undefined> {
  for (;;) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- tried again until it works
      return await work()
    } catch (error) {
      parts.log.error({ err: error }, 'the journal cannot be reached; trying again')
      if (parts.stopping.aborted) return undefined
      // oxlint-disable-next-line no-await-in-loop
      await sleep(STORE_RETRY_MS, undefined, { ref: false })
    }
  }
}
