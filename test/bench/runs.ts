import type { Firebreak } from '../../src/core/app.ts'
import type { Fact } from '../../src/core/fact.ts'
import type { JsonObject } from '../../src/core/json.ts'

/** Facts that a run ends with, or stands still with. */
export const ends: ReadonlySet<Fact['type']> = new Set([
  'run.succeeded',
  'run.failed',
  'run.cancelled',
  'run.rejected',
  'run.expired',
  'run.parked',
])

export type RunStarter = {
  /** Resolves when the run has succeeded. */
  readonly run: (inputs: JsonObject) => Promise<void>
  /** Commits seen since the start, by `subscribe`. */
  readonly commits: () => number
}

/** Starts runs as a local owner and waits for their ends. */
export function createStarter(firebreak: Firebreak, playbook: string): RunStarter {
  const waiting = new Map<string, PromiseWithResolvers<void>>()
  const ended = new Map<string, Fact>()
  let commits = 0
  firebreak.subscribe((facts) => {
    commits++
    for (const fact of facts) {
      if (fact.run === undefined || !ends.has(fact.type)) continue
      const waiter = waiting.get(fact.run)
      if (waiter === undefined) ended.set(fact.run, fact)
      else settle(waiter, fact)
      waiting.delete(fact.run)
    }
  })
  return {
    commits: () => commits,
    run: async (inputs) => {
      const by = { via: 'os', user: 'bench' } as const
      const { state } = await firebreak.start({ playbook, inputs, mode: 'run', by })
      const early = ended.get(state.id)
      const waiter = Promise.withResolvers<void>()
      if (early === undefined) waiting.set(state.id, waiter)
      else settle(waiter, early)
      ended.delete(state.id)
      await waiter.promise
    },
  }
}

function settle({ resolve, reject }: PromiseWithResolvers<void>, fact: Fact): void {
  if (fact.type === 'run.succeeded') resolve()
  else reject(new Error(`a run of the bench ended with ${fact.type}: ${JSON.stringify(fact.data)}`))
}

/** How many a second `work` gets done, this many at a time. `work` is told a number that no other call is told. */
export async function rateOf(
  { at, ms }: { at: number; ms: number },
  work: (n: number) => Promise<void>,
): Promise<number> {
  const began = performance.now()
  let started = 0
  let done = 0
  const worker = async () => {
    while (performance.now() - began < ms) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other is what is measured
      await work(started++)
      done++
    }
  }
  await Promise.all(Array.from({ length: at }, worker))
  return (done * 1000) / (performance.now() - began)
}
