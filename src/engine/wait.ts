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
  if (until === undefined) {
    const data = { until: new Date(now + ms).toISOString() }
    await journal.commit(() => ({ facts: [{ type: 'step.waiting', step, data }] }))
    return 'blocked'
  }
  if (now < Date.parse(until)) return 'blocked'
  await journal.commit(() => ({ facts: [{ type: 'step.succeeded', step, data: { output: { until } } }] }))
  return 'settled'
}
