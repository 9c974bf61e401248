import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { formats } from '../../../src/core/scrub/formats.ts'
import { makeKnown } from '../../../src/core/scrub/known.ts'
import { scrub } from '../../../src/core/scrub/scrub.ts'
import { createScrubStream } from '../../../src/core/scrub/stream.ts'

// Whoever can cause an alert or an error of a provider chooses the text. No text may make the scrubber slow.

const MIB = 1 << 20
/** Many times what a text of this size takes here, and far below what looking twice at every character would. */
const MOST_MS = 500

const starts = formats.flatMap((format) => format.starts)
const pieces = [
  'eyJ',
  'eyJaaaaaaaaaaaaaaaaaa.',
  'eyJaaaaaaaaaaa.ey',
  '://',
  '://a:',
  '://a:b@',
  '-----BEGIN PRIVATE KEY-----',
  '-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n',
  '-----BEGIN ',
  'Q~',
  'a1bcQ~',
  'token=',
  'token="',
  '{"token":"',
  'password:',
  'password=a',
  'authorization: ',
  'Authorization: Bearer ',
  'cookie: a=',
  'bearer ',
  'curl -u a:',
  ' -u a:bbbbb',
  String.raw`\n`,
  '%3D',
  String.raw`\u003d`,
  'secret  ',
  'api_key:::',
  String.raw`pwd\\\"`,
  '=',
  '"',
  'a ',
  '\u{1F600}',
]

/** Shorter than the others: there are many. */
function repeated(start: string): string {
  return start.repeat((MIB >> 3) / start.length)
}

/** Time of this thread alone: tests share their machine. */
function spent(work: () => void): number {
  const began = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(began)
  return (user + system) / 1000
}

function slow(text: string): number | undefined {
  const ms = spent(() => scrub(text))
  return ms > MOST_MS ? Math.round(ms) : undefined
}

function slowOnes(texts: readonly (readonly [string, string])[]): string[] {
  return texts.flatMap(([name, text]) => {
    const ms = slow(text)
    return ms === undefined ? [] : [`${name}: ${ms} ms`]
  })
}

describe('a hostile text', () => {
  it.each(pieces)('of one MiB of %j takes no longer than another', (piece) => {
    expect(slowOnes([[piece, piece.repeat(MIB / piece.length)]])).toEqual([])
  })

  it('of beginnings of every format takes no longer than another', () => {
    expect(slowOnes(starts.map((start) => [start, repeated(start)]))).toEqual([])
    expect(slowOnes([['all', `${starts.join(' ')} `.repeat(1000)]])).toEqual([])
  })

  it('of one word, or of a value that does not end, takes no longer than another', () => {
    const word = 'a1B'.repeat(MIB / 3)
    expect(
      slowOnes([
        ['word', word],
        ['value', `token=${word}`],
        ['stream', `${word}\n`],
      ]),
    ).toEqual([])
  })

  it('that comes piece by piece takes no longer than another', () => {
    makeKnown(`x${'y'.repeat(200)}${randomBytes(4).toString('hex')}`)
    const stream = createScrubStream()
    const ms = spent(() => {
      for (let i = 0; i < 64; i += 1) stream.push('xyyyyyyyyyyyyyyy'.repeat(256))
      stream.end()
    })
    expect(ms).toBeLessThan(4 * MOST_MS)
  })
})

it('ordinary log text passes at many MiB a second', () => {
  const line = JSON.stringify({
    level: 30,
    time: '2026-07-22T10:00:00.000Z',
    run: '01J0000000000000000000000',
    msg: 'step succeeded',
    target: { kind: 'iam-access-key', id: 'arn:aws:iam::123456789012:user/inference-gateway' },
    note: 'The quick brown fox jumps over the lazy dog, and the token budget is fine',
  })
  const log = `${line}\n`.repeat((2 * MIB) / line.length)
  const best = Math.min(...[1, 2, 3].map(() => spent(() => expect(scrub(log)).toBe(log))))
  const rate = log.length / MIB / (best / 1000)
  console.log(`scrub: ${rate.toFixed(0)} MiB/s of log text`)
  // 60 on a machine where nothing else runs.
  expect(rate).toBeGreaterThan(10)
})
