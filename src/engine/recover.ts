import type { Change } from '../core/change.ts'
import { FirebreakError } from '../core/errors.ts'
import { at } from './boundary.ts'
import { act } from './effect.ts'
import { lookMsOf, park, patienceOf, probeUntil, succeed } from './confirm.ts'
import { failStep } from './fail.ts'
import { landsInMs } from './intent.ts'
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
  const { change, input, key } = intent
  const { instance } = start
  const doubt = { instance, action, client, change, input, key, lookMs: lookMsOf(start) }
  const landsMs = landsInMs(intent, running.parts)
  const how = { answered: false, landsMs, patienceMs: patienceOf(action) }
  const verdict = await probeUntil(running, doubt, how)
  if (verdict === 'applied') return succeed(running, start, { change: intent.change, inDoubt: true })
  const about = { run: running.journal.state().id, step: instance }
  await at(running.parts, 'before-doubt-settled', about)
  await running.journal.commit(() => ({
    facts: [{ type: 'step.probed', step: instance, data: { verdict, inDoubt: true } }],
  }))
  await at(running.parts, 'after-doubt-settled', about)
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
