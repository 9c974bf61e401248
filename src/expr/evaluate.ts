import { FirebreakError } from '../core/errors.ts'
import type { Expression, Program } from './check.ts'
import type { StatusValues } from './environment.ts'
import { Marshal, mismatch } from './marshal.ts'
import { peel } from './shape.ts'
import type { Scope } from './scope.ts'
import type { Shape } from './shape.ts'
import { UNKNOWN, hasUnknown, valueAt } from './unknown.ts'
import type { Unknown } from './unknown.ts'

/** Values of the variables of a scope. Parts may be `UNKNOWN`; parts that the expression does not read may be missing. */
export type Values = { readonly [name: string]: unknown }

/** What `succeeded()` and `failed()` answer. */
export type Status = { readonly succeeded: boolean | Unknown; readonly failed: boolean | Unknown }

const NOT_ASKED: StatusValues = { succeeded: false, failed: false }

/**
 * The value of a checked expression: JSON (or the `Secret` that a bare reference names), `undefined` for an optional that is
 * absent, or `UNKNOWN` when anything it refers to is unknown, even in a branch that would not be taken. It never throws
 * when the values have their declared shapes, and does not change them. One thing cannot be proven beforehand: a `map` that
 * puts a long text into every item. A result over 4 MiB throws `expr.too-large`.
 */
export function evaluate(expression: Expression, values: Values, status?: Status): unknown {
  if (expression.references.some(({ path }) => hasUnknown(valueAt(values, path)))) return UNKNOWN
  if (!expression.usesStatus) return run(expression.program, values, NOT_ASKED)
  const known = knownStatus(status)
  return known ? run(expression.program, values, known) : UNKNOWN
}

/** Without a status nothing is known of it. */
function knownStatus(status: Status | undefined): StatusValues | undefined {
  if (!status || status.succeeded === UNKNOWN || status.failed === UNKNOWN) return undefined
  return { succeeded: status.succeeded, failed: status.failed }
}

function run(program: Program, values: Values, status: StatusValues): unknown {
  if (program.kind === 'path') return bare(valueAt(values, program.path), program.shape)
  const { environment } = program.scope
  const marshal = new Marshal(environment.classOf)
  const context = variables(program.scope, values, marshal)
  const result = environment.withStatus(status, () => program.run(context))
  refuseHuge(result)
  return marshal.outOf(result)
}

/** `.?` gives absent for null, as everywhere in expressions. */
function bare(value: unknown, shape: Shape): unknown {
  if (value !== undefined && value !== null) return value
  const { base, optional, nullable } = peel(shape)
  if (value === null && (nullable || base.kind === 'json')) return null
  return optional ? undefined : mismatch(value, shape)
}

/** Far above what a fact of the journal may hold, far below what would hurt the process. */
const MAX_RESULT = 4 * 2 ** 20

function refuseHuge(result: unknown): void {
  if (!Array.isArray(result)) return
  let size = 0
  for (const item of result.flat()) size += typeof item === 'string' ? item.length : 1
  if (size <= MAX_RESULT) return
  throw new FirebreakError('expr.too-large', 'The result of an expression is larger than 4 MiB.', {
    remedy: 'Take less from each item, or give the texts a maxLength.',
  })
}

type ContextClass = new (values: Values, marshal: Marshal) => object

/** By the variables of a scope: defining the getters takes longer than most evaluations. */
const contexts = new WeakMap<Scope['variables'], ContextClass>()

/** The variables, each converted when it is first read. */
function variables({ variables: shapes }: Scope, values: Values, marshal: Marshal): object {
  const known = contexts.get(shapes) ?? contextClass(shapes)
  contexts.set(shapes, known)
  return new known(values, marshal)
}

function contextClass(shapes: Scope['variables']): ContextClass {
  class Context {
    readonly #values: Values
    readonly #marshal: Marshal
    readonly #made = new Map<string, unknown>()

    constructor(values: Values, marshal: Marshal) {
      this.#values = values
      this.#marshal = marshal
    }

    static get(context: Context, name: string, shape: Shape): unknown {
      if (!context.#made.has(name))
        context.#made.set(name, context.#marshal.into(context.#values[name], shape))
      return context.#made.get(name)
    }
  }
  for (const [name, shape] of Object.entries(shapes)) {
    Object.defineProperty(Context.prototype, name, {
      get(this: Context) {
        return Context.get(this, name, shape)
      },
    })
  }
  return Context
}
