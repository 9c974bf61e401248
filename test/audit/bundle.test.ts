import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sumsText } from '../../src/audit/bundle/files.ts'
import { verifyBundle } from '../../src/audit/bundle/verify.ts'
import { writeBundle } from '../../src/audit/bundle/write.ts'
import type { StoredEntry } from '../../src/audit/entry.ts'
import { generateLogKey } from '../../src/audit/key.ts'
import { leafHash, sealEntry } from '../../src/audit/leaf.ts'
import type { Json } from '../../src/core/json.ts'
import { pagesOf } from './pages.ts'
import { checkpointOver, ORIGIN } from './sample-log.ts'

const key = generateLogKey(ORIGIN)
const RUN = 'r-1'
const HOSTILE = '| <script> [x](http://evil) `code` \u202e # not a heading'

type Told = { readonly type: string; readonly run?: string; readonly n?: number; readonly data: Json }

function entryOf({ data, ...told }: Told, seq: number): StoredEntry {
  const salt = Buffer.alloc(16, seq)
  const around = { seq, time: `2026-01-01T00:00:${String(seq % 60).padStart(2, '0')}.000Z`, ...told }
  const sealed = sealEntry({ ...around, actor: { kind: 'system' }, data }, salt)
  return {
    seq,
    leaf: sealed.leaf,
    salt: salt.toString('hex'),
    data: sealed.data,
    hash: leafHash(sealed.leaf),
  }
}

const evidence = {
  kind: 'ssh',
  message: '{"decision":"approve"}',
  signature: '-----BEGIN SSH SIGNATURE-----\n',
}
const ofRun: readonly Omit<Told, 'run' | 'n'>[] = [
  {
    type: 'run.requested',
    data: {
      mode: 'run',
      because: 'leak',
      reason: HOSTILE,
      playbook: { name: 'p', title: HOSTILE, digest: 'sha256:p', text: 'name: p\n' },
    },
  },
  { type: 'run.planned', data: { plan: { digest: 'sha256:plan', lines: [], gates: [] } } },
  {
    type: 'approval.given',
    data: {
      request: 'q1',
      digest: 'sha256:plan',
      person: 'ann',
      account: { via: 'ssh', fingerprint: 'SHA256:x' },
      evidence,
    },
  },
  { type: 'step.failed', data: { code: 'x', message: HOSTILE, remedy: 'none' } },
  { type: 'run.succeeded', data: {} },
]
// The run's entries lie among those of others, over more than one tile.
const entries: StoredEntry[] = Array.from({ length: 400 }, (_, seq) => {
  const n = seq % 70 === 3 ? Math.floor(seq / 70) : -1
  const own = ofRun[n]
  return entryOf(
    own === undefined ? { type: 'freeze.set', data: { reason: 'x' } } : { ...own, run: RUN, n },
    seq,
  )
})
const seqs = [3, 73, 143, 213, 283]
const checkpoint = checkpointOver(entries, key)
const source = { run: RUN, seqs, checkpoint, key }

const base = mkdtempSync(join(tmpdir(), 'firebreak-bundle-'))
afterAll(() => rmSync(base, { recursive: true }))
const good = join(base, 'good')
let count = 0
const copy = (): string => {
  const dir = join(base, `copy-${count++}`)
  cpSync(good, dir, { recursive: true })
  return dir
}

const files = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort()

/** Whoever changes a file can write the manifest anew. */
function sumUp(dir: string): void {
  const listed = files(dir).filter((path) => path !== 'SHA256SUMS')
  writeFileSync(
    join(dir, 'SHA256SUMS'),
    sumsText(listed.map((path) => ({ path, bytes: readFileSync(join(dir, path)) }))),
  )
}

beforeAll(async () => {
  await writeBundle(good, { ...source, entries: pagesOf(entries, 33) })
})

