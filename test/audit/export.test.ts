import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isFirebreakError } from '../../src/core/errors.ts'
import { writeExport } from '../../src/audit/export.ts'
import type { StoredEntry } from '../../src/audit/entry.ts'
import type { ExportSource } from '../../src/audit/export.ts'
import { exportRoots } from '../../src/audit/export-roots.ts'
import { generateLogKey } from '../../src/audit/key.ts'
import { leafHash, sealEntry } from '../../src/audit/leaf.ts'
import { verifyInclusion } from '../../src/audit/proof.ts'
import { inclusionProof } from '../../src/audit/prove.ts'
import { tilePath } from '../../src/audit/tile.ts'
import { rootOf } from '../../src/audit/tree.ts'
import { verifyExport } from '../../src/audit/verify-export.ts'
import { pagesOf } from './pages.ts'
import { checkpointOver, ORIGIN, sampleEntry, sampleLog } from './sample-log.ts'

const base = mkdtempSync(join(tmpdir(), 'firebreak-export-'))
afterAll(() => rmSync(base, { recursive: true }))
let count = 0
const fresh = (): string => join(base, String(count++))

type Source = Omit<ExportSource, 'entries'> & { readonly entries: readonly StoredEntry[] }

async function exported({ entries, ...rest }: Source): Promise<string> {
  const dir = fresh()
  await writeExport(dir, { entries: pagesOf(entries), ...rest })
  return dir
}

async function codeOfExport(dir: string, { entries, ...rest }: Source): Promise<string> {
  try {
    await writeExport(dir, { entries: pagesOf(entries), ...rest })
  } catch (error) {
    return isFirebreakError(error) ? error.code : String(error)
  }
  return 'none'
}

const files = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort()

describe('tile paths', () => {
  it('are those of the specification', async () => {
    expect(tilePath(0, 0, 256)).toBe('tile/0/000')
    expect(tilePath(3, 1_234_067, 256)).toBe('tile/3/x001/x234/067')
    expect(tilePath('entries', 1000, 5)).toBe('tile/entries/x001/000.p/5')
  })
})

