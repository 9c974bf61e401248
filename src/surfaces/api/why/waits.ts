import type { GuardrailView, RunView } from '../../../core/app.ts'
import { moment } from '../../../core/moment.ts'
import { isOver, isSettled, openRequest, type StepState } from '../../../core/run.ts'

/** Something that a run waits for now. */
export type Wait = {
  /** After `waits for`. */
  readonly says: string
  readonly because: readonly string[]
  /** The run that has what is waited for. */
  readonly holder?: string
}

export type Standing = {
  /** In words: by whom, since when, and who wants it lifted. Undefined: nothing is frozen. */
  readonly frozen: string | undefined
  readonly guardrails: readonly GuardrailView[]
}

/** What a run that is not over waits for: the most that people can do something about at the top. Empty: it acts. */
export function waitsOf(view: RunView, standing: Standing): readonly Wait[] {
  const { state } = view
  if (isOver(state.status) || state.status === 'parked') return []
  const steps = Object.values(state.steps).filter(({ status }) => !isSettled(status))
  const people = forPeople(view, standing)
  const held = steps.flatMap((step) => forStep(view, step, standing))
  const thaw = forThaw(view, standing)
  // Who only waits for people is stopped by them first; what could act now is stopped by the freeze.
  return people.length > 0 || held.length > 0 ? [...people, ...held, ...thaw] : thaw
}

function forPeople({ state, waitingFor }: RunView, { guardrails }: Standing): readonly Wait[] {
  if (waitingFor === undefined) return []
  const rules = openRequest(state)?.gates.map(({ rule }) => rule) ?? []
  const { missing, eligible, expires } = waitingFor
  return [
    {
      says: `people: ${missing.join('; ')}`,
      because: [
        `may decide: ${namesOf(eligible)}`,
        `the request ends at ${moment(expires)}, and silence is a refusal`,
        ...guardrails.filter(({ key }) => rules.includes(key)).map(nowWords),
      ],
    },
  ]
}

function forThaw({ state }: RunView, { frozen }: Standing): readonly Wait[] {
  if (frozen === undefined || state.mode === 'dry-run') return []
  return [{ says: 'the thaw: no effect begins while Firebreak is frozen', because: [frozen] }]
}

function forStep(view: RunView, step: StepState, standing: Standing): readonly Wait[] {
  if (step.held !== undefined) return [forGuardrail(step, step.held, standing)]
  if (step.asked !== undefined) return [forHands(view, step, step.asked)]
  if (step.retrying !== undefined && step.waitsUntil !== undefined) {
    const { tries, problem } = step.retrying
    const because = [`${step.id} failed ${tries} times, last: ${problem.code}: ${problem.message}`]
    return [{ says: `${moment(step.waitsUntil)}, to try ${step.id} again`, because }]
  }
  if (step.waitsUntil !== undefined)
    return [{ says: `${moment(step.waitsUntil)}, as ${step.id} says`, because: [] }]
  return []
}

type Held = NonNullable<StepState['held']>

function forGuardrail({ id }: StepState, held: Held, { guardrails }: Standing): Wait {
  const { by, key, why, run, until, at } = held
  const since = `${id} is held since ${moment(at)}: ${why}`
  const time = until === undefined ? '' : `, at the latest ${moment(until)}`
  if (by === 'claim') {
    const holder = run === undefined ? {} : { holder: run }
    return {
      says: `${run === undefined ? 'whoever' : `run ${run}, which`} holds ${key}`,
      because: [since],
      ...holder,
    }
  }
  if (by === 'window')
    return {
      says: `the end of ${key}${until === undefined ? '' : `, at ${moment(until)}`}`,
      because: [since],
    }
  const now = guardrails.filter((one) => one.key === key).map(nowWords)
  return { says: `room under ${key}${time}`, because: [since, ...now] }
}

function nowWords({ key, says, waiting }: GuardrailView): string {
  return `${key} now: ${says}${waiting.length > 1 ? `; ${waiting.length} steps wait for it` : ''}`
}

function forHands(
  { byHand = [] }: RunView,
  { id, notClosed }: StepState,
  asked: NonNullable<StepState['asked']>,
): Wait {
  const people = byHand.find(({ step }) => step === id)?.people ?? []
  return {
    says: `somebody of ${asked.who} to do ${id} by hand`,
    because: [
      `to be done: ${asked.what}`,
      ...(notClosed === undefined ? [] : [`it is not done yet: ${notClosed}`]),
      `may say that it is done: ${namesOf(people)}`,
    ],
  }
}

function namesOf(people: readonly { readonly id: string; readonly name: string }[]): string {
  return people.map(({ id, name }) => `${name} (${id})`).join(', ') || 'nobody who is configured'
}
