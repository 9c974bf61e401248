import { EvaluationError, ParseError, TypeError as CelTypeError } from '@marcbachmann/cel-js'
import type { ParseResult } from '@marcbachmann/cel-js'
import { LIMITS } from './environment.ts'
import { Refusal } from './problem.ts'
import type { Problem } from './problem.ts'
import type { Scope } from './scope.ts'
import { bool, describe } from './shape.ts'
import type { Shape } from './shape.ts'
import { declaredShape, isPath } from './typing/access.ts'
import { pathOf } from './typing/context.ts'
import type { Context, Reference } from './typing/context.ts'
import { saturated } from './typing/numbers.ts'
import { noteReference, typeOf } from './typing/type-of.ts'

export type { Reference } from './typing/context.ts'

/** An expression that is checked: evaluating it with values of the declared shapes never fails. */
export type Expression = {
  readonly source: string
  readonly shape: Shape
  /** What it reads, with places in the checked text; one path may come twice. */
  readonly references: readonly Reference[]
  /** True when it asks `succeeded()`, `failed()` or `always()`. */
  readonly usesStatus: boolean
  /** For this folder only. */
  readonly program: Program
}

export type Program =
  /** Nothing but a reference: the value itself, never touched. */
  | { readonly kind: 'path'; readonly path: readonly string[]; readonly shape: Shape }
  | { readonly kind: 'cel'; readonly run: ParseResult; readonly scope: Scope }

export type Checked =
  | { readonly ok: true; readonly expression: Expression }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Checks one expression: syntax, names, types, totality, limits. */
export function checkExpression(source: string, scope: Scope): Checked {
  try {
    return { ok: true, expression: check(source, scope) }
  } catch (error) {
    return { ok: false, problems: [problemOf(error, source)] }
  }
}

/** Checks a condition, such as `when`: an expression that is true or false. */
export function checkCondition(source: string, scope: Scope): Checked {
  const checked = checkExpression(source, scope)
  if (!checked.ok || checked.expression.shape.kind === bool.kind) return checked
  const message = `A condition is true or false, but this is ${describe(checked.expression.shape)}.`
  const problem: Problem = {
    code: 'expr.type',
    message,
    remedy: 'Compare it with something.',
    start: 0,
    end: source.length,
  }
  return { ok: false, problems: [problem] }
}

function check(source: string, scope: Scope): Expression {
  refuseUnreadable(source)
  const run = scope.environment.parse(source)
  const context: Context = {
    scope,
    locals: new Map(),
    present: new Set(),
    depth: 0,
    found: { references: [], status: false },
  }
  const { found } = context
  const bare = isPath(run.ast) ? pathOf(run.ast) : undefined
  if (bare && isPath(run.ast)) {
    noteReference(run.ast, context)
    const shape = declaredShape(run.ast, context)
    return {
      source,
      shape,
      references: found.references,
      usesStatus: false,
      program: { kind: 'path', path: bare, shape },
    }
  }
  const shape = typeOf(run.ast, context)
  const second = run.check()
  if (!second.valid) throw second.error ?? new TypeError('cel-js refused the expression without a reason')
  return {
    source,
    shape: leaving(shape),
    references: found.references,
    usesStatus: found.status,
    program: { kind: 'cel', run, scope },
  }
}

/** A shape as it leaves the expression: see `saturated`. */
function leaving(shape: Shape): Shape {
  if (shape.kind === 'int') return saturated(shape)
  if (shape.kind === 'list') return { ...shape, item: leaving(shape.item) }
  if (shape.kind === 'optional' || shape.kind === 'nullable')
    return { kind: shape.kind, of: leaving(shape.of) }
  return shape
}

function refuseUnreadable(source: string): void {
  const whole = { start: 0, end: source.length }
  if (source.length > LIMITS.sourceLength) {
    throw new Refusal({
      ...whole,
      code: 'expr.too-large',
      message: `The expression has ${source.length} characters; at most ${LIMITS.sourceLength} are allowed.`,
      remedy: 'Split it over two steps.',
    })
  }
  if (source.trim() === '') {
    throw new Refusal({
      ...whole,
      code: 'expr.syntax',
      message: 'The expression is empty.',
      remedy: 'Write an expression.',
    })
  }
  if (!source.isWellFormed()) {
    throw new Refusal({
      ...whole,
      code: 'expr.syntax',
      message: 'The expression is no valid Unicode.',
      remedy: 'Save the file as UTF-8.',
    })
  }
}

function problemOf(error: unknown, source: string): Problem {
  if (error instanceof Refusal) return error.problem
  if (error instanceof ParseError) {
    const large = error.code === 'limit_exceeded'
    return {
      ...placeOf(error, source),
      code: large ? 'expr.too-large' : 'expr.syntax',
      message: error.summary,
      remedy: large ? 'Split it over two steps.' : 'Correct the expression. Texts stand in quotes: "text".',
    }
  }
  if (error instanceof CelTypeError || error instanceof EvaluationError) {
    const remedy = 'Let both sides have one type: double(…), int(…) and string(…) convert.'
    return { ...placeOf(error, source), code: 'expr.type', message: error.summary, remedy }
  }
  throw error
}

function placeOf(
  error: { readonly range?: { start: number; end: number } },
  source: string,
): { start: number; end: number } {
  const start = Math.min(error.range?.start ?? 0, source.length)
  return { start, end: Math.max(start, Math.min(error.range?.end ?? source.length, source.length)) }
}
