import { expect, test } from 'vitest'
import { z } from 'zod'
import { Secret } from '../../src/core/secret.ts'
import { bool, double, int, listOf, objectOf, optional, shapeOf, string } from '../../src/expr/index.ts'

test.each([
  ['text', z.string(), string],
  ['a pattern', z.string().regex(/^a/), { kind: 'string', patterns: ['^a'] }],
  [
    'a pattern with flags',
    z.string().regex(/^a/i).regex(/z$/),
    { kind: 'string', patterns: ['(?i)^a', 'z$'] },
  ],
  ['lengths', z.string().min(1).max(9), { kind: 'string', minLength: 1, maxLength: 9 }],
  ['an enum', z.enum(['a', 'b']), { kind: 'string', enum: ['a', 'b'] }],
  ['a literal', z.literal('a'), { kind: 'string', enum: ['a'] }],
  ['an integer', z.int().min(1).max(24), int(1, 24)],
  ['an open integer', z.int(), int()],
  ['an exclusive bound of an integer', z.int().gt(1).lt(5), int(2, 4)],
  ['a number', z.number().min(0).max(1), double(0, 1)],
  ['an exclusive bound of a number', z.number().gt(0), double(Number.MIN_VALUE)],
  ['a literal number', z.literal(5), int(5, 5)],
  ['a boolean', z.boolean(), bool],
  ['a list', z.array(z.string()).max(3), { ...listOf(string), maxItems: 3 }],
  ['a map', z.record(z.string(), z.int()), { kind: 'record', key: string, value: int() }],
  ['null', z.string().nullable(), { kind: 'nullable', of: string }],
  ['JSON', z.json(), { kind: 'json' }],
  ['unknown', z.unknown(), { kind: 'json' }],
  ['a secret', z.instanceof(Secret), { kind: 'secret' }],
])('%s has its shape', (_, schema, shape) => {
  expect(shapeOf(schema, 'output')).toEqual(shape)
})

test('fields with a default may be left out of the input and are there in the output', () => {
  const schema = z.strictObject({ a: z.string().optional(), b: z.int().default(1) })
  expect(shapeOf(schema, 'input')).toEqual(objectOf({ a: optional(string), b: optional(int()) }))
  expect(shapeOf(schema, 'output')).toEqual(objectOf({ a: optional(string), b: int() }))
})

test('a record over an enum is an object with those fields', () => {
  expect(shapeOf(z.record(z.enum(['a', 'b']), z.boolean()), 'output')).toEqual(objectOf({ a: bool, b: bool }))
  expect(shapeOf(z.partialRecord(z.enum(['a']), z.boolean()), 'output')).toEqual(
    objectOf({ a: optional(bool) }),
  )
})

test('an object that drops unknown fields is open as an input and closed as an output', () => {
  const schema = z.object({ a: z.string() })
  expect(shapeOf(schema, 'input')).toMatchObject({ closed: false })
  expect(shapeOf(schema, 'output')).toMatchObject({ closed: true })
})

test.each([
  ['a union', z.union([z.string(), z.int()])],
  ['a transform', z.string().transform((text) => text.length)],
  ['a date', z.date()],
  ['a refinement', z.string().refine((text) => text !== 'x')],
  ['a custom check', z.custom((value) => typeof value === 'string')],
  ['a number with steps', z.number().multipleOf(5)],
  ['a tuple', z.tuple([z.string()])],
])('%s has no shape, and the error names its place', (_, field) => {
  expect(() => shapeOf(z.strictObject({ inner: field }), 'output')).toThrow(
    expect.objectContaining({ code: 'expr.unsupported-schema', message: expect.stringContaining('$.inner') }),
  )
})
