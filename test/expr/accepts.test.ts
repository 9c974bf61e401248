import { expect, test } from 'vitest'
import { z } from 'zod'
import { Secret } from '../../src/core/secret.ts'
import { accepts, computed, shapeOf } from '../../src/expr/index.ts'

const out = (schema: z.ZodType) => shapeOf(schema, 'output')
const into = (schema: z.ZodType) => shapeOf(schema, 'input')

test.each([
  ['the same pattern', z.string().regex(/^a/), z.string().regex(/^a/)],
  ['a pattern into any text', z.string(), z.string().regex(/^a/)],
  ['an enum into a wider one', z.enum(['a', 'b', 'c']), z.enum(['a', 'b'])],
  ['an enum into a pattern that all match', z.string().regex(/^[ab]$/), z.enum(['a', 'b'])],
  ['an enum into lengths', z.string().min(1).max(1), z.enum(['a', 'b'])],
  ['narrower bounds', z.int().min(0).max(9), z.int().min(1).max(5)],
  ['an integer into a number', z.number().min(0), z.int().min(0)],
  ['a value into an optional', z.string().optional(), z.string()],
  ['an optional into a default', z.string().default('x'), z.string().optional()],
  ['null into null', z.string().nullable(), z.string().nullable()],
  ['lists', z.array(z.string()).max(5), z.array(z.enum(['a'])).max(2)],
  ['an object without an optional field', z.strictObject({ a: z.string().optional() }), z.strictObject({})],
  ['an object into a map', z.record(z.string(), z.int()), z.strictObject({ a: z.int(), b: z.int() })],
  ['maps', z.record(z.string(), z.int()), z.record(z.string(), z.int().min(1))],
  ['a secret into a secret', z.instanceof(Secret), z.instanceof(Secret)],
  ['anything into JSON', z.json(), z.strictObject({ a: z.int().nullable() })],
])('%s is accepted', (_, target, source) => {
  expect(accepts(into(target), out(source))).toBeUndefined()
})

const refused: readonly (readonly [string, z.ZodType, z.ZodType, string])[] = [
  ['any text into a pattern', z.string().regex(/^a/), z.string(), '^a'],
  ['another pattern', z.string().regex(/^a/), z.string().regex(/^a/i), '^a'],
  ['a wider enum', z.enum(['a']), z.enum(['a', 'b']), '"b"'],
  ['any text into an enum', z.enum(['a']), z.string(), 'another text'],
  ['an enum that misses a pattern', z.string().regex(/^a/), z.enum(['a', 'b']), '"b"'],
  ['the empty text where a text is needed', z.string().min(1), z.enum(['']), 'at least 1'],
  ['wider bounds', z.int().min(1), z.int(), 'at least 1'],
  ['a number into an integer', z.int(), z.number(), 'an integer'],
  [
    'what may be absent',
    z.strictObject({ a: z.string() }),
    z.strictObject({ a: z.string().optional() }),
    'field a',
  ],
  ['what may be null', z.string(), z.string().nullable(), 'null'],
  ['null where only absent is meant', z.string().optional(), z.string().nullable(), 'null'],
  ['a longer list', z.array(z.string()).max(2), z.array(z.string()), 'at most 2'],
  ['an unknown field', z.strictObject({}), z.strictObject({ a: z.int() }), 'field a'],
  ['a missing field', z.strictObject({ a: z.int() }), z.strictObject({}), 'field a'],
  ['other formats', z.url(), z.email(), 'format uri'],
  ['a secret into a text', z.string(), z.instanceof(Secret), 'secret'],
  ['a text into a secret', z.instanceof(Secret), z.string(), 'secret'],
  ['a hidden secret into JSON', z.json(), z.strictObject({ a: z.array(z.instanceof(Secret)) }), 'secret'],
  ['JSON into a text', z.string(), z.json(), 'JSON'],
  ['a map into an object', z.strictObject({ a: z.int() }), z.record(z.string(), z.int()), 'an object'],
]

test.each(refused)('%s is refused, and says why', (...[, target, source, word]) => {
  expect(accepts(into(target), out(source))).toContain(word)
})

test('a computed text is left to the plan for patterns, but never goes into an enum', () => {
  expect(accepts(into(z.string().regex(/^a/).min(3)), computed)).toBeUndefined()
  expect(accepts(into(z.enum(['a'])), computed)).toContain('another text')
})
