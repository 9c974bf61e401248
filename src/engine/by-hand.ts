import type { Task } from '../core/action.ts'
import { FirebreakError } from '../core/errors.ts'
import type { StepState } from '../core/run.ts'
import type { Confirm } from '../playbook/playbook.ts'
import { at } from './boundary.ts'
import { callRead, parseInput, problemOf, READ_TIMEOUT_MS } from './call.ts'
import { failStep } from './fail.ts'
import { clientOf } from './plan-line.ts'
import type { Outcome, Running, Start } from './running.ts'
import { valuesFor } from './values.ts'

/**
 * A step that a person does by hand. It asks, and waits until somebody says that it is done; then the step's own read
 * looks whether it is (P6: saying so is not enough), and asks again where it is not.
 */
export async function askPerson(running: Running, start: Start, task: Task): Promise<Outcome> {
  const { asked, saidDone } = running.journal.state().steps[start.instance] ?? {}
  if (asked === undefined) return ask(running, start, task)
  if (saidDone !== undefined && (await isClosed(running, start))) return 'settled'
  const { until } = asked
  if (until === undefined || running.parts.clock.now() < Date.parse(until)) return 'asleep'
  return failStep(running, start, notDone(asked))
}

async function ask({ parts, journal }: Running, { step, instance }: Start, task: Task): Promise<Outcome> {
  const until =
    step.timeoutMs === undefined ? {} : { until: new Date(parts.clock.now() + step.timeoutMs).toISOString() }
  const about = { run: journal.state().id, step: instance }
  await at(parts, 'before-wait', about)
  await journal.commit(() => ({
    facts: [{ type: 'step.asked', step: instance, data: { ...task, ...until } }],
  }))
  await at(parts, 'after-wait', about)
  return 'asleep'
}

/** What the read saw and what follows from it are one commit. */
async function isClosed(running: Running, start: Start): Promise<boolean> {
  const { journal } = running
  const { instance: step } = start
  const why = await whyNot(running, start)
  await journal.commit(() => ({
    facts:
      why === undefined
        ? [
            { type: 'step.probed', step, data: { verdict: 'applied', inDoubt: false } },
            { type: 'step.succeeded', step, data: { output: { confirmed: true } } },
          ]
        : [{ type: 'step.not-closed', step, data: { why } }],
  }))
  return why === undefined
}

/** Undefined when the read shows that it is done. A read that fails shows nothing. */
async function whyNot(running: Running, start: Start): Promise<string | undefined> {
  const { confirm } = start.step
  if (confirm === undefined) throw new Error(`${start.step.id} has no confirm`)
  try {
    return (await holds(running, start, confirm))
      ? undefined
      : `${confirm.action.name} does not show it: ${confirm.that} is not true`
  } catch (error) {
    running.parts.log.error({ err: error, step: start.instance }, 'a step done by hand could not be probed')
    const { code, message } = problemOf(error)
    return `${confirm.action.name} could not look: ${code}: ${message}`
  }
}

async function holds(
  { parts, journal, playbook }: Running,
  { step, item }: Start,
  confirm: Confirm,
): Promise<boolean> {
  const values = valuesFor(journal.state(), playbook, { step, item })
  const input = confirm.input(values)
  if (!input.known) throw new Error(`${step.id} asked before ${input.waitsFor.join(', ')}`)
  const result = await callRead(confirm.action, parseInput(confirm.action, input.value), {
    client: await clientOf(parts, confirm),
    timeoutMs: READ_TIMEOUT_MS,
  })
  const held = confirm.holds({ ...values, result })
  return held.known && held.value
}

function notDone({ who, what }: NonNullable<StepState['asked']>): FirebreakError {
  return new FirebreakError('step.not-done', `nobody with the role ${who} has done this in time: ${what}`, {
    remedy: 'Do it by hand now, and see whether the rest of the playbook is still to be done.',
  })
}
