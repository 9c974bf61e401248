import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { Secret } from '../../src/core/secret.ts'
import { checkCondition, checkExpression, createScope, shapeOf } from '../../src/expr/index.ts'
import type { Problem } from '../../src/expr/index.ts'

const inputs = shapeOf(
  z.strictObject({
    text: z.string(),
    key: z.string().regex(/^AKIA/),
    maybe: z.string().optional(),
    nothing: z.string().nullable(),
    hours: z.int().min(1).max(24),
    count: z.int(),
    score: z.number().min(0).max(1),
    anything: z.number(),
    flag: z.boolean(),
    severity: z.enum(['low', 'high']),
    names: z.array(z.string()),
    holes: z.array(z.string().nullable()),
    labels: z.record(z.string(), z.string()),
    pods: z.array(z.strictObject({ name: z.string(), node: z.string().optional(), restarts: z.int() })),
    inner: z.strictObject({ a: z.string(), b: z.string().optional() }).optional(),
    token: z.instanceof(Secret),
    tokens: z.array(z.instanceof(Secret)),
    raw: z.json(),
  }),
  'output',
)
const scope = createScope({ inputs })
const whenScope = createScope({ inputs }, { status: true })

function problem(source: string): Problem {
  const checked = checkExpression(source, scope)
  if (checked.ok) throw new Error(`${source} was accepted`)
  return checked.problems[0]!
}

function shape(source: string) {
  const checked = checkExpression(source, scope)
  if (!checked.ok) throw new Error(`${source}: ${checked.problems[0]!.message}`)
  return checked.expression.shape
}