describe('the evidence of a run', () => {
  it('has the entries with their proofs, and what follows from them for people and other tools', () => {
    const whole = ['SHA256SUMS', 'bundle.json', 'checkpoint', 'key.vkey', 'playbook.yaml', 'report.md']
    const derived = ['plans/73.json', 'approvals/143.json', 'approvals/143.message', 'approvals/143.sig']
    const proofs = seqs.map((seq) => `entries/${String(seq).padStart(9, '0')}.tlog-proof`)
    expect(files(good)).toEqual([...whole, ...derived, ...proofs].sort())
    expect(readFileSync(join(good, 'approvals/143.message'), 'utf8')).toBe(evidence.message)
    expect(readFileSync(join(good, 'playbook.yaml'), 'utf8')).toBe('name: p\n')
  })

  it('verifies by itself, and with the key of the log says whose it is', () => {
    const sound = { ok: true, run: RUN, entries: 5, size: 400, withoutBody: 0 }
    expect(verifyBundle(good)).toMatchObject({ ...sound, keySource: 'folder' })
    expect(verifyBundle(good, [key])).toMatchObject({ ...sound, keySource: 'caller' })
    expect(verifyBundle(good, [generateLogKey(ORIGIN)])).toMatchObject({ ok: false })
  })

  it('has a manifest that sha256sum reads', () => {
    const said = spawnSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], {
      cwd: good,
      encoding: 'utf8',
    })
    expect(said).toMatchObject({ status: 0, stderr: '' })
  })

  it('has a report in which nothing that others wrote marks up or hides', () => {
    const report = readFileSync(join(good, 'report.md'), 'utf8')
    expect(report).toContain('sha256\\:plan')
    expect(report).not.toMatch(/<script>|\u202e|[^\\]\]\(http/)
    expect(report.split('\n').filter((line) => line.startsWith('# '))).toHaveLength(1)
  })

  it('names the file that was changed, taken away or put in', () => {
    for (const path of files(good)) {
      const changed = copy()
      writeFileSync(join(changed, path), `${readFileSync(join(changed, path), 'utf8')} `)
      expect(verifyBundle(changed, [key]), path).toMatchObject({ ok: false })
      const gone = copy()
      unlinkSync(join(gone, path))
      const named = { ok: false, reason: expect.stringContaining(path) }
      if (path !== 'key.vkey')
        expect(verifyBundle(gone, [key])).toMatchObject(path === 'bundle.json' ? { ok: false } : named)
    }
    const more = copy()
    writeFileSync(join(more, 'plans/99.json'), '{}')
    expect(verifyBundle(more, [key])).toMatchObject({ reason: expect.stringContaining('plans/99.json') })
    sumUp(more)
    expect(verifyBundle(more, [key])).toMatchObject({ reason: expect.stringContaining('plans/99.json') })
  })

  it('names what was changed also when the manifest was written anew', () => {
    for (const path of files(good).filter((name) => !['SHA256SUMS', 'key.vkey'].includes(name))) {
      const dir = copy()
      const text = readFileSync(join(dir, path), 'utf8')
      writeFileSync(
        join(dir, path),
        text.replace(/[0-9a]/, (digit) => (digit === '1' ? '2' : '1')),
      )
      sumUp(dir)
      if (readFileSync(join(dir, path), 'utf8') !== text) {
        expect(verifyBundle(dir, [key]), path).toMatchObject({ ok: false })
      }
    }
    const told = copy()
    writeFileSync(join(told, 'report.md'), '# Nothing happened\n')
    sumUp(told)
    expect(verifyBundle(told, [key])).toMatchObject({ reason: expect.stringContaining('report.md') })
  })

  it('names an entry that was left out, though everything else fits', async () => {
    for (const without of [3, 143, 213]) {
      const dir = join(base, `without-${without}`)
      const rest = seqs.filter((seq) => seq !== without)
      await writeBundle(dir, { ...source, seqs: rest, entries: pagesOf(entries, 100) })
      const next = rest.find((seq) => seq > without)
      expect(verifyBundle(dir, [key])).toMatchObject({ ok: false, seq: next })
    }
  })

  it('refuses entries of another run, and of another log', async () => {
    const dir = join(base, 'foreign-entry')
    await writeBundle(dir, { ...source, seqs: [...seqs, 300], entries: pagesOf(entries, 100) })
    expect(verifyBundle(dir, [key])).toMatchObject({ ok: false, seq: 300 })
    const other = entries.with(0, entryOf({ type: 'freeze.set', data: { reason: 'another log' } }, 0))
    const elsewhere = join(base, 'elsewhere')
    await writeBundle(elsewhere, {
      ...source,
      checkpoint: checkpointOver(other, key),
      entries: pagesOf(other, 99),
    })
    const mixed = copy()
    const path = 'entries/000000143.tlog-proof'
    cpSync(join(elsewhere, path), join(mixed, path))
    sumUp(mixed)
    expect(verifyBundle(mixed, [key])).toMatchObject({
      seq: 143,
      reason: expect.stringContaining('another checkpoint'),
    })
    cpSync(join(elsewhere, 'checkpoint'), join(mixed, 'checkpoint'))
    sumUp(mixed)
    expect(verifyBundle(mixed, [key])).toMatchObject({ ok: false, seq: 3 })
  })

  it('is sound after retention has deleted data, and says of how many entries', async () => {
    const pruned = entries.map((entry) =>
      entry.seq === 213 || entry.seq === 143 ? { ...entry, salt: null, data: null } : entry,
    )
    const dir = join(base, 'pruned')
    await writeBundle(dir, { ...source, entries: pagesOf(pruned, 100) })
    expect(verifyBundle(dir, [key])).toMatchObject({ ok: true, entries: 5, withoutBody: 2 })
    expect(readFileSync(join(dir, 'report.md'), 'utf8')).toContain('deleted by retention')
  })

  it('is not written from a log that does not verify', async () => {
    const bad = [
      entries.toSpliced(9, 1),
      entries.slice(0, 399),
      entries.with(9, entryOf({ type: 'freeze.lifted', data: {} }, 9)),
    ]
    for (const [i, list] of bad.entries()) {
      const written = writeBundle(join(base, `bad-${i}`), { ...source, entries: pagesOf(list, 100) })
      await expect(written).rejects.toMatchObject({ code: 'audit.bad-export' })
    }
    await expect(writeBundle(good, { ...source, entries: [] })).rejects.toMatchObject({
      code: 'audit.export-exists',
    })
  })
})
