import { expect, test } from 'vitest'
import { z } from 'zod'
import { checkExpression, createScope, evaluate, shapeOf } from '../../src/expr/index.ts'
import type { Shape } from '../../src/expr/index.ts'
import { conforms } from './conforms.ts'
import { seeded } from './generate.ts'
import type { Random } from './generate.ts'

type Bounds = { readonly int: boolean; readonly min: number; readonly max: number }

const ENDS = [Number.MIN_SAFE_INTEGER, -(2 ** 31), -7, -1, 0, 1, 3, 60, 2 ** 31, Number.MAX_SAFE_INTEGER]

function bounds(r: Random): Bounds {
  const int = r.chance(0.6)
  const [a, b] = int || r.chance(0.7) ? [r.pick(ENDS), r.pick(ENDS)] : [-Number.MAX_VALUE, Number.MAX_VALUE]
  return { int, min: Math.min(a, b), max: Math.max(a, b) }
}

function schemaOf({ int, min, max }: Bounds): z.ZodType {
  return (int ? z.int() : z.number()).min(min).max(max)
}

/** The ends and what lies near zero: where arithmetic breaks. */
function valueOf(r: Random, { min, max }: Bounds): number {
  return r.pick([min, max, 0, 1, -1].filter((value) => value >= min && value <= max))
}

function term(r: Random, depth: number, names: readonly string[]): string {
  if (depth === 0) return r.chance(0.7) ? r.pick(names) : r.pick(['1', '2', '60', '0', '-3', '1.5', '100.0'])
  const [left, right] = [term(r, depth - 1, names), term(r, depth - 1 - r.below(depth), names)]
  if (r.chance(0.15)) return `clamp(${left}, -9, 9)`
  if (r.chance(0.1)) return `int(double(${left}))`
  return `(${left} ${r.pick(['+', '-', '*', '/', '%'])} ${right})`
}

function told(source: string, shape: Shape, values: object): string {
  return `${source} of ${JSON.stringify(values)} as ${JSON.stringify(shape)}`
}

test('arithmetic that is accepted never overflows, never divides by zero, and stays within its bounds', () => {
  let checkedCount = 0
  let refusals = 0
  for (let seed = 1; seed <= 400; seed += 1) {
    const r = seeded(seed)
    const variables = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, bounds(r)]))
    const shapes = Object.entries(variables).map(([name, bound]) => [
      name,
      shapeOf(schemaOf(bound), 'output'),
    ])
    const scope = createScope(Object.fromEntries(shapes))
    for (let n = 0; n < 60; n += 1) {
      const source = term(r, 1 + r.below(3), Object.keys(variables))
      const checked = checkExpression(source, scope)
      if (!checked.ok) {
        refusals += Number(['expr.may-overflow', 'expr.not-total'].includes(checked.problems[0]!.code))
        continue
      }
      checkedCount += 1
      for (let v = 0; v < 4; v += 1) {
        const values = Object.fromEntries(
          Object.entries(variables).map(([name, bound]) => [name, valueOf(r, bound)]),
        )
        const got = evaluate(checked.expression, values)
        expect(conforms(checked.expression.shape, got), told(source, checked.expression.shape, values)).toBe(
          true,
        )
      }
    }
  }
  expect(checkedCount).toBeGreaterThan(2000)
  expect(refusals).toBeGreaterThan(500)
})
