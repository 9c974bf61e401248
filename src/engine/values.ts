import type { Json } from '../core/json.ts'
import type { RunState } from '../core/run.ts'
import { isSettled, itemsOf } from '../core/run.ts'
import type { Playbook, Step, StepValue, Values } from '../playbook/playbook.ts'

/**
 * What a step's expressions see of a run. For a closing step, what never ran is absent; for any other it is not known yet.
 */
export function valuesOf(state: RunState, playbook: Playbook, forStep: Step): Values {
  const steps = Object.fromEntries(
    playbook.steps.map((step) => {
      const value = valueOf(state, step)
      return [step.id, forStep.closing && value.kind === 'unknown' ? { kind: 'absent' as const } : value]
    }),
  )
  return { inputs: state.requested.inputs, steps, failed: hasFailed(state, playbook) }
}

/** The same for one instance of a step: with its item, where the step repeats. */
export function valuesFor(
  state: RunState,
  playbook: Playbook,
  { step, item }: { readonly step: Step; readonly item: number | undefined },
): Values {
  const values = valuesOf(state, playbook, step)
  const value = item === undefined ? undefined : state.steps[step.id]?.items?.[item]
  return value === undefined ? values : { ...values, item: value }
}

function valueOf(state: RunState, step: Step): StepValue {
  const own = state.steps[step.id]
  if (own === undefined || !isSettled(own.status)) return { kind: 'unknown' }
  if (own.items === undefined) return own.output ? { kind: 'output', output: own.output } : { kind: 'absent' }
  const outputs: Json[] = itemsOf(state, step.id).flatMap((item) => (item.output ? [item.output] : []))
  return { kind: 'output', output: outputs }
}

/** A step that repeats is over when each item that was started is, and none is left to start. */
export function isStepOver(state: RunState, step: Step): boolean {
  const own = state.steps[step.id]
  if (own === undefined) return false
  return isSettled(own.status)
}

/** Something in the main part failed and was not tolerated, or people stopped the run. */
export function hasFailed(state: RunState, playbook: Playbook): boolean {
  if (state.stop !== undefined) return true
  return playbook.steps.some((step) => !step.closing && step.onError === 'stop' && stepFailed(state, step))
}

export function stepFailed(state: RunState, step: Step): boolean {
  return state.steps[step.id]?.status === 'failed'
}
