import type { Change } from '../core/change.ts'
import { FirebreakError } from '../core/errors.ts'
import type { StepState } from '../core/run.ts'
import { act, START_LIMIT_MS } from './effect.ts'
import { park, probeUntil, succeed } from './confirm.ts'
import { failStep } from './fail.ts'
import { isEffect } from './line.ts'
import { clientOf } from './plan-line.ts'
import type { Outcome, Running, Start } from './running.ts'
import { hasFailed } from './values.ts'

/**
 * P5: an intent without an outcome is in doubt: the process ended between the two. The world is asked, the effect is never
 * simply repeated. `absent` is believed only when the call can no longer land: intent + start limit + deadline + settle.
 */
export async function recover(running: Running, start: Start): Promise<Outcome> {
  const { action } = start.step
  const intent = running.journal.state().steps[start.instance]?.intent
  if (intent === undefined || !isEffect(action)) return park(running, start, 'its intent cannot be read')
  const client = await clientOf(running.parts, start.step)
  const doubt = { action, client, change: intent.change, input: intent.input, key: intent.key }
  const verdict = await probeUntil(running, doubt, believedAfter(intent) - running.parts.clock.now())
  if (verdict === 'applied') return succeed(running, start, { change: intent.change, inDoubt: true })
  await running.journal.commit(() => ({
    facts: [{ type: 'step.probed', step: start.instance, data: { verdict, inDoubt: true } }],
  }))
  if (verdict !== 'absent') {
    const why =
      verdict === 'changed' ? 'the target was changed by somebody else since' : 'the probe could not tell'
    return park(running, start, why)
  }
  // It is known now that nothing happened; whether it should is for the person who takes the parked run on.
  if (running.journal.state().status === 'parked') return 'settled'
  const stopped = !start.step.closing && hasFailed(running.journal.state(), running.playbook)
  if (stopped) return failStep(running, start, neverHappened(intent.change))
  return act(running, start, { action, input: intent.input, attempt: intent.attempt + 1 })
}

/** The run was stopped or has failed meanwhile, so that nothing more of it may begin. */
function neverHappened({ target }: Change): FirebreakError {
  return new FirebreakError('step.no-effect', `${target.name} was not changed, and the run has ended`, {
    remedy: 'Start the playbook again if the change is still wanted.',
  })
}

function believedAfter({ at, deadlineMs, settleMs }: NonNullable<StepState['intent']>): number {
  return Date.parse(at) + START_LIMIT_MS + deadlineMs + settleMs
}
