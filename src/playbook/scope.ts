import type { ActionRegistry } from '../core/action.ts'
import { createScope, listOf, objectOf, optional, shapeOf, type Scope, type Shape } from '../expr/index.ts'
import type { Document, StepText } from './document.ts'
import { shapeOfInput } from './inputs.ts'
import { own } from './own.ts'

/** What the expressions of one step may see. */
export type StepScopes = {
  readonly plain: Scope
  /** With `succeeded()`, `failed()` and `always()`: for `when`. */
  readonly condition: Scope
  readonly withItem: (item: Shape) => Scope
}

/** A step whose `when` asks how the run went is decided after everything else. */
export function isClosing({ when }: StepText): boolean {
  return when !== undefined && /\b(succeeded|failed|always)\s*\(/.test(when)
}

/**
 * Every other step of the main part is in sight; which of them come first is then read from the references. What a
 * step returns may be absent where the step may be skipped or may fail without stopping the run; in a closing step
 * everything may be absent.
 */
export function scopesOf(document: Document, id: string, actions: ActionRegistry): StepScopes {
  const closing = isClosing(document.steps[id] ?? missing(id))
  const others = Object.entries(document.steps).filter(
    ([other, step]) => other !== id && (closing || !isClosing(step)),
  )
  const steps = others.flatMap(([other, step]) => {
    const action = own(actions, step.action)
    if (action === undefined) return []
    const output = shapeOf(action.output, 'output')
    const whole = step.forEach === undefined ? output : listOf(output)
    const mayBeAbsent = closing || step.when !== undefined || step.onError === 'continue'
    return [[other, mayBeAbsent ? optional(whole) : whole] as const]
  })
  const inputs = Object.entries(document.inputs).map(([name, type]) => [name, shapeOfInput(type)] as const)
  const variables = {
    inputs: objectOf(Object.fromEntries(inputs)),
    steps: objectOf(Object.fromEntries(steps)),
  }
  return {
    plain: createScope(variables),
    condition: createScope(variables, { status: true }),
    withItem: (item) => createScope({ ...variables, item }),
  }
}

function missing(id: string): never {
  throw new Error(`no step ${id}`)
}
