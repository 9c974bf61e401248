import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAnchors } from '../../../src/audit/anchors/anchors.ts'
import { contradicts } from '../../../src/audit/anchors/compare.ts'
import type { AnchorChannel } from '../../../src/audit/anchors/slack.ts'
import { Secret } from '../../../src/core/secret.ts'
import type { AnchorSettings } from '../../../src/core/sink-settings.ts'
import { lockedBucketOf } from '../../../src/providers/aws/locked-bucket.ts'
import { startS3, type S3Sandbox } from '../../../src/sandbox/aws/s3.ts'
import { eventually } from '../../support/eventually.ts'
import { ORIGIN } from '../sinks/journal.ts'
import { anchoredLog } from './log.ts'

const folder = mkdtempSync(join(tmpdir(), 'firebreak-anchors-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let folders = 0
const fresh = (): AnchorSettings => ({ name: 'disk', kind: 'file', folder: join(folder, `a${folders++}`) })

/** A channel as Slack gives its texts back: escaped, and with links made of what looks like one. */
function channel() {
  const texts: string[] = []
  const state = { down: false }
  const port: AnchorChannel = {
    post: async (_, text) => {
      if (state.down) throw Object.assign(new Error('down'), { code: 'ETIMEDOUT' })
      const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
      texts.unshift(escaped.replaceAll(ORIGIN, `<http://${ORIGIN}|${ORIGIN}>`).replaceAll('—', '--'))
    },
    history: async (_, limit) => {
      if (state.down) throw Object.assign(new Error('down'), { code: 'ETIMEDOUT' })
      return texts.slice(0, limit)
    },
  }
  return { texts, state, port }
}

function open(settings: readonly AnchorSettings[], slack?: AnchorChannel, gapMs = 0) {
  const lines: { readonly level: string; readonly [key: string]: unknown }[] = []
  const write = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, message, ...fields })
  const anchors = openAnchors(settings, {
    origin: ORIGIN,
    log: { error: write('error'), info: write('info') },
    clock: { now: Date.now },
    slack: () => slack,
    bucket: lockedBucketOf,
    gapMs,
    backoff: { firstMs: 1, mostMs: 5, mostAfterMs: 10 },
  })
  /** Keeps one and waits until it is there. */
  const put = async (checkpoint: string) => {
    const size = Number(checkpoint.split('\n')[1])
    anchors.keep(checkpoint)
    await eventually(() => anchors.status().every((one) => one.size === size))
  }
  return { ...anchors, put, lines, [Symbol.asyncDispose]: anchors.close }
}

let s3: S3Sandbox
let prefixes = 0
beforeAll(async () => {
  s3 = await startS3({ buckets: ['anchors'] })
})
afterAll(() => s3.close())

function locked(): AnchorSettings {
  const prefix = `p${prefixes++}/`
  const { url: endpoint, region, accessKeyId, secretAccessKey } = s3
  const credentials = { accessKeyId, secretAccessKey: new Secret(secretAccessKey) }
  const lock = { retainDays: 365, mode: 'COMPLIANCE' } as const
  const where = { kind: 's3', bucket: 'anchors', prefix, place: `s3://anchors/${prefix}` } as const
  return { name: 'disk', ...where, endpoint, region, credentials, ...lock }
}

const kinds: [string, () => { settings: AnchorSettings; slack?: AnchorChannel }][] = [
  ['a file', () => ({ settings: fresh() })],
  [
    'a Slack channel',
    () => ({ settings: { name: 'disk', kind: 'slack', channel: 'C0A' }, slack: channel().port }),
  ],
  ['a bucket with object lock', () => ({ settings: locked() })],
]

