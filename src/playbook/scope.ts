import type { ActionRegistry, AnyAction } from '../core/action.ts'
import {
  conjunctsOf,
  createScope,
  listOf,
  objectOf,
  optional,
  shapeOf,
  withStatus,
  type Scope,
  type Shape,
} from '../expr/index.ts'
import { asksHowItWent } from './closing.ts'
import type { Document, StepText } from './document.ts'
import { shapeOfInput } from './inputs.ts'
import { own } from './own.ts'

/** What the expressions of one step may see. */
export type StepScopes = {
  readonly plain: Scope
  /** With `succeeded()`, `failed()` and `always()`: for `when`. */
  readonly condition: Scope
  readonly withItem: (item: Shape) => Scope
  /** For the `that` of `confirm`: with what its read returned. */
  readonly withResult: (result: Shape, item: Shape | undefined) => Scope
  /** Steps with a condition that holds whenever this one runs: what they return is there, except in its own `when`. */
  readonly there: ReadonlySet<string>
}

export type ScopesFor = (step: Pick<StepText, 'when'>) => StepScopes

/** A step whose `when` asks how the run went is decided after everything else. */
export function isClosing({ when }: Pick<StepText, 'when'>): boolean {
  return asksHowItWent(when)
}

/**
 * Every step of the main part is in sight of every other, and of the closing ones; which of them come first is then read
 * from the references. What a step returns may be absent where the step may be skipped or may fail without stopping the
 * run; in a closing step everything may be absent. A scope costs far more than a step, so all steps of a part share one.
 */
export function scopesOf(document: Document, actions: ActionRegistry): ScopesFor {
  const known = new Map<string, StepScopes>()
  const scopes = (part: Part) => {
    const key = [part.closing, ...part.there].join(' ')
    const found = known.get(key) ?? partScopes(document, actions, part)
    known.set(key, found)
    return found
  }
  const conditions = conditionsOf(document)
  return (step) => {
    const whole = scopes({ closing: isClosing(step), there: new Set() })
    const there = thereFor(conditions, step)
    if (there.size === 0) return whole
    return { ...scopes({ closing: false, there }), condition: whole.condition }
  }
}

/** A step of the main part that is skipped unless all of these hold. */
type Conditional = { readonly id: string; readonly step: StepText; readonly asked: readonly string[] }

function conditionsOf({ steps }: Document): readonly Conditional[] {
  return Object.entries(steps).flatMap(([id, step]) => {
    if (step.when === undefined || step.onError === 'continue' || isClosing(step)) return []
    const asked = conjunctsOf(step.when)
    return asked.length === 0 ? [] : [{ id, step, asked }]
  })
}

/** Steps that a step of the main part cannot run without: each part of their conditions is a part of its own. */
function thereFor(conditions: readonly Conditional[], step: Pick<StepText, 'when'>): ReadonlySet<string> {
  if (step.when === undefined || isClosing(step)) return new Set()
  const held = new Set(conjunctsOf(step.when))
  const sure = conditions.filter(
    (other) => other.step !== step && other.asked.every((part) => held.has(part)),
  )
  return new Set(sure.map(({ id }) => id))
}

type Part = { readonly closing: boolean; readonly there: ReadonlySet<string> }

function partScopes(document: Document, actions: ActionRegistry, { closing, there }: Part): StepScopes {
  const steps = Object.entries(document.steps).flatMap(([id, step]) => {
    const action = own(actions, step.action)
    if (action === undefined || (!closing && isClosing(step))) return []
    const whole = step.forEach === undefined ? outputOf(action) : listOf(outputOf(action))
    const isConditional = step.when !== undefined && !there.has(id)
    const mayBeAbsent = closing || isConditional || step.onError === 'continue'
    return [[id, mayBeAbsent ? optional(whole) : whole] as const]
  })
  const inputs = Object.entries(document.inputs).map(([name, type]) => [name, shapeOfInput(type)] as const)
  const variables = {
    inputs: objectOf(Object.fromEntries(inputs)),
    steps: objectOf(Object.fromEntries(steps)),
  }
  const plain = createScope(variables)
  const items = new Map<string, Scope>()
  return {
    plain,
    condition: withStatus(plain),
    withItem: (item) => {
      const key = JSON.stringify(item)
      const scope = items.get(key) ?? createScope({ ...variables, item })
      items.set(key, scope)
      return scope
    },
    withResult: (result, item) =>
      createScope({ ...variables, result, ...(item === undefined ? {} : { item }) }),
    there,
  }
}

const outputs = new WeakMap<AnyAction, Shape>()
const inputs = new WeakMap<AnyAction, Shape>()

/** What no schema of zod says: the shapes of a playbook that is run as a step. */
export function declareShapes(
  action: AnyAction,
  shapes: { readonly input: Shape; readonly output: Shape },
): void {
  inputs.set(action, shapes.input)
  outputs.set(action, shapes.output)
}

/** Reading a schema takes longer than checking a step. */
export function outputOf(action: AnyAction): Shape {
  const known = outputs.get(action) ?? shapeOf(action.output, 'output')
  outputs.set(action, known)
  return known
}

export function inputOf(action: AnyAction): Shape {
  const known = inputs.get(action) ?? shapeOf(action.input, 'input')
  inputs.set(action, known)
  return known
}