describe('an export', () => {
  it('has the files of c2sp.org/tlog-tiles, with the right hashes in them', async () => {
    const log = sampleLog(513)
    const dir = await exported(log)
    const expected = [
      'bodies.jsonl',
      'checkpoint',
      'key.vkey',
      'tile/0/000',
      'tile/0/001',
      'tile/0/002.p/1',
      'tile/1/000.p/2',
      'tile/entries/000',
      'tile/entries/001',
      'tile/entries/002.p/1',
    ]
    expect(files(dir)).toEqual(expected)
    const hashes = log.entries.map(({ leaf }) => leafHash(leaf))
    expect(readFileSync(join(dir, 'tile/0/001'), 'hex')).toBe(hashes.slice(256, 512).join(''))
    expect(readFileSync(join(dir, 'tile/1/000.p/2'), 'hex')).toBe(
      rootOf(hashes.slice(0, 256)) + rootOf(hashes.slice(256, 512)),
    )
    const last = Buffer.from(log.entries[512]?.leaf ?? '')
    const bundle = readFileSync(join(dir, 'tile/entries/002.p/1'))
    expect(bundle.readUInt16BE()).toBe(last.length)
    expect(bundle.subarray(2)).toEqual(last)
    expect(readFileSync(join(dir, 'checkpoint'), 'utf8')).toBe(log.checkpoint)
    expect(readFileSync(join(dir, 'key.vkey'), 'utf8')).toBe(`${log.key.text}\n`)
    const lines = readFileSync(join(dir, 'bodies.jsonl'), 'utf8').trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
      log.entries.map(({ seq, salt, data }) => ({ seq, salt, data: JSON.parse(String(data)) as unknown })),
    )
  })

  it.each([0, 1, 255, 256, 257, 600])('of %i entries is verified', async (size) => {
    const { entries, checkpoint, key } = sampleLog(size)
    const dir = await exported({ entries, checkpoint, key })
    const known = { origin: ORIGIN, size, root: rootOf(entries.map(({ leaf }) => leafHash(leaf))) }
    expect(await verifyExport(dir)).toMatchObject({ ok: true, keySource: 'folder', ...known })
    expect(await verifyExport(dir, { keys: [key] })).toMatchObject({
      ok: true,
      keySource: 'caller',
      ...known,
    })
    const stranger = await verifyExport(dir, { keys: [generateLogKey(ORIGIN)] })
    expect(stranger).toMatchObject({ ok: false, fault: 'checkpoint', keySource: 'caller' })
  })

  it('gives the leaf hashes for proofs that its checkpoint confirms', async () => {
    const log = sampleLog(300)
    const dir = await exported(log)
    const hashes = log.entries.map(({ leaf }) => leafHash(leaf))
    const place = { index: 299, size: 300, leaf: leafHash(log.entries[299]?.leaf ?? '') }
    const proof = inclusionProof(299, 300, exportRoots(dir, 300))
    expect(verifyInclusion({ ...place, root: rootOf(hashes), proof })).toBe(true)
  })

  it('leaves out what was appended after the checkpoint, and takes entries as they come', async () => {
    const { entries, checkpoint, key } = sampleLog(20)
    async function* growing(): AsyncGenerator<StoredEntry[]> {
      yield entries.slice(0, 7)
      yield []
      yield [...entries.slice(7), sampleEntry(20)]
      yield [sampleEntry(21)]
    }
    const dir = fresh()
    await writeExport(dir, { entries: growing(), checkpoint, key })
    expect(await verifyExport(dir)).toMatchObject({ ok: true, size: 20 })
  })

  it('keeps proofs where retention has deleted bodies, as far as the log says so', async () => {
    const key = generateLogKey(ORIGIN)
    const salt = Buffer.alloc(16, 7)
    const frame = { seq: 19, time: new Date(0).toISOString(), type: 'audit.forgotten' }
    const { leaf, data } = sealEntry(
      { ...frame, actor: {}, data: { runs: [], entries: 4, before: '' } },
      salt,
    )
    const said = { seq: 19, leaf, data, salt: salt.toString('hex'), hash: leafHash(leaf) }
    const entries = Array.from({ length: 19 }, (_, seq) => sampleEntry(seq)).concat(said)
    const without = (seqs: readonly number[]) =>
      entries.map((entry) => (seqs.includes(entry.seq) ? { ...entry, salt: null, data: null } : entry))
    const source = { checkpoint: checkpointOver(entries, key), key }
    const dir = fresh()
    const pages = pagesOf(without([2, 7, 12, 17]))
    expect(await writeExport(dir, { entries: pages, ...source })).toMatchObject({ withoutBody: 4 })
    expect(await verifyExport(dir)).toMatchObject({ ok: false, fault: 'body-missing', seq: 2 })
    expect(await verifyExport(dir, { missingBodies: 'count' })).toMatchObject({ ok: true, withoutBody: 4 })
    for (const more of [
      [2, 3, 7, 12, 17],
      [2, 19],
    ]) {
      const robbed = await exported({ entries: without(more), ...source })
      expect(await verifyExport(robbed, { missingBodies: 'count' })).toMatchObject({
        ok: false,
        fault: 'body-missing',
        reason: expect.stringContaining('by hand'),
      })
    }
  })

  it('is refused for a log that does not verify, and leaves no checkpoint behind', async () => {
    const { entries, checkpoint, key } = sampleLog(20)
    const other = sampleLog(20, 'other').entries
    for (const bad of [
      entries.toSpliced(3, 1),
      entries.slice(0, 19),
      entries.with(3, { ...entries[4]!, seq: 3 }),
      other,
    ]) {
      const dir = fresh()
      expect(await codeOfExport(dir, { entries: bad, checkpoint, key })).toBe('audit.bad-export')
      expect(files(dir)).not.toContain('checkpoint')
      expect(await verifyExport(dir)).toMatchObject({ ok: false, fault: 'file' })
    }
  })

  it('is written into an empty folder only', async () => {
    const { entries, checkpoint, key } = sampleLog(2)
    const dir = await exported({ entries, checkpoint, key })
    expect(await codeOfExport(dir, { entries, checkpoint, key })).toBe('audit.export-exists')
    expect(await codeOfExport(fresh(), { entries, checkpoint, key: generateLogKey(ORIGIN) })).toBe(
      'audit.wrong-signature',
    )
  })
})

/** Changes the bit of one byte. */
function flip(at: number): (bytes: Buffer) => Buffer {
  return (bytes) => bytes.fill((bytes[at] ?? 0) ^ (1 << (at % 8)), at, at + 1)
}

/** Changes the list of lines. */
function edit(change: (lines: string[]) => string[]): (bytes: Buffer) => Buffer {
  return (bytes) => Buffer.from(`${change(bytes.toString().trimEnd().split('\n')).join('\n')}\n`)
}

