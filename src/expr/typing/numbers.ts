import type { ASTNode } from '@marcbachmann/cel-js'
import { refuse } from '../problem.ts'
import type { NumberShape } from '../shape.ts'
import { notTotal, sourceOf } from './context.ts'

/**
 * Arithmetic is allowed when its result is proven to fit, from the bounds of what goes in. 2^62 leaves room under the
 * 2^63 of cel-js for bounds being doubles; 1e300 leaves room under the largest double, so no infinity and no NaN arises.
 */
const LIMIT = { int: 2 ** 62, double: 1e300 } as const

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%'

const apply: { readonly [operator in '+' | '-' | '*' | '/']: (a: number, b: number) => number } = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
}

export type Operation = { readonly node: ASTNode; readonly left: NumberShape; readonly right: NumberShape }

/** The bounds of `left operator right`, or a refusal when it could overflow or divide by zero. */
export function arithmetic(operator: ArithmeticOperator, { node, left, right }: Operation): NumberShape {
  if (operator === '/' || operator === '%') refuseZero(node, right)
  if (operator === '%') return remainder(left, right)
  const results = [left.min, left.max].flatMap((a) =>
    [right.min, right.max].map((b) => apply[operator](a, b)),
  )
  const rounded = left.kind === 'int' ? results.map(Math.trunc) : results
  return withinLimit(node, {
    kind: left.kind,
    min: Math.min(...rounded.map(down)),
    max: Math.max(...rounded.map(up)),
  })
}

export function negated(shape: NumberShape): NumberShape {
  return { kind: shape.kind, min: 0 - shape.max, max: 0 - shape.min }
}

function refuseZero(node: ASTNode, right: NumberShape): void {
  if (right.min > 0 || right.max < 0) return
  notTotal(
    node,
    `${sourceOf(node)} divides by what may be zero.`,
    'Divide by a constant other than zero, or by something whose minimum is above zero, such as clamp(x, 1, 100).',
  )
}

function remainder(left: NumberShape, right: NumberShape): NumberShape {
  const most = Math.max(Math.abs(right.min), Math.abs(right.max)) - 1
  return {
    kind: 'int',
    min: Math.max(Math.min(left.min, 0), -most),
    max: Math.min(Math.max(left.max, 0), most),
  }
}

/** Bounds above 2^53 are rounded doubles: widen them, so that they stay bounds. */
function up(bound: number): number {
  return Number.isSafeInteger(bound) || Math.abs(bound) < 2 ** 53 ? bound : bound + Math.abs(bound) * 2 ** -50
}

function down(bound: number): number {
  return -up(-bound)
}

export function withinLimit(node: ASTNode, shape: NumberShape): NumberShape {
  const limit = LIMIT[shape.kind === 'int' ? 'int' : 'double']
  if (shape.min >= -limit && shape.max <= limit) return shape
  return refuse(node, {
    code: 'expr.may-overflow',
    message: `${sourceOf(node)} may be too large for a number.`,
    remedy: 'Give the inputs a minimum and a maximum, or bound a part of it with clamp(x, lowest, highest).',
  })
}

/** What leaves an expression is JSON, whose integers end at ±(2^53 − 1): larger ones are brought to that end. */
export function saturated(shape: NumberShape): NumberShape {
  if (shape.kind === 'double') return shape
  return { kind: 'int', min: saturate(shape.min), max: saturate(shape.max) }
}

function saturate(value: number): number {
  return Math.min(Math.max(value, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER)
}
