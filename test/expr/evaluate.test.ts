import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { Secret } from '../../src/core/secret.ts'
import {
  UNKNOWN,
  checkExpression,
  compilePattern,
  createScope,
  evaluate,
  shapeOf,
} from '../../src/expr/index.ts'
import type { Status } from '../../src/expr/index.ts'

const inputs = shapeOf(
  z.strictObject({
    text: z.string(),
    maybe: z.string().optional(),
    nothing: z.string().nullable(),
    big: z.int(),
    score: z.number().min(0).max(1),
    names: z.array(z.string()),
    holes: z.array(z.string().nullable()),
    labels: z.record(z.string(), z.int().nullable()),
    pods: z.array(z.strictObject({ name: z.string(), note: z.string().nullable(), restarts: z.int() })),
    inner: z.strictObject({ a: z.string() }).optional(),
    token: z.instanceof(Secret),
    raw: z.json(),
  }),
  'output',
)
const scope = createScope({ inputs }, { status: true })
const token = new Secret('hush')
const values = {
  inputs: {
    text: 'Kelvin',
    nothing: null,
    big: Number.MAX_SAFE_INTEGER,
    score: 0.25,
    names: ['a', 'b'],
    holes: ['x', null],
    labels: { app: 1, none: null },
    pods: [
      { name: 'p1', note: null, restarts: 5 },
      { name: 'p2', note: 'n', restarts: 0 },
    ],
    token,
    raw: { deep: [1, null] },
  },
}

function run(source: string, from: Readonly<Record<string, unknown>> = values, status?: Status): unknown {
  const checked = checkExpression(source, scope)
  if (!checked.ok) throw new Error(`${source}: ${checked.problems[0]!.message}`)
  return evaluate(checked.expression, from, status)
}

test.each([
  ['inputs.text', 'Kelvin'],
  ['inputs.maybe', undefined],
  ['inputs.?maybe.orValue("d")', 'd'],
  ['inputs.nothing', null],
  ['inputs.?nothing', undefined],
  ['inputs.?nothing.orValue("d")', 'd'],
  ['has(inputs.nothing)', false],
  ['inputs.big + 1', Number.MAX_SAFE_INTEGER],
  ['string(inputs.big + 1)', '9007199254740992'],
  ['7 / 2', 3],
  ['-7 % 3', -1],
  ['inputs.score * 100.0', 25],
  ['inputs.score < 1', true],
  ['inputs.names.map(n, n + "!")', ['a!', 'b!']],
  ['inputs.names + ["c"]', ['a', 'b', 'c']],
  ['inputs.names.join("-")', 'a-b'],
  ['inputs.names[?1].orValue("none")', 'b'],
  ['inputs.names[?2].orValue("none")', 'none'],
  ['inputs.names[?-1].orValue("none")', 'none'],
  ['inputs.holes.filter(h, h.hasValue())', ['x']],
  ['inputs.holes.map(h, h)', ['x', null]],
  ['inputs.labels[?"app"].orValue(0)', 1],
  ['inputs.labels[?"none"].orValue(0)', 0],
  ['"app" in inputs.labels', true],
  ['inputs.labels.exists(k, k == "app")', true],
  ['inputs.pods.filter(p, p.restarts > 3)', [{ name: 'p1', note: null, restarts: 5 }]],
  ['inputs.pods.map(p, p.?note.orValue("-"))', ['-', 'n']],
  ['inputs.pods[?0].name', 'p1'],
  ['inputs.pods[?9].name', undefined],
  ['inputs.?inner.a.orValue("none")', 'none'],
  ['inputs.raw', { deep: [1, null] }],
  ['re(inputs.text, "^K")', true],
  ['"a,b".split(",")', ['a', 'b']],
  ['lower("A\u{212A}")', 'a\u{212A}'],
  ['size("a😀")', 2],
  ['clamp(inputs.big, 0, 9)', 9],
  [
    'inputs.names.map(n, ["a", "b"].map(m, n + m))',
    [
      ['aa', 'ab'],
      ['ba', 'bb'],
    ],
  ],
])('%s', (source, expected) => {
  expect(run(source)).toEqual(expected)
})

