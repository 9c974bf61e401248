import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, inspect } from 'node:util'
import { deserialize, serialize } from 'node:v8'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../src/core/canonical.ts'
import { Secret } from '../../src/core/secret.ts'
import { tempFolder } from '../support/bot.ts'

const value = 'canary-3f9a1c77'
const secret = new Secret(value)
/** As a program that is not checked would take it. */
const taken = secret as unknown as string
const held: object = secret

/** Every way in which a program may turn a value into a text, on purpose or not. */
const ways: { readonly [name: string]: () => unknown } = {
  'String()': () => String(secret),
  'a template': () => `a ${taken}`,
  '+': () => taken + String.fromCharCode(10),
  join: () => [secret].join(),
  'Number()': () => Number(secret),
  valueOf: () => secret.valueOf(),
  toLocaleString: () => secret.toLocaleString(),
  JSON: () => JSON.stringify({ secret, deep: [secret] }),
  inspect: () => inspect(secret, { showHidden: true, depth: 9, getters: true }),
  'inspect without custom': () => inspect(secret, { customInspect: false, showHidden: true }),
  format: () => format('%s %d %i %f %j %o %O', secret, secret, secret, secret, secret, secret, secret),
  'an error': () => inspect(new Error(`x ${taken}`, { cause: secret })),
  spread: () => JSON.stringify({ ...held }) + inspect({ ...held }),
  entries: () => inspect([Object.entries(secret), Object.values(secret), Reflect.ownKeys(secret)]),
  'own properties': () => inspect(Object.getOwnPropertyDescriptors(secret)),
  'a clone': () => inspect(structuredClone(secret), { showHidden: true }),
  'v8 serialization': () => serialize(secret).toString('latin1') + inspect(deserialize(serialize(secret))),
  'a key': () => Object.keys({ [taken]: 1 }).join(),
  sorting: () => [secret, new Secret('a'), new Secret('z')].map(String).sort().join(),
  'a date': () => inspect(new Date(taken)),
  URL: () => new URLSearchParams({ a: taken }).toString(),
  Buffer: () => Buffer.from(taken).toString('latin1'),
  'Object.assign': () => JSON.stringify(Object.assign({}, secret)),
}

describe('a Secret', () => {
  it.each(Object.entries(ways))('does not show its value by %s', (_, way) => {
    const shown = way()
    expect(typeof shown === 'string' ? shown : inspect(shown, { showHidden: true })).not.toContain('canary')
  })

  it('is revealed by reveal() alone', () => {
    expect(secret.reveal()).toBe(value)
  })

  it('cannot be digested or journalled: canonical JSON refuses it', () => {
    expect(() => canonicalJson({ secret })).toThrow('an instance of a class')
  })

  it('equals no text and has no order, but knows whether a text is its value', () => {
    const loose: unknown = secret
    // oxlint-disable-next-line eqeqeq -- the loose comparison is what is tested
    expect(loose == value).toBe(false)
    const [a, z] = [new Secret('aaaaaaaaaa'), new Secret('zzzzzzzzzz')] as unknown as [number, number]
    expect([a < z, a > z, a <= z]).toEqual([false, false, true])
    expect(secret.matches(value)).toBe(true)
    for (const other of ['', 'canary', `${value} `, value.toUpperCase(), '[secret]'])
      expect(secret.matches(other)).toBe(false)
  })

  it('has a fingerprint that equal secrets share, and that says nothing without the key', () => {
    const [key, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
    const print = secret.fingerprint(key)
    expect(print).toMatch(/^[0-9a-f]{32}$/)
    expect(new Secret(value).fingerprint(key)).toBe(print)
    expect(new Secret(`${value}x`).fingerprint(key)).not.toBe(print)
    expect(secret.fingerprint(other)).not.toBe(print)
  })
})

describe('the rule on reveal()', () => {
  const folder = tempFolder()
  const uses = `
    type Secret = { reveal(): string }
    export const a = (secret: Secret) => secret.reveal()
    export const b = (secret: Secret) => secret['reveal']()
    export const c = (secret?: Secret) => secret?.reveal()
    export const d = ({ reveal }: Secret) => reveal
  `
  const places = {
    refused: [
      'core/x.ts',
      'engine/x.ts',
      'actions/aws/x.ts',
      'surfaces/slack/text.ts',
      'surfaces/api/x.ts',
      'app.ts',
      'log.ts',
    ],
    allowed: ['providers/aws/x.ts', 'providers/x.ts', 'surfaces/slack/web.ts', 'audit/sinks/x.ts'],
  }
  for (const name of [...places.refused, ...places.allowed]) {
    mkdirSync(join(folder, 'src', name, '..'), { recursive: true })
    writeFileSync(join(folder, 'src', name), uses)
  }
  cpSync('.oxlintrc.json', join(folder, '.oxlintrc.json'))

  it('is kept by the linter: refused everywhere but where secrets are given to outside systems', () => {
    const run = spawnSync(
      join(process.cwd(), 'node_modules/.bin/oxlint'),
      ['-c', '.oxlintrc.json', '-f', 'json', 'src'],
      { cwd: folder, encoding: 'utf8' },
    )
    const { diagnostics } = JSON.parse(run.stdout) as { diagnostics: { code: string; filename: string }[] }
    const hits = diagnostics.filter(({ code }) => code.includes('no-restricted-properties'))
    const count = (name: string) => hits.filter(({ filename }) => filename.endsWith(`src/${name}`)).length
    expect(places.refused.map((name) => [name, count(name)])).toEqual(places.refused.map((name) => [name, 4]))
    expect(places.allowed.map((name) => [name, count(name)])).toEqual(places.allowed.map((name) => [name, 0]))
  })
})
