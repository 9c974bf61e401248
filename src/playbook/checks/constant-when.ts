import { constantOf } from '../../expr/index.ts'
import type { CheckedStep } from '../checked.ts'
import { eachStep } from './check.ts'

/** A condition that is never or always true. */
export const constantWhen = eachStep((step) => {
  const always = alwaysIs(step)
  if (always === undefined) return []
  const path = ['steps', step.id, 'when']
  if (!always) {
    const remedy = 'Correct the condition, or remove the step.'
    const message = `this is never true, so ${step.id} never runs`
    return [{ path, code: 'playbook.when-never', severity: 'warning', message, remedy }]
  }
  const remedy = 'Correct the condition, or remove it.'
  return [{ path, code: 'playbook.when-always', severity: 'warning', message: 'this is always true', remedy }]
})

export function neverRuns(step: CheckedStep): boolean {
  return alwaysIs(step) === false
}

const known = new WeakMap<CheckedStep, { readonly always: boolean | undefined }>()

/** Asked once for the step itself, and once for each step that waits for it. */
function alwaysIs(step: CheckedStep): boolean | undefined {
  const found = known.get(step) ?? { always: folded(step) }
  known.set(step, found)
  return found.always
}

/** `always()` is no condition but a place: at the end of the run. */
function folded({ condition, step }: CheckedStep): boolean | undefined {
  const value = condition && constantOf(condition)
  return value === true && step.closing ? undefined : value
}