describe.each(kinds)('%s as an anchor', (_, make) => {
  it('remembers the log: ok, behind when its end is gone, forked when it was rewritten', async () => {
    const { settings, slack } = make()
    const log = anchoredLog(20)
    await using anchors = open([settings], slack)
    const [empty] = await anchors.compare(log.compared(), 10)
    expect(empty).toMatchObject({ name: 'disk', state: 'empty' })
    for (const size of [5, 12, 20]) await anchors.put(log.at(size))
    log.add(3)
    expect(await anchors.compare(log.compared(), 10)).toMatchObject([{ state: 'ok', size: 20, compared: 3 }])

    const again = () => open([settings], slack)
    const shorter = anchoredLog(19, log)
    expect(await again().compare(shorter.compared(), 10)).toMatchObject([
      { state: 'behind', size: 20, has: 19 },
    ])
    const rewritten = anchoredLog(30, { key: log.key, flavour: 'another' })
    const [forked] = await again().compare(rewritten.compared(), 10)
    expect(forked).toMatchObject({ state: 'forked', size: 5 })
    expect(forked && contradicts(forked)).toBe(true)
  })

  it('is not deceived by a rewriting that was anchored afterwards, if its history is compared', async () => {
    const { settings, slack } = make()
    const log = anchoredLog(10)
    const rewritten = anchoredLog(30, { key: log.key, flavour: 'another' })
    const anchors = open([settings], slack)
    await anchors.put(log.at(10))
    for (let size = 20; size < 25; size++) await anchors.put(rewritten.at(size))
    await anchors.close()
    await using other = open([settings], slack)
    expect(await other.compare(rewritten.compared(), 3)).toMatchObject([{ state: 'ok' }])
    expect(await other.compare(rewritten.compared(), Infinity)).toMatchObject([{ state: 'forked', size: 10 }])
  })

  it('gets no more checkpoints of a log that it contradicts', async () => {
    const { settings, slack } = make()
    const log = anchoredLog(10)
    const anchors = open([settings], slack)
    await anchors.put(log.at(10))
    await anchors.close()
    const rewritten = anchoredLog(30, { key: log.key, flavour: 'another' })
    await using other = open([settings], slack)
    await other.compare(rewritten.compared(), 10)
    other.keep(rewritten.at(30))
    await other.close()
    const [found] = await open([settings], slack).compare(rewritten.compared(), 1)
    expect(found).toMatchObject({ state: 'forked', size: 10 })
  })

  it('believes no checkpoint that the log has not signed', async () => {
    const { settings, slack } = make()
    const log = anchoredLog(10)
    const stranger = anchoredLog(99)
    const anchors = open([settings], slack)
    await anchors.put(log.at(10))
    await anchors.put(stranger.at(99))
    expect(await anchors.compare(log.compared(), 10)).toMatchObject([
      { state: 'ok', size: 10, compared: 1, ignored: 1 },
    ])
    const [only] = await anchors.compare(anchoredLog(10).compared(), 10)
    expect(only).toMatchObject({ state: 'foreign', ignored: 2 })
    await anchors.close()
  })
})

describe('anchors', () => {
  it('that cannot be asked decide nothing, and say so', async () => {
    const log = anchoredLog(5)
    const slack = channel()
    slack.state.down = true
    const settings: AnchorSettings = { name: 'talk', kind: 'slack', channel: 'C0A' }
    await using anchors = open([fresh(), settings], slack.port)
    const [, found] = await anchors.compare(log.compared(), 10)
    expect(found).toEqual({
      name: 'talk',
      place: 'Slack channel C0A',
      state: 'unreachable',
      why: 'the anchor cannot be reached (ETIMEDOUT)',
    })
    await using early = open([settings])
    const [unready] = await early.compare(log.compared(), 10)
    expect(unready).toMatchObject({ state: 'unreachable', why: expect.stringContaining('audit.no-anchor') })
  })

  it('are tried until the newest checkpoint is there, and report once', async () => {
    const log = anchoredLog(9)
    const slack = channel()
    slack.state.down = true
    await using anchors = open([{ name: 'talk', kind: 'slack', channel: 'C0A' }], slack.port)
    for (const size of [3, 6, 9]) anchors.keep(log.at(size))
    await eventually(() => (anchors.status()[0]?.failing?.tries ?? 0) > 2)
    slack.state.down = false
    await eventually(() => anchors.status()[0]?.size === 9)
    expect(slack.texts).toHaveLength(1)
    expect(anchors.lines.map(({ level }) => level)).toEqual(['error', 'info'])
  })

  it('get the last checkpoint at once when the program ends', async () => {
    const log = anchoredLog(9)
    const slack = channel()
    const anchors = open([{ name: 'talk', kind: 'slack', channel: 'C0A' }], slack.port, 60_000)
    await anchors.put(log.at(3))
    anchors.keep(log.at(6))
    anchors.keep(log.at(9))
    await anchors.close()
    expect(slack.texts.map((text) => / (\d+) entries/.exec(text)?.[1])).toEqual(['9', '3'])
  })

  it('in a file are lines that only their owner reads, and one that was cut off costs only itself', async () => {
    const log = anchoredLog(9)
    const settings = fresh()
    await using anchors = open([settings])
    await anchors.put(log.at(4))
    const [place = ''] = anchors.status().map((one) => one.place)
    expect(statSync(place).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(place, '..'))).toEqual(['example.com%2Ffirebreak.checkpoints.jsonl'])
    appendFileSync(place, '{"time":"2026')
    await anchors.put(log.at(9))
    expect(await anchors.compare(log.compared(), 10)).toMatchObject([{ state: 'ok', size: 9, compared: 2 }])
    writeFileSync(place, '')
    expect(await anchors.compare(log.compared(), 10)).toMatchObject([{ state: 'empty' }])
  })
})
