import type { Fact } from '../core/fact.ts'

type Listeners = Set<(facts: readonly Fact[]) => void>

/** Resolves when the condition holds, looked at after every commit; or when the time is over. */
export async function until(listeners: Listeners, condition: () => boolean, ms: number): Promise<void> {
  if (condition()) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const look = () => {
    if (condition()) resolve()
  }
  const timer = setTimeout(resolve, ms)
  listeners.add(look)
  try {
    await promise
  } finally {
    listeners.delete(look)
    clearTimeout(timer)
  }
}
