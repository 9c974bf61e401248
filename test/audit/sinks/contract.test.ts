import { mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { Secret } from '../../../src/core/secret.ts'
import type { SinkSettings } from '../../../src/core/sink-settings.ts'
import { eventually } from '../../support/eventually.ts'
import { pace, startBench } from './bench.ts'
import { elasticsearchReceiver } from './elasticsearch-receiver.ts'
import { type Fault, httpReceiver } from './http-receiver.ts'
import { memoryJournal, ORIGIN } from './journal.ts'
import { syslogReceiver } from './syslog-receiver.ts'

// What every sink must show, whatever it sends to.

type StandIn = {
  readonly settings: SinkSettings
  /** Ids of what was taken, in order, each as often as it was. */
  readonly taken: () => readonly string[]
  readonly plan: (...faults: Fault[]) => void
  readonly close: () => Promise<void>
}
type Sample = { readonly id: string }

const folder = mkdtempSync(join(tmpdir(), 'firebreak-sinks-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const common = { name: 'it', ...pace, batch: 4 }

const family: { readonly [kind: string]: () => Promise<StandIn> } = {
  elasticsearch: async () => {
    const { url, ids, plan, close } = await elasticsearchReceiver()
    const settings = { ...common, kind: 'elasticsearch', url, index: 'audit' } as const
    return { settings, taken: () => ids, plan, close }
  },
  datadog: async () => {
    const ids: string[] = []
    const { url, plan, close } = await httpReceiver(({ body }) => {
      const logs = JSON.parse(body) as { firebreak: Sample }[]
      ids.push(...logs.map(({ firebreak }) => firebreak.id))
      return '{}'
    })
    const dd = { site: 'datadoghq.eu', apiKey: new Secret('dd-key-of-a-test'), service: 's', tags: [] }
    return { settings: { ...common, ...dd, kind: 'datadog', url }, taken: () => ids, plan, close }
  },
  http: async () => {
    const ids: string[] = []
    const { url, plan, close } = await httpReceiver(({ body }) => {
      ids.push(...(JSON.parse(body) as Sample[]).map(({ id }) => id))
      return ''
    })
    const settings = { ...common, kind: 'http', url, format: 'array', headers: {} } as const
    return { settings, taken: () => ids, plan, close }
  },
  syslog: async () => {
    const { port, messages, plan, close } = await syslogReceiver()
    const rest = { facility: 13, appName: 'firebreak', maxMessage: 8192 }
    const taken = () => messages.map((text) => (JSON.parse(text.slice(text.indexOf(' {'))) as Sample).id)
    return { settings: { ...common, ...rest, kind: 'syslog', host: '127.0.0.1', port }, taken, plan, close }
  },
  file: async () => {
    const path = join(mkdtempSync(join(folder, 'file-')), 'audit.jsonl')
    const lines = () => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [])
    const taken = () => lines().map((line) => (JSON.parse(line) as Sample).id)
    return { settings: { ...common, kind: 'file', path }, taken, plan: () => {}, close: async () => {} }
  },
}

const faults: { readonly [name: string]: Fault } = {
  'fails with 500': { kind: 'status', status: 500 },
  'wants fewer requests (429)': { kind: 'status', status: 429, retryAfter: '0' },
  stalls: { kind: 'stall' },
  'loses the answer': { kind: 'lose' },
  'closes half-way': { kind: 'half' },
}

const idsOf = (bench: { entries: readonly { seq: number; hash: string }[] }) =>
  bench.entries.map(({ seq, hash }) => `${ORIGIN}/${seq}/${hash.slice(0, 16)}`)
const arrived = (bench: { entries: readonly unknown[]; next: (sink: string) => number }) =>
  eventually(() => bench.next('it') === bench.entries.length)

describe.each(Object.entries(family))('the sink %s', (kind, open) => {
  // A disk has no wire; what goes wrong with it is in file.test.ts.
  const wired = kind !== 'file'
  let standIn: StandIn
  const closing: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })
  const begin = async (journal = memoryJournal()) => {
    standIn = await open()
    const bench = startBench(standIn.settings, journal)
    closing.push(bench.close, standIn.close)
    return bench
  }

  it('gets every entry once and in order, over pages and batches', async () => {
    const bench = await begin()
    bench.grow(30)
    await arrived(bench)
    bench.grow(3)
    await arrived(bench)
    expect(standIn.taken()).toEqual(idsOf(bench))
    expect(bench.status()).toMatchObject({ name: 'it', lag: 0, refused: { count: 0 } })
    expect(bench.lines).toEqual([])
  })

  it('goes on where it was after a restart', async () => {
    const bench = await begin()
    bench.grow(9)
    await arrived(bench)
    await bench.close()
    bench.add(5)
    const again = startBench(standIn.settings, bench)
    closing.unshift(again.close)
    await arrived(again)
    expect(standIn.taken()).toEqual(idsOf(again))
  })

  it('gets the whole log when another one lies in the place of the one it knows', async () => {
    const bench = await begin()
    bench.grow(9)
    await arrived(bench)
    await bench.close()
    const other = memoryJournal()
    other.add(12, undefined, 'another')
    other.memo.set('sink/it', bench.memo.get('sink/it') ?? '')
    const again = startBench(standIn.settings, other)
    closing.unshift(again.close)
    await eventually(() => standIn.taken().length === 21)
    expect(standIn.taken().slice(9)).toEqual(idsOf(other))
    expect(again.lines).toMatchObject([{ level: 'error', message: expect.stringContaining('not the one') }])
  })

  it.each(wired ? Object.entries(faults) : [])('loses nothing when the receiver %s', async (_, fault) => {
    const bench = await begin()
    bench.grow(4)
    await arrived(bench)
    standIn.plan(fault, fault)
    bench.grow(10)
    await arrived(bench)
    await eventually(() => bench.lines.length === 2)
    // Reported once, with the place where it was then, and taken back when it works again.
    expect(bench.lines).toMatchObject([
      { level: 'error', sink: 'it', place: 4 },
      { level: 'info', sink: 'it' },
    ])
    expect(bench.status().failing).toBeUndefined()
    const taken = standIn.taken()
    expect([...new Set(taken)]).toEqual(idsOf(bench))
    // The two that were taken without an answer came again under their own ids; nothing else came twice.
    expect(taken).toHaveLength(fault.kind === 'lose' ? 14 + 2 * 4 : 14)
  })

  it.each(wired ? [0] : [])(
    'moves its place only after the answer, and ends in time while it waits for one',
    async () => {
      const bench = await begin()
      standIn.plan({ kind: 'stall' }, { kind: 'stall' })
      bench.grow(4)
      await eventually(() => bench.status().failing)
      expect(bench.memo.get('sink/it')).toBeUndefined()
      expect(bench.status()).toMatchObject({
        lag: 4,
        failing: { since: expect.any(String), why: expect.stringContaining('in time') },
      })
      const start = performance.now()
      await bench.close()
      expect(performance.now() - start).toBeLessThan(1000)
    },
  )
})
