import { applyToContainment } from './containment.ts'
import type { Answer, Fact } from './fact.ts'
import { isUnderWay, type RunState, type StepState } from './run-state.ts'

/** What a fact about one step, or one item of it, makes of the run. */
export function applyToStep(state: RunState, fact: Fact, instance: string): RunState {
  const before: StepState = state.steps[instance] ?? { id: instance, status: 'pending' }
  const after = nextStep(before, fact)
  return after === before ? state : { ...state, steps: { ...state.steps, [instance]: after } }
}

function nextStep(step: StepState, fact: Fact): StepState {
  switch (fact.type) {
    case 'step.expanded':
      return { ...step, items: fact.data.items }
    case 'step.intended':
      return {
        ...awake(step),
        status: 'intended',
        startedAt: step.startedAt ?? fact.time,
        intent: { ...fact.data, at: fact.time },
        change: fact.data.change,
        undo: fact.data.undo,
      }
    case 'step.applied':
      return { ...step, status: 'applied' }
    case 'step.probed':
      return fact.data.verdict === 'absent' && isUnderWay(step) ? { ...step, status: 'pending' } : step
    case 'step.in-doubt':
      return { ...step, status: 'in-doubt', problem: fact.data }
    default:
      return waiting(step, fact)
  }
}

/** A step that waits for time or for a person is pending still: nothing of it is under way in the world. */
function waiting(step: StepState, fact: Fact): StepState {
  const startedAt = step.startedAt ?? fact.time
  switch (fact.type) {
    case 'step.retrying': {
      const { tries, until, problem } = fact.data
      return { ...step, status: 'pending', startedAt, waitsUntil: until, retrying: { tries, problem } }
    }
    case 'step.held': {
      const held = { ...fact.data, at: fact.time }
      return withEnd({ ...step, held }, fact.data.until)
    }
    case 'step.waiting':
      return { ...step, startedAt, waitsUntil: fact.data.until }
    case 'step.asked': {
      const { until } = fact.data
      const asked = { ...fact.data, at: fact.time }
      return { ...step, startedAt, asked, ...(until === undefined ? {} : { waitsUntil: until }) }
    }
    case 'step.said-done':
      return { ...step, saidDone: { ...fact.data, at: fact.time } }
    case 'step.not-closed': {
      const { saidDone: _, ...rest } = step
      return { ...rest, notClosed: fact.data.why }
    }
    default:
      return settled(step, fact)
  }
}

function settled({ held, ...step }: StepState, fact: Fact): StepState {
  const over = { endedAt: fact.time, startedAt: step.startedAt ?? fact.time }
  switch (fact.type) {
    case 'step.succeeded':
      return { ...step, status: 'succeeded', output: fact.data.output, ...over }
    case 'step.satisfied':
      return { ...step, status: 'satisfied', output: fact.data.output, change: fact.data.change, ...over }
    case 'step.skipped':
      return { ...step, status: 'skipped', reason: fact.data.reason, ...over }
    case 'step.failed':
      return { ...step, status: 'failed', problem: fact.data, ...over }
    default:
      return contained(held === undefined ? step : { ...step, held }, fact)
  }
}

function contained(step: StepState, fact: Fact): StepState {
  const containment = applyToContainment(step.containment, fact)
  return containment === undefined || containment === step.containment ? step : { ...step, containment }
}

function withEnd(held: StepState, until: string | undefined): StepState {
  const { waitsUntil: _, ...step } = held
  return until === undefined ? step : { ...step, waitsUntil: until }
}

/** It waits for nothing any more. */
function awake(waiting: StepState): StepState {
  const { waitsUntil: _, held: __, ...step } = waiting
  return step
}

/**
 * A parked run goes on. What a person says of an effect in doubt counts, and is shown as their word; what nobody has
 * answered is an intent without an outcome again, which is looked at before anything else of it is done (P5).
 */
export function answerSteps(state: RunState, fact: Fact & { type: 'run.resumed' }): RunState['steps'] {
  const { answers } = fact.data
  return Object.fromEntries(
    Object.entries(state.steps).map(([id, step]) => {
      if (step.status !== 'in-doubt' && !isUnderWay(step)) return [id, step]
      const answer = Object.hasOwn(answers, id) ? answers[id] : undefined
      return [id, answer === undefined ? lookAgain(step) : answered(step, fact, answer)]
    }),
  )
}

function lookAgain(step: StepState): StepState {
  const { problem: _, ...rest } = step
  return step.status === 'in-doubt' ? { ...rest, status: 'intended' } : step
}

function answered(step: StepState, { actor, time }: Fact, as: Answer): StepState {
  const { problem: _, ...rest } = step
  const said = { ...rest, answered: { as, by: actor, at: time } }
  return as === 'absent'
    ? { ...said, status: 'pending' }
    : { ...said, status: 'succeeded', output: step.change?.output ?? {}, endedAt: time }
}
