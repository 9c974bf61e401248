import { expect, test } from 'vitest'
import { accepts, checkExpression, createScope, evaluate, shapeOf } from '../../src/expr/index.ts'
import type { Scope, Values } from '../../src/expr/index.ts'
import { conforms } from './conforms.ts'
import { expression, object, pathsOf, seeded, typed } from './generate.ts'

const VALUES = 4

/** What came by: the test is worth nothing if the generator is too wild for anything to pass the check. */
class Tally {
  computed = 0
  readonly kinds = new Set<string>()
  readonly codes = new Set<string>()
}

type Case = {
  readonly seed: number
  readonly source: string
  readonly values: readonly Values[]
  readonly scope: Scope
}

function attempt({ seed, source, values, scope }: Case, tally: Tally): void {
  const checked = checkExpression(source, scope)
  if (!checked.ok) {
    const { code, start, end } = checked.problems[0]!
    expect(start >= 0 && start <= end && end <= source.length, `place in ${source}`).toBe(true)
    tally.codes.add(code)
    return
  }
  const { shape, program } = checked.expression
  tally.kinds.add(shape.kind)
  if (program.kind === 'cel') tally.computed += 1
  for (const value of values) {
    const told = `seed ${seed}: ${source} over ${JSON.stringify(value)}`
    const got = surely(() => evaluate(checked.expression, value), told)
    if (!conforms(shape, got))
      throw new Error(`${told} gave ${JSON.stringify(got)} for ${JSON.stringify(shape)}`)
  }
}

function surely(run: () => unknown, told: string): unknown {
  try {
    return run()
  } catch (error) {
    throw new Error(told, { cause: error })
  }
}

function attemptSeed(seed: number, expressions: number, tally: Tally): void {
  const r = seeded(seed)
  const inputs = object(r, 3)
  const item = typed(r, 2)
  const shapes = { inputs: shapeOf(inputs.schema, 'output'), item: shapeOf(item.schema, 'output') }
  const scope = createScope(shapes)
  const names = [...pathsOf(shapes.inputs, 'inputs'), ...pathsOf(shapes.item, 'item')]
  const values = Array.from({ length: VALUES }, () => ({ inputs: inputs.value(), item: item.value() }))
  for (let n = 0; n < expressions; n += 1) {
    attempt({ seed, source: expression(r, 1 + r.below(3), names), values, scope }, tally)
  }
}

test('a checked expression never throws and gives a value of its shape, for every value of the schema', () => {
  const tally = new Tally()
  for (let seed = 1; seed <= 150; seed += 1) attemptSeed(seed, 120, tally)
  expect(tally.computed).toBeGreaterThan(1000)
  expect([...tally.kinds]).toEqual(
    expect.arrayContaining(['bool', 'double', 'int', 'list', 'object', 'optional', 'string']),
  )
  expect([...tally.codes]).toEqual(
    expect.arrayContaining([
      'expr.type',
      'expr.unguarded',
      'expr.unknown-name',
      'expr.may-overflow',
      'expr.not-total',
    ]),
  )
})

test('what a schema accepts by shape, the schema accepts by value', () => {
  let accepted = 0
  for (let seed = 1; seed <= 3000; seed += 1) {
    const r = seeded(seed)
    const source = typed(r, 2)
    const target = typed(r, 2)
    if (accepts(shapeOf(target.schema, 'input'), shapeOf(source.schema, 'output')) !== undefined) continue
    accepted += 1
    for (let v = 0; v < VALUES; v += 1) {
      const value = source.value()
      expect(target.schema.safeParse(value).success, `seed ${seed}: ${JSON.stringify(value)}`).toBe(true)
    }
  }
  expect(accepted).toBeGreaterThan(100)
})

test('any text is checked without throwing', () => {
  const scope = createScope({ inputs: shapeOf(object(seeded(1), 2).schema, 'output') }, { status: true })
  const ascii = Array.from({ length: 95 }, (_, n) => String.fromCodePoint(32 + n))
  const parts = [
    ...ascii,
    'inputs.a',
    '\n',
    '}}',
    '\u{D800}',
    'has(',
    '.map(x,',
    'true',
    '//',
    '"""',
    '[?',
    '.orValue(',
  ]
  for (let seed = 1; seed <= 5000; seed += 1) {
    const r = seeded(seed)
    const text = Array.from({ length: r.below(24) }, () => r.pick(parts)).join('')
    const checked = checkExpression(text, scope)
    if (!checked.ok) expect(checked.problems[0]!.code).toMatch(/^expr\./)
  }
})
