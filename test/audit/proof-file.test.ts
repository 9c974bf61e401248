import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseCheckpoint, signCheckpoint } from '../../src/audit/checkpoint.ts'
import { writeExport } from '../../src/audit/export.ts'
import { proveEntry, proveGrowth } from '../../src/audit/export-proof.ts'
import { generateLogKey } from '../../src/audit/key.ts'
import { parseProof } from '../../src/audit/proof-text.ts'
import { EMPTY_ROOT } from '../../src/audit/tree.ts'
import { verifyProof } from '../../src/audit/verify-proof.ts'
import { codeOf } from './code-of.ts'
import { pagesOf } from './pages.ts'
import { checkpointOver, ORIGIN, sampleLog } from './sample-log.ts'

const SIZE = 300
const log = sampleLog(SIZE)
const keys = [log.key]
const base = mkdtempSync(join(tmpdir(), 'firebreak-proof-'))
const dir = join(base, 'export')
beforeAll(async () => {
  // Retention has deleted the body of one entry.
  const entries = log.entries.with(7, { ...log.entries[7]!, salt: null, data: null })
  await writeExport(dir, { ...log, entries: pagesOf(entries, 50) })
})
afterAll(() => rmSync(base, { recursive: true }))

/** Runs with one file of the export changed, and puts it back. */
function withChanged<T>(file: string, change: (bytes: Buffer) => Buffer, work: () => T): T {
  const path = join(dir, file)
  const bytes = readFileSync(path)
  writeFileSync(path, change(Buffer.from(bytes)))
  try {
    return work()
  } finally {
    writeFileSync(path, bytes)
  }
}

const flipAt =
  (at: number) =>
  (bytes: Buffer): Buffer =>
    bytes.fill((bytes[at] ?? 0) ^ 1, at, at + 1)

describe('the proof of an entry', () => {
  it('is made for each, carries it, and is good under the key of the log alone', () => {
    for (const [seq, { leaf, salt, data }] of log.entries.entries()) {
      const got = verifyProof(proveEntry(dir, seq), { keys })
      expect(got).toMatchObject({ ok: true, kind: 'inclusion', seq, head: { origin: ORIGIN, size: SIZE } })
      const gone = { leaf, salt: null, data: null }
      expect(got).toMatchObject({ entry: seq === 7 ? gone : { leaf, salt, data } })
      expect(verifyProof(proveEntry(dir, seq), { keys: [generateLogKey(ORIGIN)] }).ok).toBe(false)
    }
  })

  it('is refused after any character of it was changed', () => {
    const text = proveEntry(dir, 5)
    const carried = text.indexOf('\nindex')
    for (let at = 0; at < text.length; at++) {
      const changed = text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1)
      // The last character of base64 has bits that say nothing: such a spelling is refused too.
      if (verifyProof(changed, { keys }).ok) expect.fail(`character ${at} of ${carried}`)
    }
  })

  it('holds for a given entry too, and for no other', () => {
    const bare = proveEntry(dir, 5).replace(/^extra .*\n/m, '')
    const leaf = Buffer.from(log.entries[5]?.leaf ?? '')
    expect(verifyProof(bare, { keys, leaf })).toMatchObject({ ok: true, seq: 5 })
    expect(verifyProof(bare, { keys, leaf: Buffer.from(log.entries[6]?.leaf ?? '') }).ok).toBe(false)
    expect(verifyProof(bare, { keys }).ok).toBe(false)
  })

  it('does not vouch for data that was put beside a true leaf', () => {
    const proof = parseProof(proveEntry(dir, 5))
    const carried = JSON.parse(String('extra' in proof ? proof.extra : '')) as object
    const forged = Buffer.from(JSON.stringify({ ...carried, data: '{"note":"nothing happened"}' }))
    const text = proveEntry(dir, 5).replace(/^extra .*$/m, `extra ${forged.toString('base64')}`)
    expect(verifyProof(text, { keys })).toMatchObject({
      ok: false,
      reason: expect.stringContaining('entry 5'),
    })
  })

  it('is not made from a damaged export, nor for an entry that there is not', () => {
    // Of the tile of level 0 the sibling counts: the entry's own hash is not asked for.
    for (const [file, byte] of [
      ['tile/0/000', 34],
      ['tile/0/001.p/44', 2],
      ['tile/entries/000', 2],
    ] as const) {
      expect(withChanged(file, flipAt(byte), () => codeOf(() => proveEntry(dir, 0)))).toBe('audit.bad-export')
    }
    for (const seq of [SIZE, -1, 0.5]) expect(codeOf(() => proveEntry(dir, seq))).toBe('audit.bad-tree')
  })
})

const at = (size: number): string => checkpointOver(log.entries.slice(0, size), log.key)

describe('the proof that a log only grew', () => {
  it('is good with the earlier checkpoint, and with no other', () => {
    for (const size of [1, 2, 44, 255, 256, 257, SIZE]) {
      const text = proveGrowth(dir, size)
      expect(verifyProof(text, { keys, earlier: at(size) })).toMatchObject({ ok: true, from: size })
      expect(verifyProof(text, { keys, earlier: at(size === 2 ? 3 : 2) }).ok).toBe(false)
      const fork = checkpointOver(sampleLog(size, 'forged').entries, log.key)
      expect(verifyProof(text, { keys, earlier: fork }).ok).toBe(false)
      expect(verifyProof(text, { keys }).ok).toBe(false)
    }
  })

  it('is made from an earlier checkpoint only if the log extends it', () => {
    expect(proveGrowth(dir, parseCheckpoint(at(44)))).toBe(proveGrowth(dir, 44))
    const fork = parseCheckpoint(checkpointOver(sampleLog(44, 'forged').entries, log.key))
    expect(codeOf(() => proveGrowth(dir, fork))).toBe('audit.not-extended')
    const other = { ...parseCheckpoint(at(44)), origin: 'other.example' }
    expect(codeOf(() => proveGrowth(dir, other))).toBe('audit.not-extended')
  })

  it('says nothing from size 0: it is neither made nor accepted', () => {
    expect(codeOf(() => proveGrowth(dir, 0))).toBe('audit.bad-tree')
    expect(codeOf(() => proveGrowth(dir, SIZE + 1))).toBe('audit.bad-tree')
    const earlier = signCheckpoint({ origin: ORIGIN, size: 0, root: EMPTY_ROOT }, log.key)
    expect(verifyProof(`old 0\n\n${log.checkpoint}`, { keys, earlier }).ok).toBe(false)
  })

  it('is refused when it is malformed, with a reason and no exception', () => {
    const texts = [
      '',
      '\n\n',
      'old 3',
      `old 03\n\n${log.checkpoint}`,
      `old 3\nzz\n\n${log.checkpoint}`,
      'x'.repeat(600_000),
    ]
    for (const text of texts) expect(verifyProof(text, { keys, earlier: at(3) })).toMatchObject({ ok: false })
  })
})
