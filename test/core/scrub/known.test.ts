import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { scrubData } from '../../../src/core/scrub/data.ts'
import { scrubJsonText } from '../../../src/core/scrub/json-text.ts'
import { makeKnown } from '../../../src/core/scrub/known.ts'
import { scrub } from '../../../src/core/scrub/scrub.ts'
import { createScrubStream } from '../../../src/core/scrub/stream.ts'
import { encodings, findsIn } from '../../support/canary.ts'

// The values are made of every awkward character, so that each way of writing them differs from the others.

const awkward = [
  `it's a "quoted" \\ päss<wörd>&co ${randomBytes(4).toString('hex')}`,
  `line one ${randomBytes(4).toString('hex')}\nline two\ttabbed`,
  `plain${randomBytes(8).toString('hex')}`,
  `${randomBytes(24).toString('base64')}+/=`,
  `$(rm -rf "$HOME")!*~ ${randomBytes(4).toString('hex')}`,
]
for (const value of awkward) makeKnown(value)

describe('a known secret', () => {
  it.each(awkward.map((value, i) => [i + 1, value]))('%i is found however it is written', (_, value) => {
    for (const [name, write] of Object.entries(encodings)) {
      const text = `before ${write(value)} after`
      const out = scrub(text)
      expect([name, out.startsWith('before '), out.endsWith(' after')]).toEqual([name, true, true])
      expect([name, out.includes('[redacted: ')]).toEqual([name, true])
      expect([name, findsIn(out, value)]).toEqual([name, []])
    }
  })

  it('is found in the base64 of a longer text, wherever it lies in it', () => {
    for (const value of awkward) {
      for (const before of ['', 'u', 'us', 'use', 'user:']) {
        for (const form of ['base64', 'base64url'] as const) {
          const out = scrub(`x ${Buffer.from(`${before}${value}:after`).toString(form)} y`)
          expect(out).toContain('[redacted: ')
          expect(findsIn(out, value)).toEqual([])
        }
      }
    }
  })

  it('is found in data, in values and in names of fields; what holds none is not copied', () => {
    const [value = ''] = awkward
    const data = { a: [{ [`k${value}`]: 1, note: `x${value}y` }], n: null, at: 12 }
    expect(findsIn(JSON.stringify(scrubData(data)), value)).toEqual([])
    const clean = { a: [{ note: 'nothing here at all' }], n: null, at: 12 }
    expect(scrubData(clean)).toBe(clean)
  })

  it('is found where a line is so long that it is let go in parts, as credentials of known formats are', () => {
    const token = `ghp_${randomBytes(40).toString('hex').slice(0, 36)}`
    for (const secret of [awkward[2] ?? '', token]) {
      for (const fill of ['word ', '"a":1,']) {
        for (let more = 0; more < 60; more += 7) {
          const stream = createScrubStream()
          const line = fill.repeat(Math.ceil((256 * 1024) / fill.length)).slice(0, 256 * 1024 - more)
          const out = [stream.push(`${line} ${secret.slice(0, 20)}`), stream.push(`${secret.slice(20)}\n`)]
          const whole = [...out, stream.end()].join('')
          expect([fill, more, whole.includes(secret.slice(0, 20)), whole.endsWith(']\n')]).toEqual([
            fill,
            more,
            false,
            true,
          ])
        }
      }
    }
  })

  it('is taken out of a JSON text such that it stays JSON', () => {
    for (const value of awkward) {
      for (const name of ['k', 'token', 'password', 'Authorization']) {
        const out = scrubJsonText(JSON.stringify({ [name]: `n\n${value}`, deep: JSON.stringify({ value }) }))
        expect(findsIn(out, value)).toEqual([])
        expect(Object.keys(JSON.parse(out))).toEqual([name, 'deep'])
      }
    }
  })

  it('is not taken for known when it is shorter than what occurs by chance', () => {
    makeKnown('on')
    makeKnown('       x       ')
    expect(scrub('lamp is on, and        x        too')).toBe('lamp is on, and        x        too')
  })

  it('is known by its password too, when it is the address of a database', () => {
    makeKnown('postgres://bot:pr%40perly-hidden-9f@db.example/journal')
    expect(scrub('auth failed with pr@perly-hidden-9f for bot')).toBe(
      'auth failed with [redacted: known secret] for bot',
    )
  })
})

describe('a stream', () => {
  it('hides a secret that is cut at any place, also over lines, and loses nothing else', () => {
    for (const value of awkward) {
      const text = `first line\nbefore ${value} after\nghp_${'a1B2c3D4e5F6'.repeat(3)} end\nlast`
      for (let cut = 1; cut < text.length; cut += 1) {
        const stream = createScrubStream()
        const out = [
          stream.push(text.slice(0, cut)),
          stream.flush(),
          stream.push(text.slice(cut)),
          stream.end(),
        ].join('')
        expect([cut, out, findsIn(out, value)]).toEqual([cut, out, []])
        expect(out.startsWith('first line\nbefore [redacted: ')).toBe(true)
        expect(out.endsWith('end\nlast')).toBe(true)
      }
    }
  })

  it('gives whole lines at once, and hides a key of many lines', () => {
    const stream = createScrubStream()
    expect(stream.push('one\ntwo')).toBe('one\n')
    expect(stream.push(' three\n')).toBe('two three\n')
    const body = Array.from({ length: 20 }, (_, i) => createHash('sha256').update(String(i)).digest('base64'))
    const pem = ['-----BEGIN PRIVATE KEY-----', ...body, '-----END PRIVATE KEY-----', 'after', '']
    const out = pem.map((line) => stream.push(`${line}\n`)).join('') + stream.end()
    for (const line of body) expect(out).not.toContain(line)
    expect(out).toContain('[redacted: private key]')
    expect(out).toContain('after')
  })

  it('lets go of a line without an end before it fills the memory', () => {
    const stream = createScrubStream()
    let out = 0
    for (let i = 0; i < 100; i += 1) out += stream.push('words of a long line '.repeat(1000)).length
    expect(out).toBeGreaterThan(1_500_000)
  })
})
