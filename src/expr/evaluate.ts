import { FirebreakError } from '../core/errors.ts'
import type { Expression, Program } from './check.ts'
import type { StatusValues } from './environment.ts'
import { Marshal, mismatch } from './marshal.ts'
import { fieldOf, peel } from './shape.ts'
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

/** The variables, each converted when it is first read. */
function variables(scope: Scope, values: Values, marshal: Marshal): object {
  const context: object = Object.create(null)
  for (const name of Object.keys(scope.variables)) {
    const shape = fieldOf({ kind: 'object', fields: scope.variables, closed: true }, name)
    if (!shape) continue
    let made: { readonly value: unknown } | undefined
    Object.defineProperty(context, name, {
      get: () => (made ??= { value: marshal.into(values[name], shape) }).value,
    })
  }
  return context
}
