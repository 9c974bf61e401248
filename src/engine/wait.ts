import { at } from './boundary.ts'
import type { Outcome, Running, Start } from './running.ts'

/**
 * Lets time pass. The end is in the journal, by the wall clock, so that it holds for whichever process looks then; the
 * runner's alarm wakes at that time.
 */
export async function wait(
  { parts, journal }: Running,
  { instance: step }: Start,
  ms: number,
): Promise<Outcome> {
  const now = parts.clock.now()
  const until = journal.state().steps[step]?.waitsUntil
  const about = { run: journal.state().id, step }
  if (until === undefined) {
    const data = { until: new Date(now + ms).toISOString() }
    await at(parts, 'before-wait', about)
    await journal.commit(() => ({ facts: [{ type: 'step.waiting', step, data }] }))
    await at(parts, 'after-wait', about)
    return 'asleep'
  }
  if (now < Date.parse(until)) return 'asleep'
  await journal.commit(() => ({ facts: [{ type: 'step.succeeded', step, data: { output: { until } } }] }))
  return 'settled'
}
