import type { Fact } from '../core/fact.ts'
import type { Log } from '../bot/parts.ts'

/** Who hears of facts as they are committed. */
export function createHearing(log: Log) {
  const listeners = new Set<(facts: readonly Fact[]) => void>()
  const published = (facts: readonly Fact[]) => {
    for (const listener of listeners) notify(listener, facts, log)
  }
  return { listeners, published }
}

/** A surface that fails must not fail the run that it shows. */
function notify(listener: (facts: readonly Fact[]) => void, facts: readonly Fact[], log: Log): void {
  try {
    listener(facts)
  } catch (error) {
    log.error({ err: error }, 'a surface failed')
  }
}
