import type { Fact } from '../core/fact.ts'

type Listeners = Set<(facts: readonly Fact[]) => void>

type Awaited = {
  readonly run: string
  /** Looked at now, and after every commit that concerns the run; one look at a time. */
  readonly condition: () => Promise<boolean>
  readonly ms: number
}

/** Resolves when the condition holds, or when the time is over. */
export async function until(listeners: Listeners, { run, condition, ms }: Awaited): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let again = false
  let looking = false
  async function look(): Promise<void> {
    again = true
    if (looking) return
    looking = true
    while (again) {
      again = false
      // oxlint-disable-next-line no-await-in-loop -- what happened meanwhile is looked at after this look
      if (await condition()) resolve()
    }
    looking = false
  }
  const hear = (facts: readonly Fact[]) => {
    if (facts.some((fact) => fact.run === run)) look().catch(reject)
  }
  const timer = setTimeout(resolve, ms)
  listeners.add(hear)
  look().catch(reject)
  try {
    await promise
  } finally {
    listeners.delete(hear)
    clearTimeout(timer)
  }
}
