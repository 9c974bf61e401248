import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { canonicalJson, sha256Hex } from '../../src/core/canonical.ts'
import { bodyHash, leafHash, MAX_DATA_BYTES, readLeaf, sealEntry } from '../../src/audit/leaf.ts'
import { codeOf } from './code-of.ts'

const salt = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex')
const base = {
  seq: 0,
  time: '2026-01-01T00:00:00.000Z',
  type: 'run.started',
  actor: { id: 'alice' },
  data: {},
}

describe('sealing an entry', () => {
  it('gives the leaf of the design, with the optional parts only where they are', () => {
    const data = { b: 'ü', a: 1 }
    const body = createHash('sha256').update(salt).update('{"a":1,"b":"ü"}').digest('hex')
    const bare = sealEntry({ ...base, data }, salt)
    expect(bare).toEqual({
      leaf: `{"actor":{"id":"alice"},"body":"${body}","seq":0,"time":"2026-01-01T00:00:00.000Z","type":"run.started","v":1}`,
      body,
      data: '{"a":1,"b":"ü"}',
    })
    const full = sealEntry({ ...base, seq: 7, run: 'r1', n: 2, step: 'disable', data }, salt)
    const parts = { v: 1, seq: 7, time: base.time, type: base.type, run: 'r1', n: 2, step: 'disable' }
    expect(full.leaf).toBe(canonicalJson({ ...parts, actor: base.actor, body }))
  })

  it('hashes a leaf as RFC 6962 does', () => {
    expect(leafHash('')).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d')
    expect(leafHash('é')).toBe(sha256Hex(Buffer.concat([Buffer.of(0), Buffer.from('é')])))
  })

  it('takes 60 KiB of canonical data and not one byte more, counted in bytes', () => {
    const text = 'é'.repeat((MAX_DATA_BYTES - 2) / 2)
    const { body, data } = sealEntry({ ...base, data: text }, salt)
    expect(Buffer.byteLength(data)).toBe(MAX_DATA_BYTES)
    expect(body).toBe(sha256Hex(Buffer.concat([salt, Buffer.from(data)])))
    expect(codeOf(() => sealEntry({ ...base, data: `${text}x` }, salt))).toBe('audit.entry-too-large')
    expect(bodyHash(salt.toString('hex'), `${data}x`)).toBe('')
  })

  it('refuses a leaf that no export could hold', () => {
    expect(codeOf(() => sealEntry({ ...base, actor: 'x'.repeat(65_536) }, salt))).toBe(
      'audit.entry-too-large',
    )
  })

  it('refuses values without JSON form, another salt and broken numbers', () => {
    expect(codeOf(() => sealEntry({ ...base, data: Number.NaN }, salt))).toBe('canonical.not-json')
    expect(codeOf(() => sealEntry(base, salt.subarray(1)))).toBe('audit.bad-tree')
    expect(codeOf(() => sealEntry({ ...base, seq: -1 }, salt))).toBe('audit.bad-tree')
    expect(codeOf(() => sealEntry({ ...base, n: 1.5 }, salt))).toBe('audit.bad-tree')
  })
})

describe('reading a leaf', () => {
  const hostile = ',"body":"' + '0'.repeat(64) + '","seq":5,"time":"","type":"","v":1}'

  it.each([
    ['a bare entry', base],
    ['an entry of a run', { ...base, seq: 3, run: 'r', n: 0, step: 's' }],
    ['an actor that looks like a leaf', { ...base, seq: 4, actor: { body: hostile, seq: 9, v: 1 } }],
    ['an actor with a body of its own', { ...base, seq: 4, actor: { body: '0'.repeat(64), seq: 9 } }],
    ['strings that look like a leaf', { ...base, seq: 6, run: hostile, step: hostile, type: hostile }],
  ])('finds seq and body of %s', (_name, entry) => {
    const { leaf, body } = sealEntry(entry, salt)
    expect(readLeaf(leaf)).toEqual({ seq: entry.seq, body })
  })

  it.each([
    ['another version', (leaf: string) => leaf.replace('"v":1', '"v":2')],
    ['something behind it', (leaf: string) => `${leaf} `],
    ['a blank in it', (leaf: string) => leaf.replace('"seq"', ' "seq"')],
    ['no body', (leaf: string) => leaf.replace('"body"', '"bady"')],
    ['a seq with a leading zero', (leaf: string) => leaf.replace('"seq":0', '"seq":00')],
    ['no text', () => ''],
  ])('refuses a leaf with %s', (_name, change) => {
    expect(readLeaf(change(sealEntry(base, salt).leaf))).toBeUndefined()
  })
})