describe('what cel-js would let through and run into is refused', () => {
  test.each([
    ['dyn(inputs.text)', 'expr.not-total'],
    ['type(inputs.text) == string', 'expr.not-total'],
    ['inputs.?maybe.value()', 'expr.not-total'],
    ['inputs.names[0]', 'expr.not-total'],
    ['inputs.labels["a"]', 'expr.not-total'],
    ['inputs.labels.a', 'expr.type'],
    ['inputs.hours / inputs.count', 'expr.not-total'],
    ['inputs.hours / 0', 'expr.not-total'],
    ['inputs.hours % inputs.count', 'expr.not-total'],
    ['inputs.score / 0.0', 'expr.not-total'],
    ['int(inputs.text)', 'expr.not-total'],
    ['double(inputs.text)', 'expr.not-total'],
    ['bool(inputs.text)', 'expr.not-total'],
    ['timestamp(inputs.text)', 'expr.not-total'],
    ['timestamp(inputs.count)', 'expr.not-total'],
    ['duration(inputs.text)', 'expr.not-total'],
    ['int(inputs.anything)', 'expr.may-overflow'],
    ['has(inputs.missing)', 'expr.unknown-name'],
    ['has(inputs.inner.b)', 'expr.unguarded'],
    ['inputs.text.matches("(a+)+$")', 'expr.not-total'],
    ['re(inputs.text, inputs.text)', 'expr.type'],
    ['re(inputs.text, "(?=a)")', 'expr.bad-pattern'],
    ['re(inputs.text, "((a{100}){100})")', 'expr.bad-pattern'],
    ['inputs.text.substring(3)', 'expr.not-total'],
    ['inputs.text.indexOf("a", 7)', 'expr.type'],
    ['inputs.text.split("")', 'expr.type'],
    ['inputs.text.lowerAscii()', 'expr.not-total'],
    ['inputs.count * inputs.count', 'expr.may-overflow'],
    ['inputs.count * 1000000', 'expr.may-overflow'],
    ['inputs.anything * 2.0', 'expr.may-overflow'],
    ['9223372036854775808', 'expr.may-overflow'],
    ['b"bytes"', 'expr.type'],
    ['bytes("a")', 'expr.not-total'],
    ['1u', 'expr.type'],
    ['null', 'expr.type'],
    ['{"__proto__": 1}', 'expr.type'],
    ['cel.bind(x, 1, x)', 'expr.unknown-name'],
    ['optional.of(1)', 'expr.unknown-name'],
    ['google.protobuf', 'expr.unknown-name'],
    ['inputs.constructor', 'expr.unknown-name'],
    ['inputs.maybe + "a"', 'expr.unguarded'],
    ['inputs.nothing == "a"', 'expr.unguarded'],
    ['inputs.holes.map(h, h + "a")', 'expr.unguarded'],
    ['inputs.holes[?0]', 'expr.type'],
    ['inputs.pods.map(p, p.?node)', 'expr.unguarded'],
    ['has(inputs.maybe) || inputs.flag ? inputs.maybe : ""', 'expr.unguarded'],
    ['!has(inputs.maybe) ? inputs.maybe : ""', 'expr.unguarded'],
    ['has(inputs.maybe) ? "" : inputs.maybe', 'expr.unguarded'],
    ['has(inputs.maybe) || inputs.maybe == ""', 'expr.unguarded'],
    ['!(has(inputs.maybe) && inputs.flag) || inputs.flag ? inputs.maybe : ""', 'expr.unguarded'],
    ['[[[1]]].map(a, a.map(b, b.map(c, c)))', 'expr.too-large'],
    ['inputs.names.map(a, inputs.names.map(b, a + b))', 'expr.too-large'],
    ['inputs.names.map(a, inputs.text.split(","))', 'expr.too-large'],
    ['inputs.names.map(a, inputs.names.join(","))', 'expr.too-large'],
    ['inputs.names.map(a, inputs.names + [a])', 'expr.too-large'],
    ['inputs.names.map(inputs, inputs)', 'expr.type'],
    ['inputs.pods == inputs.pods', 'expr.type'],
    ['inputs.raw.field', 'expr.type'],
    ['[1, "a"]', 'expr.type'],
    ['inputs.flag ? 1 : "a"', 'expr.type'],
    ['inputs.txt', 'expr.unknown-name'],
    ['input.text', 'expr.unknown-name'],
    ['shout(inputs.text)', 'expr.unknown-name'],
    ['inputs.text +', 'expr.syntax'],
    ['', 'expr.syntax'],
    ['succeeded()', 'expr.status-outside-when'],
    [`"${'x'.repeat(2048)}"`, 'expr.too-large'],
    [`${'('.repeat(100)}1${')'.repeat(100)}`, 'expr.too-large'],
    ['1' + '+1'.repeat(600), 'expr.too-large'],
    ['!'.repeat(2000) + 'true', 'expr.too-large'],
  ])('%s', (source, code) => {
    expect(problem(source)).toMatchObject({ code })
    expect(problem(source).remedy).not.toBe('')
  })
})

describe('a secret is passed on whole or not at all', () => {
  test.each([
    'inputs.token + "a"',
    'inputs.token == inputs.token',
    'string(inputs.token)',
    'inputs.tokens.map(t, t)',
    'size(inputs.token)',
    'inputs.flag ? inputs.token : inputs.token',
  ])('%s', (source) => {
    expect(problem(source).code).toBe('expr.secret')
  })

  test('alone it keeps its shape', () => {
    expect(shape('inputs.token')).toEqual({ kind: 'secret' })
    expect(shape('inputs.tokens')).toEqual({ kind: 'list', item: { kind: 'secret' } })
  })
})

