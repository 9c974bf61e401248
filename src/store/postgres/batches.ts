export type Batches<T> = {
  readonly push: (item: T) => void
  /** Takes back what waits. */
  readonly takeBack: () => readonly T[]
  readonly idle: () => Promise<void>
}

/** One batch at a time; what comes meanwhile goes together into the next one. */
export function inBatches<T>(most: number, run: (batch: readonly T[]) => Promise<void>): Batches<T> {
  const waiting: T[] = []
  let busy: Promise<void> | undefined

  async function drain(): Promise<void> {
    // All that is asked for in this turn of the event loop goes together.
    await new Promise(setImmediate)
    while (waiting.length > 0) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await run(waiting.splice(0, most))
    }
    busy = undefined
  }

  return {
    push: (item) => {
      waiting.push(item)
      busy ??= drain()
    },
    takeBack: () => waiting.splice(0),
    idle: async () => busy,
  }
}