describe('a damaged export', () => {
  const size = 259
  const { entries, checkpoint, key } = sampleLog(size)
  let dir = ''
  beforeAll(async () => {
    dir = await exported({ entries, checkpoint, key })
  })

  /** The verdict after a change to one file; the file is restored. */
  async function after(file: string, change: (bytes: Buffer) => Buffer): ReturnType<typeof verifyExport> {
    const path = join(dir, file)
    const bytes = readFileSync(path)
    writeFileSync(path, change(Buffer.from(bytes)))
    const verdict = await verifyExport(dir, { keys: [key] })
    writeFileSync(path, bytes)
    return verdict
  }

  it('any byte of a bundle: refused, and the entry named', async () => {
    const path = 'tile/entries/001.p/3'
    const ends = entries.slice(256).map(({ leaf }) => 2 + Buffer.byteLength(leaf))
    let seq = 256
    let end = ends[0] ?? 0
    for (let at = 0; at < ends.reduce((sum, length) => sum + length); at++) {
      if (at === end) end += ends[++seq - 256] ?? 0
      expect(await after(path, flip(at))).toMatchObject({ ok: false, fault: 'leaf', seq })
    }
  })

  it('any byte of a body: refused, and the entry named', async () => {
    const lines = readFileSync(join(dir, 'bodies.jsonl'))
    const start = lines.indexOf(Buffer.from(entries[257]?.data ?? '')) - '{"data":'.length
    const end = lines.indexOf(0x0a, start)
    for (let at = start; at <= end; at++) {
      const verdict = await after('bodies.jsonl', flip(at))
      expect(verdict).toMatchObject({ ok: false, seq: 257 })
      expect(
        (
          await after('bodies.jsonl', (bytes) =>
            Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]),
          )
        ).ok,
      ).toBe(false)
    }
  })

  it('any byte of a tile: refused, with the entry or the tile named', async () => {
    for (let at = 0; at < 96; at++) {
      const seq = 256 + Math.floor(at / 32)
      expect(await after('tile/0/001.p/3', flip(at))).toMatchObject({ ok: false, fault: 'leaf', seq })
    }
    for (let at = 0; at < 32; at++) {
      const verdict = await after('tile/1/000.p/1', flip(at))
      expect(verdict).toMatchObject({ ok: false, fault: 'file' })
      expect(verdict).toHaveProperty('reason', expect.stringContaining('tile/1/000.p/1'))
    }
  })

  it('something appended or cut off: refused', async () => {
    for (const file of files(dir).filter((name) => name !== 'key.vkey')) {
      expect(await after(file, (bytes) => Buffer.concat([bytes, Buffer.from('x')])), file).toMatchObject({
        ok: false,
      })
      expect(await after(file, (bytes) => bytes.subarray(0, -1)), file).toMatchObject({ ok: false })
      expect(await after(file, () => Buffer.alloc(0)), file).toMatchObject({ ok: false })
    }
  })

  it('a line of bodies deleted, doubled or moved: refused, and the entry named', async () => {
    const cases = [
      edit((lines) => lines.toSpliced(5, 1)),
      edit((lines) => lines.with(5, lines[6]!).with(6, lines[5]!)),
      edit((lines) => lines.toSpliced(5, 0, lines[4]!)),
      edit((lines) => lines.toSpliced(5, 0, 'nonsense')),
    ]
    for (const change of cases)
      expect(await after('bodies.jsonl', change)).toMatchObject({ ok: false, seq: 5 })
    const doubled = await after(
      'bodies.jsonl',
      edit((lines) => [...lines, lines.at(-1)!]),
    )
    expect(doubled).toMatchObject({ ok: false, fault: 'file' })
  })

  it('a file missing: refused, and the file named', async () => {
    for (const file of files(dir).filter((name) => name !== 'key.vkey')) {
      const path = join(dir, file)
      const bytes = readFileSync(path)
      rmSync(path)
      expect(await verifyExport(dir, { keys: [key] })).toMatchObject({
        ok: false,
        fault: 'file',
        reason: expect.stringContaining(file),
      })
      writeFileSync(path, bytes)
    }
    expect(await verifyExport(join(base, 'nowhere'))).toMatchObject({ ok: false, fault: 'file' })
  })

  it('its own key changed: refused when it is the only one', async () => {
    const path = join(dir, 'key.vkey')
    const text = readFileSync(path, 'utf8')
    for (let at = 0; at < text.length; at++) {
      writeFileSync(path, flip(at)(Buffer.from(text)))
      expect(await verifyExport(dir)).toMatchObject({ ok: false, fault: 'checkpoint', keySource: 'folder' })
    }
    writeFileSync(path, text)
  })

  it('a whole export made up with another key says that only its own key was asked', async () => {
    const forger = generateLogKey(ORIGIN)
    const made = await exported({ entries, checkpoint: checkpointOver(entries, forger), key: forger })
    expect(await verifyExport(made)).toMatchObject({ ok: true, keySource: 'folder' })
    expect(await verifyExport(made, { keys: [key] })).toMatchObject({ ok: false, fault: 'checkpoint' })
  })
})