describe('shapes', () => {
  test.each([
    ['inputs.key', { kind: 'string', patterns: ['^AKIA'] }],
    ['inputs.maybe', { kind: 'optional', of: { kind: 'string' } }],
    ['inputs.?maybe.orValue(inputs.text)', { kind: 'string' }],
    ['has(inputs.maybe) ? inputs.maybe : ""', { kind: 'string' }],
    ['has(inputs.inner) && has(inputs.inner.b) ? inputs.inner.b : "x"', { kind: 'string' }],
    ['inputs.flag ? "low" : inputs.severity', { kind: 'string', enum: ['low', 'high'] }],
    ['inputs.flag ? inputs.key : "AKIA1"', { kind: 'string', patterns: ['^AKIA'] }],
    ['"key " + inputs.key', { kind: 'string', computed: true }],
    ['inputs.hours * 60', { kind: 'int', min: 60, max: 1440 }],
    ['-inputs.hours', { kind: 'int', min: -24, max: -1 }],
    [
      'inputs.count / inputs.hours',
      { kind: 'int', min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER },
    ],
    ['inputs.count % 7', { kind: 'int', min: -6, max: 6 }],
    ['clamp(inputs.count, 1, 10) * 2', { kind: 'int', min: 2, max: 20 }],
    ['inputs.score * 100.0', { kind: 'double', min: 0, max: 100 }],
    ['inputs.pods.map(p, p.restarts > 3, p.name)', { kind: 'list', item: { kind: 'string' } }],
    ['inputs.pods[?0].name', { kind: 'optional', of: { kind: 'string' } }],
    ['inputs.labels[?"app"].orValue("none")', { kind: 'string' }],
    ['inputs.names.all(n, n.startsWith("a"))', { kind: 'bool' }],
    ['inputs.holes.map(h, h.orValue("-"))', { kind: 'list', item: { kind: 'string' } }],
    ['inputs.names.exists(a, a.split(",").exists(b, b == "x"))', { kind: 'bool' }],
    [
      '[[1], [2]].map(a, a.map(b, b > 1))',
      {
        kind: 'list',
        minItems: 2,
        maxItems: 2,
        item: { kind: 'list', minItems: 1, maxItems: 1, item: { kind: 'bool' } },
      },
    ],
    ['!has(inputs.maybe) || inputs.maybe == ""', { kind: 'bool' }],
    ['!(!has(inputs.maybe) || inputs.flag) && inputs.maybe == ""', { kind: 'bool' }],
    ['inputs.names + []', { kind: 'list', item: { kind: 'string' } }],
    ['re(inputs.text, "^a+$")', { kind: 'bool' }],
  ])('%s', (source, expected) => {
    expect(shape(source)).toEqual(expected)
  })
})

test('references name what is read, with exact places', () => {
  const source =
    'inputs.names.exists(n, n == inputs.?inner.?b.orValue("x")) || size(inputs.pods[?0].name.orValue("")) > 1'
  const checked = checkExpression(source, scope)
  if (!checked.ok) throw new Error(checked.problems[0]!.message)
  const found = checked.expression.references.map(({ path, start, end }) => [
    path.join('.'),
    source.slice(start, end),
  ])
  expect(found).toEqual([
    ['inputs.names', 'inputs.names'],
    ['inputs.inner.b', 'inputs.?inner.?b'],
    ['inputs.pods', 'inputs.pods'],
  ])
})

test('a problem points at its part and shows the guard to write', () => {
  const source = '"a" + inputs.inner.a'
  const { start, end, remedy } = problem(source)
  expect(source.slice(start, end)).toBe('inputs.inner.a')
  expect(remedy).toContain('inputs.?inner.a.orValue(')
})

test('checking takes time in proportion to the length of the expression', () => {
  const start = performance.now()
  checkExpression(`inputs.text${'.split(",").join("")'.repeat(80)}`, scope)
  checkExpression(`inputs${'.?inner'.repeat(40)}`, scope)
  expect(performance.now() - start).toBeLessThan(500)
})

test('status functions are for conditions, and a condition is true or false', () => {
  expect(checkCondition('failed() && inputs.flag', whenScope)).toMatchObject({
    ok: true,
    expression: { usesStatus: true },
  })
  expect(checkCondition('inputs.text', whenScope)).toMatchObject({
    ok: false,
    problems: [{ code: 'expr.type' }],
  })
})

test('a variable cannot have a name that the language has taken', () => {
  expect(() => createScope({ string: inputs })).toThrow(expect.objectContaining({ code: 'expr.bad-name' }))
  expect(() => createScope({ 'a-b': inputs })).toThrow(expect.objectContaining({ code: 'expr.bad-name' }))
})
