import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { canonicalJson, digestOf, sha256Hex } from '../../src/core/canonical.ts'
import { isFirebreakError } from '../../src/core/errors.ts'

const shared = process.env['FIREBREAK_SHARED_DATA'] ?? join(import.meta.dirname, '../../../shared/data')
const vectors = join(shared, 'jcs-rfc8785')
const present = existsSync(vectors)
if (!present && !process.env['CI']) console.log(`skipped: no RFC 8785 vectors at ${vectors}`)

function refusal(value: unknown): string {
  try {
    canonicalJson(value)
  } catch (error) {
    if (isFirebreakError(error, 'canonical.not-json')) return error.message
    throw error
  }
  return 'accepted'
}

describe.skipIf(!present && !process.env['CI'])('the vectors of RFC 8785', () => {
  const names = present ? readdirSync(join(vectors, 'input')) : ['absent']
  it.each(names)('%s comes out byte for byte', (name) => {
    const text = canonicalJson(JSON.parse(readFileSync(join(vectors, 'input', name), 'utf8')))
    const hex = readFileSync(join(vectors, 'outhex', name.replace('.json', '.txt')), 'utf8').replace(
      /\s+/g,
      '',
    )
    expect(Buffer.from(text).toString('hex')).toBe(hex)
    expect(text).toBe(readFileSync(join(vectors, 'output', name), 'utf8').trimEnd())
  })

  it('the sample lines of the number table come out as written there', () => {
    const table = readFileSync(join(vectors, 'README_number_vectors.md'), 'utf8')
    const lines = [...table.matchAll(/^([0-9a-f]{1,16}),(\S+)$/gm)]
    expect(lines.length).toBeGreaterThanOrEqual(7)
    for (const [, bits, expected] of lines) {
      const bytes = Buffer.from((bits ?? '').padStart(16, '0'), 'hex')
      expect(canonicalJson(bytes.readDoubleBE())).toBe(expected)
    }
  })
})

describe('canonical JSON', () => {
  it('is the same text whatever the order of keys', () => {
    expect(canonicalJson({ b: [1, { d: null, c: true }], a: 'x' })).toBe(
      '{"a":"x","b":[1,{"c":true,"d":null}]}',
    )
    expect(digestOf({ a: 1, b: 2 })).toBe(digestOf({ b: 2, a: 1 }))
  })

  it('takes what JSON.parse gives, also a key named __proto__ and an object without prototype', () => {
    expect(canonicalJson(JSON.parse('{"__proto__":{"x":1},"a":-0}'))).toBe('{"__proto__":{"x":1},"a":0}')
    expect(canonicalJson(Object.assign(Object.create(null), { a: 1 }))).toBe('{"a":1}')
  })

  it('takes one object in two places', () => {
    const shared = { x: 1 }
    expect(canonicalJson([shared, shared])).toBe('[{"x":1},{"x":1}]')
  })

  const cycle: Record<string, unknown> = {}
  cycle['again'] = cycle
  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['an undefined property', { a: { b: undefined } }],
    ['an undefined element', [1, undefined]],
    ['a hole in an array', Array(2)],
    ['NaN', { a: Number.NaN }],
    ['infinity', [Number.POSITIVE_INFINITY]],
    ['negative infinity', Number.NEGATIVE_INFINITY],
    ['a bigint', { a: 1n }],
    ['a function', { a: () => 1 }],
    ['a symbol', [Symbol('s')]],
    ['a lone surrogate', 'x\uD800'],
    ['a lone surrogate in a key', { '\uDC00': 1 }],
    ['a date', { at: new Date(0) }],
    ['a map', new Map([['a', 1]])],
    ['a boxed number', Object(1)],
    ['an object that rewrites itself', { toJSON: () => 1 }],
    ['a class instance', new URL('https://example.com')],
    ['a cycle', cycle],
  ])('refuses %s', (_name, value) => {
    expect(refusal(value)).not.toBe('accepted')
  })

  it('says where the bad value is', () => {
    expect(refusal({ steps: [{ n: 1 }, { n: Number.NaN }] })).toContain('$.steps[1].n')
  })
})

describe('digests', () => {
  it('are SHA-256 over the UTF-8 text, marked with the algorithm', () => {
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(sha256Hex(Buffer.from('é'))).toBe(sha256Hex('é'))
    expect(digestOf('é')).toBe(`sha256:${sha256Hex('"é"')}`)
  })
})
