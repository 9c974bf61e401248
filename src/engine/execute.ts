import type { AnyNotifyAction, AnyReadAction } from '../core/action.ts'
import type { JsonObject } from '../core/json.ts'
import { isUnderWay, type StepState } from '../core/run.ts'
import { at } from './boundary.ts'
import { callAsk, callCompose, callRead, callWait, parseInput, READ_TIMEOUT_MS } from './call.ts'
import { askPerson } from './by-hand.ts'
import { act } from './effect.ts'
import { failStep } from './fail.ts'
import { clientOf } from './plan-line.ts'
import { recover } from './recover.ts'
import { retryOrFail } from './retry.ts'
import type { Outcome, Running, Start } from './running.ts'
import { wait } from './wait.ts'
import { valuesFor } from './values.ts'

/** Runs one instance of a step to its end, or to where it must wait. A failure becomes a fact, never an exception. */
export async function executeStep(running: Running, start: Start): Promise<Outcome> {
  const before = running.journal.state().steps[start.instance]
  if (before && isUnderWay(before)) return recover(running, start)
  if (before && waitsForRetry(before, running.parts.clock.now())) return 'asleep'
  let input: JsonObject
  try {
    input = inputOf(running, start)
  } catch (error) {
    return failStep(running, start, error)
  }
  return perform(running, start, { input, attempt: (before?.intent?.attempt ?? 0) + 1 })
}

/** The runner's alarm wakes it then. */
function waitsForRetry({ retrying, waitsUntil }: StepState, now: number): boolean {
  return retrying !== undefined && waitsUntil !== undefined && now < Date.parse(waitsUntil)
}

type Performance = { readonly input: JsonObject; readonly attempt: number }

function perform(running: Running, start: Start, { input, attempt }: Performance): Promise<Outcome> {
  const { action } = start.step
  switch (action.effect) {
    case 'read':
      return read(running, start, { action, input })
    case 'notify':
      return notify(running, start, { action, input })
    case 'wait':
      return wait(running, start, callWait(action, input))
    case 'manual':
      return askPerson(running, start, callAsk(action, input))
    case 'reversible':
    case 'irreversible':
      return act(running, start, { action, input, attempt })
  }
}

/** The input of an instance, from what is known now. Throws `step.bad-input`. */
function inputOf({ journal, playbook }: Running, { step, instance, item }: Start): JsonObject {
  const input = step.input(valuesFor(journal.state(), playbook, { step, item }))
  if (!input.known) throw new Error(`${instance} was started before ${input.waitsFor.join(', ')}`)
  return parseInput(step.action, input.value)
}

type Read = { readonly action: AnyReadAction; readonly input: JsonObject }

async function read(running: Running, start: Start, { action, input }: Read): Promise<Outcome> {
  let output: JsonObject
  try {
    const client = await clientOf(running.parts, start.step)
    output = await callRead(action, input, { client, timeoutMs: start.step.timeoutMs ?? READ_TIMEOUT_MS })
  } catch (error) {
    return retryOrFail(running, start, error)
  }
  const about = { run: running.journal.state().id, step: start.instance }
  await at(running.parts, 'before-read', about)
  await running.journal.commit(() => ({
    facts: [{ type: 'step.succeeded', step: start.instance, data: { output } }],
  }))
  await at(running.parts, 'after-read', about)
  return 'settled'
}

type Notify = { readonly action: AnyNotifyAction; readonly input: JsonObject }

/** Done when the message is durable in the outbox: delivery is a later fact and never blocks containment. */
async function notify(running: Running, { instance }: Start, { action, input }: Notify): Promise<Outcome> {
  const { channel, text } = callCompose(action, input)
  const about = { run: running.journal.state().id, step: instance }
  await at(running.parts, 'before-notice', about)
  await running.journal.commit((run) => ({
    facts: [{ type: 'step.succeeded', step: instance, data: { output: { channel } } }],
    outbox: [{ id: `${run.id}/${instance}`, run: run.id, step: instance, channel, text }],
  }))
  await at(running.parts, 'after-notice', about)
  return 'settled'
}
