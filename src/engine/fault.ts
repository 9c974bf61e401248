import { isFirebreakError } from '../core/errors.ts'
import { isUnderWay } from '../core/run.ts'
import { park } from './confirm.ts'
import { failStep } from './fail.ts'
import type { Outcome, Running, Start } from './running.ts'

/** The journal could not be written, or somebody else wrote first: nothing was done, and it can be tried again. */
export function isStoreError(error: unknown): boolean {
  return isFirebreakError(error) && error.code.startsWith('store.')
}

/**
 * What went wrong around an action, such as an output too large for the log. Tried again it would go wrong again, for
 * ever, so the step ends here; with an intent that has no outcome, a person must look.
 */
export async function settleFault(running: Running, start: Start, error: unknown): Promise<Outcome> {
  // The process ends: the next one asks the world (P5).
  if (isStoreError(error) || running.parts.stopping.aborted) throw error
  const step = running.journal.state().steps[start.instance]
  if (step === undefined || !isUnderWay(step)) return failStep(running, start, error)
  running.parts.log.error({ err: error, step: start.instance }, 'an effect could not be followed up')
  return park(running, start, 'something unforeseen happened after its intent')
}
