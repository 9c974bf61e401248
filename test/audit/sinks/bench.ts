import { type PumpParts, type SinkStatus } from '../../../src/audit/sinks/pump.ts'
import { startSinks } from '../../../src/audit/sinks/sinks.ts'
import type { SinkSettings } from '../../../src/core/sink-settings.ts'
import { memoryJournal, ORIGIN } from './journal.ts'

export const pace = { everyMs: 1, timeoutMs: 400 }

/** Starts one sink on a journal in memory, with short pauses. */
export function startBench(settings: SinkSettings, held = memoryJournal(), more: Partial<PumpParts> = {}) {
  const lines: { readonly level: string; readonly message: string; readonly [key: string]: unknown }[] = []
  const write = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, message, ...fields, place: held.next(settings.name) })
  const sinks = startSinks([settings], {
    journal: held.journal,
    origin: ORIGIN,
    log: { error: write('error'), info: write('info') },
    clock: { now: Date.now },
    backoff: { firstMs: 1, mostMs: 20, mostAfterMs: 2000 },
    ...more,
  })
  const status = (): SinkStatus => {
    const [one] = sinks.status()
    if (one === undefined) throw new Error('there is one sink')
    return one
  }
  return {
    ...held,
    lines,
    status,
    /** Writes entries and says so. */
    grow: (...[count, data]: [number, Parameters<typeof held.add>[1]?]) => sinks.wake(held.add(count, data)),
    close: sinks.close,
    [Symbol.asyncDispose]: sinks.close,
  }
}