test('a secret comes out as the very same object', () => {
  expect(run('inputs.token')).toBe(token)
})

test('an expression gives the same answer every time and leaves its values alone', () => {
  const before = structuredClone({ ...values.inputs, token: null })
  expect(run('inputs.names.map(n, n).map(n, n)')).toEqual(run('inputs.names'))
  const checked = checkExpression('inputs.names.map(n, [n])', scope)
  if (!checked.ok) throw new Error('refused')
  expect(evaluate(checked.expression, values)).toEqual([['a'], ['b']])
  expect(evaluate(checked.expression, values)).toEqual([['a'], ['b']])
  expect({ ...values.inputs, token: null }).toEqual(before)
})

describe('unknown', () => {
  const part = {
    inputs: { ...values.inputs, text: UNKNOWN, pods: [{ name: UNKNOWN, note: null, restarts: 1 }] },
  }

  test.each([
    'inputs.text',
    'inputs.text + "a"',
    'inputs.pods',
    'size(inputs.pods) > 0',
    'inputs.pods[?0].restarts',
    'false && inputs.text == ""',
  ])('%s is unknown when what it reads is', (source) => {
    expect(run(source, part)).toBe(UNKNOWN)
  })

  test('what is read elsewhere is known', () => {
    expect(run('inputs.names.join("")', part)).toBe('ab')
    expect(run('inputs.names.join("")', { inputs: { names: ['z'] } })).toBe('z')
  })

  test('a whole step that has not run is unknown below, too', () => {
    expect(run('inputs.?inner.a.orValue("")', { inputs: UNKNOWN })).toBe(UNKNOWN)
  })

  test('it cannot be written as JSON', () => {
    expect(JSON.stringify({ a: UNKNOWN })).toBe('{}')
  })
})

test('status answers what the run says, and is unknown when the run does not say', () => {
  expect(run('succeeded()', values, { succeeded: true, failed: false })).toBe(true)
  expect(run('failed() || always()', values, { succeeded: true, failed: false })).toBe(true)
  expect(run('failed()', values, { succeeded: UNKNOWN, failed: UNKNOWN })).toBe(UNKNOWN)
  expect(run('failed()')).toBe(UNKNOWN)
})

test('a value that breaks its own declaration is an error of ours, never a wrong answer', () => {
  const wrong = { inputs: { ...values.inputs, text: 7 } }
  expect(() => run('inputs.text + "a"', wrong)).toThrow(expect.objectContaining({ code: 'expr.wrong-value' }))
  expect(() => run('inputs.text', { inputs: {} })).toThrow(
    expect.objectContaining({ code: 'expr.wrong-value' }),
  )
})

test('long lists of a hostile alert take time in proportion to their length', () => {
  const names = Array.from({ length: 15_000 }, (_, n) => `${n}`)
  const start = performance.now()
  expect(run('inputs.names.filter(n, ["7", "8"].exists(m, m == n))', { inputs: { names } })).toEqual([
    '7',
    '8',
  ])
  expect(performance.now() - start).toBeLessThan(2000)
})

test('a result that no journal could hold is an error, not a crash', () => {
  const names = Array.from({ length: 1000 }, () => 'n')
  const hostile = { inputs: { ...values.inputs, text: 'x'.repeat(10_000), names } }
  expect(() => run('inputs.names.map(n, inputs.text + n)', hostile)).toThrow(
    expect.objectContaining({ code: 'expr.too-large' }),
  )
})

test('a hostile text cannot make a pattern slow', () => {
  const compiled = compilePattern('(a+)+$')
  if (!compiled.ok) throw new Error(compiled.why)
  const start = performance.now()
  expect(compiled.pattern.matches(`${'a'.repeat(20_000)}!`)).toBe(false)
  expect(performance.now() - start).toBeLessThan(2000)
})
