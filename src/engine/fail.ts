import { problemOf } from './call.ts'
import type { Outcome, Running, Start } from './running.ts'

/** A failure is a fact like any other, so that nothing is lost on the way to the log. */
export async function failStep(
  { parts, journal }: Running,
  { instance }: Start,
  error: unknown,
): Promise<Outcome> {
  parts.log.error({ err: error, run: journal.state().id, step: instance }, 'step failed')
  await journal.commit(() => ({ facts: [{ type: 'step.failed', step: instance, data: problemOf(error) }] }))
  return 'settled'
}
