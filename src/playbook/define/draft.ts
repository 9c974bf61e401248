import type { ActionRegistry } from '../../core/action.ts'
import type { JsonObject } from '../../core/json.ts'
import { listOf, objectOf, optional, shapeOf, type Shape } from '../../expr/index.ts'
import { asksHowItWent } from '../closing.ts'
import { own } from '../own.ts'
import type { Declarations } from './inputs.ts'
import { and } from './operators.ts'
import type { Ref } from './ref.ts'
import { definitionFault } from './fault.ts'
import { plainObject } from './plain.ts'
import { refTo, variable } from './reference.ts'
import { written } from './template.ts'
import { primary, termOf } from './term.ts'
import { checkedText } from './to-text.ts'

/** How the run went: what a step at the end asks. */
export type Outcome = 'succeeded' | 'failed' | 'always'

/** A step as it was written, before its types are forgotten. */
type Written = { readonly [key: string]: unknown }
type Build = (scope: object) => Written

type Made = {
  readonly document: JsonObject
  readonly shape: Shape
  /** When it is not there, steps that come later must say what holds then. */
  readonly mayBeAbsent: boolean
  readonly closing: boolean
}

export type State = {
  readonly actions: ActionRegistry
  /** Everything but inputs and steps. */
  readonly head: { readonly name: string }
  readonly inputs: Declarations
  readonly steps: ReadonlyMap<string, Made>
}

/** The definition when the program runs: each step makes a new one, so that a common beginning can have two ends. */
export class Draft {
  readonly #state: State

  constructor(state: State) {
    this.#state = state
  }

  get name(): string {
    return this.#state.head.name
  }

  /** The text, which the checker has accepted. */
  get text(): string {
    const { head, actions } = this.#state
    const inputs = Object.entries(this.#state.inputs).map(([name, { document }]) => [name, document] as const)
    const steps = [...this.#state.steps].map(([id, { document }]) => [id, document] as const)
    const document = {
      ...head,
      ...(inputs.length === 0 ? {} : { inputs: Object.fromEntries(inputs) }),
      steps: Object.fromEntries(steps),
    }
    return checkedText(plainObject(document), actions)
  }

  step(id: string, build: Build): Draft {
    const { when, ...step } = build(this.#scope(false))
    const condition = when === undefined ? undefined : termOf(when).text
    if (condition !== undefined && asksHowItWent(condition)) {
      throw definitionFault(`when of ${id} asks how the run went`, `Write .atEnd('${id}', 'failed', …).`)
    }
    return this.#with(id, { step, condition, closing: false })
  }

  atEnd(id: string, outcome: Outcome | Ref<boolean>, build: Build): Draft {
    const { when, ...step } = build(this.#scope(true))
    const asked = typeof outcome === 'string' ? statusOf(outcome) : outcome
    if (!asksHowItWent(termOf(asked).text)) {
      const remedy = `Write .step('${id}', …), or ask succeeded(), failed() or always().`
      throw definitionFault(`${id} does not ask how the run went`, remedy)
    }
    const condition = termOf(when === undefined ? asked : and(asked, conditionOf(when))).text
    return this.#with(id, { step, condition, closing: true })
  }

  #scope(closing: boolean): object {
    const { inputs, steps } = this.#state
    const seen = [...steps].filter(([, step]) => closing || !step.closing)
    const shapes = seen.map(([id, { shape, mayBeAbsent }]) => {
      return [id, closing || mayBeAbsent ? optional(shape) : shape] as const
    })
    const declared = Object.entries(inputs).map(([name, { shape }]) => [name, shape] as const)
    return {
      inputs: refTo(primary('inputs', objectOf(Object.fromEntries(declared)))),
      steps: refTo(primary('steps', objectOf(Object.fromEntries(shapes)))),
      each,
    }
  }

  #with(id: string, { step, condition, closing }: Defined): Draft {
    const { actions, steps } = this.#state
    if (steps.has(id)) throw definitionFault(`there are two steps ${id}`, 'Rename one of them.')
    const output = outputOf(actions, step['action'])
    const made: Made = {
      document: documentOf(actions, step, condition),
      shape: step['forEach'] === undefined ? output : listOf(output),
      mayBeAbsent: condition !== undefined || step['onError'] === 'continue',
      closing,
    }
    return new Draft({ ...this.#state, steps: new Map([...steps, [id, made]]) })
  }
}

type Defined = { readonly step: Written; readonly condition: string | undefined; readonly closing: boolean }

function statusOf(outcome: Outcome): Ref<boolean> {
  return refTo<boolean>(primary(`${outcome}()`, { kind: 'bool' }))
}

function conditionOf(value: unknown): Ref<boolean> {
  return refTo<boolean>(termOf(value))
}

function each(list: unknown, build: (item: object) => Written): Written {
  const { shape } = termOf(list)
  const item: Shape = shape.kind === 'list' ? shape.item : { kind: 'json' }
  return { ...build(refTo<object>(variable('item', item))), forEach: list }
}

/** What an action gives; of one that does not exist, the checker will say so. */
function outputOf(actions: ActionRegistry, name: unknown): Shape {
  const action = typeof name === 'string' ? own(actions, name) : undefined
  return action ? shapeOf(action.output, 'output') : { kind: 'json' }
}

/** The step in the words of the text; conditions come first there. */
function documentOf(actions: ActionRegistry, step: Written, when: string | undefined): JsonObject {
  const { forEach, confirm, ...others } = step
  return plainObject({
    ...(when === undefined ? {} : { when }),
    ...(forEach === undefined ? {} : { forEach: written(forEach) }),
    ...withWritten(others),
    ...(isWritten(confirm) ? { confirm: confirmOf(actions, confirm) } : {}),
  })
}

function isWritten(value: unknown): value is Written {
  return typeof value === 'object' && value !== null
}

function withWritten(step: Written): Written {
  return step['with'] === undefined ? step : { ...step, with: written(step['with']) }
}

function confirmOf(actions: ActionRegistry, { that, ...read }: Written): Written {
  if (typeof that !== 'function') {
    throw definitionFault('that of confirm is no function', 'Write that: (result) => eq(result.…, …).')
  }
  const result = refTo(primary('result', outputOf(actions, read['action'])))
  return { ...withWritten(read), that: termOf(that(result)).text }
}
