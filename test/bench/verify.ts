import { hash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { signCheckpoint } from '../../src/audit/checkpoint.ts'
import type { Pages } from '../../src/audit/entry.ts'
import { writeExport } from '../../src/audit/export.ts'
import { proveEntry } from '../../src/audit/export-proof.ts'
import { generateLogKey } from '../../src/audit/key.ts'
import { createNotary } from '../../src/audit/notary.ts'
import { rootOf } from '../../src/audit/tree.ts'
import { verifyEntries } from '../../src/audit/verify.ts'
import { verifyExport } from '../../src/audit/verify-export.ts'
import type { StoredEntry } from '../../src/core/ports.ts'
import { schema } from '../../src/store/schema.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { atLeast, atMost, type Figure } from './figure.ts'
import { inScratch } from './scratch.ts'
import { latencyOf, median, round, spreadOf } from './stats.ts'

const ENTRIES = 100_000
const PAGE = 1000
const ROUNDS = 5
const PROOFS = 100
const key = generateLogKey('bench.local/log')

/** What it costs to verify a log, from memory, from the journal and from an export, and to prove one entry of it. */
export function verifyFigures(): Promise<Figure[]> {
  return inScratch(async (folder) => {
    const entries = makeEntries()
    const root = rootOf(entries.map((entry) => entry.hash))
    const checkpoint = signCheckpoint({ origin: key.name, size: ENTRIES, root }, key)
    const reference = median(await rates(async () => hashAll(entries.map(bytesOf))))
    const verify = async (pages: Pages) =>
      expectSound(await verifyEntries(pages, checkpoint, { keys: [key] }))
    const store = openJournal(join(folder, 'state'), entries)
    const dir = join(folder, 'export')
    const exporting = performance.now()
    await writeExport(dir, { entries: pagesOf(entries), checkpoint, key })
    const exported = performance.now() - exporting
    const figures = [
      figureOf('entries in memory', await rates(() => verify(pagesOf(entries))), reference),
      figureOf('the SQLite journal', await rates(() => verify(store.entries())), reference),
      figureOf(
        'an exported folder',
        await rates(async () => expectSound(await verifyExport(dir, { keys: [key] }))),
        reference,
      ),
    ]
    await store.close()
    return [...figures, exportFigure(exported), proofFigure(dir)]
  })
}

function makeEntries(): StoredEntry[] {
  const notary = createNotary(key)
  const time = new Date().toISOString()
  const target = { kind: 'bench', id: 'arn:bench:one' }
  return Array.from({ length: ENTRIES }, (_, seq) => {
    const around = { seq, time, type: 'step.intended', run: 'abcdefgh', n: seq, step: 'off' }
    const data = { attempt: 1, target, before: { on: true }, after: { on: false }, n: seq }
    return { seq, ...notary.seal({ ...around, actor: { kind: 'system' }, data }) }
  })
}

function pagesOf(entries: readonly StoredEntry[]): StoredEntry[][] {
  return Array.from({ length: ENTRIES / PAGE }, (_, i) => entries.slice(i * PAGE, (i + 1) * PAGE))
}

/** A journal as the store leaves it, without the thousands of commits that it would take. */
function openJournal(folder: string, entries: readonly StoredEntry[]): ReturnType<typeof openSqlite> {
  mkdirSync(folder)
  const db = new DatabaseSync(join(folder, 'journal.db'))
  db.exec(`${schema} begin`)
  const insert = db.prepare('insert into journal values (?, ?, ?, ?, ?, ?, ?)')
  for (const { seq, leaf, hash: stored, salt, data } of entries)
    insert.run(seq, 'abcdefgh', seq, leaf, stored, salt, data)
  db.exec('commit')
  db.close()
  return openSqlite({ folder, notary: createNotary(key), clock: { now: Date.now } })
}

type Bytes = readonly [leaf: Buffer, body: Buffer, node: Buffer]

/** What verifying an entry hashes: its leaf, its body, and on average one inner node. */
function bytesOf({ leaf, salt, data, hash: stored }: StoredEntry): Bytes {
  return [
    Buffer.from(`\0${leaf}`),
    Buffer.concat([Buffer.from(salt ?? '', 'hex'), Buffer.from(data ?? '')]),
    Buffer.from(`01${stored}${stored}`, 'hex'),
  ]
}

function hashAll(all: readonly Bytes[]): number {
  const began = performance.now()
  for (const bytes of all) for (const part of bytes) hash('sha256', part, 'hex')
  return performance.now() - began
}

/** Entries a second, of each round; `work` may say how long it took, where preparing it is no part of that. */
async function rates(work: () => Promise<number | undefined>): Promise<number[]> {
  const found: number[] = []
  for (let i = 0; i < ROUNDS; i++) {
    const began = performance.now()
    // oxlint-disable-next-line no-await-in-loop -- side by side they would disturb each other
    const took = await work()
    found.push((ENTRIES * 1000) / (took ?? performance.now() - began))
  }
  return found
}

function expectSound(verdict: { readonly ok: boolean; readonly reason?: string }): undefined {
  if (!verdict.ok) throw new Error(verdict.reason)
}

function figureOf(what: string, found: readonly number[], reference: number): Figure {
  const value = median(found)
  return {
    name: `audit verify, ${what}`,
    unit: 'entries/s',
    value: round(value),
    spread: spreadOf(found),
    reference: { what: 'hashing the same bytes', value: round(reference), ratio: round(value / reference) },
    budget: atLeast(300_000, value, 'entries/s'),
    note: `${ENTRIES} entries`,
  }
}

function exportFigure(ms: number): Figure {
  const value = round((ENTRIES * 1000) / ms)
  return { name: 'audit export', unit: 'entries/s', value, note: 'every entry is verified on the way' }
}

function proofFigure(dir: string): Figure {
  const times = Array.from({ length: PROOFS }, (_, i) => {
    const began = performance.now()
    proveEntry(dir, Math.floor((i * ENTRIES) / PROOFS))
    return performance.now() - began
  })
  const latency = latencyOf(times)
  return {
    name: 'audit proof of one entry',
    unit: 'ms',
    value: latency.p99,
    spread: latency,
    budget: atMost(50, latency.p99, 'ms'),
    note: `of ${ENTRIES}; it reads a few files whatever the size`,
  }
}
