import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseCheckpoint } from '../../src/audit/checkpoint.ts'
import { writeExport } from '../../src/audit/export.ts'
import { proveEntry, proveGrowth } from '../../src/audit/export-proof.ts'
import { generateLogKey, parseVerifierKey, type VerifierKey } from '../../src/audit/key.ts'
import { verifyExport } from '../../src/audit/verify-export.ts'
import { verifyProof } from '../../src/audit/verify-proof.ts'
import { pagesOf } from './pages.ts'
import { checkpointOver, sampleLog } from './sample-log.ts'

// Go's own packages for transparency logs (golang.org/x/mod/sumdb) judge our logs, and we judge theirs. They are built
// from test/audit/foreign, with the versions and hashes of its go.sum.

const source = join(import.meta.dirname, 'foreign')
const hasGo = spawnSync('go', ['version']).status === 0
const skip = !hasGo && !process.env['CI']
if (skip) console.log('skipped: there is no Go here to build the foreign verifier with (install golang-go)')

/** More than two levels of tiles would take 65,536 entries: the foreign log has them. */
const SIZE = 600
const OLD = 257
const FOREIGN_SIZE = 66_000
const FOREIGN_OLD = 65_537

const base = mkdtempSync(join(tmpdir(), 'firebreak-foreign-'))
const binary = join(base, 'foreign')
afterAll(() => rmSync(base, { recursive: true }))
let copies = 0

type Said = { readonly ok: boolean; readonly out: string; readonly err: string }

function foreign(...args: readonly string[]): Said {
  const { status, stdout, stderr } = spawnSync(binary, args, { encoding: 'utf8' })
  return { ok: status === 0, out: stdout.trim(), err: stderr }
}

/** A copy of a folder in which somebody has worked. */
function tampered(dir: string, file: string, change: (bytes: Buffer) => Buffer): string {
  const copy = join(base, `copy-${copies++}`)
  cpSync(dir, copy, { recursive: true })
  writeFileSync(join(copy, file), change(readFileSync(join(copy, file))))
  return copy
}

const flip = (bytes: Buffer): Buffer => {
  const at = Math.floor(bytes.length / 2)
  return bytes.fill((bytes[at] ?? 0) ^ 1, at, at + 1)
}

function text(name: string, content: string | Uint8Array): string {
  const file = join(base, name)
  writeFileSync(file, content)
  return file
}

describe.skipIf(skip)('a verifier that is not ours', () => {
  const log = sampleLog(SIZE)
  const ours = join(base, 'ours')
  const other = join(base, 'other')
  let theirKey: VerifierKey

  beforeAll(async () => {
    const flags = ['build', '-buildvcs=false', '-o', binary, '.']
    const env = { ...process.env, GOTOOLCHAIN: 'local', CGO_ENABLED: '0' }
    const built = spawnSync('go', flags, { cwd: source, env, encoding: 'utf8' })
    if (built.status !== 0) throw new Error(`the foreign verifier does not build:\n${built.stderr}`)
    await writeExport(ours, { ...log, entries: pagesOf(log.entries, 100) })
    const made = foreign('make', other, 'example.org/other', String(FOREIGN_SIZE), String(FOREIGN_OLD))
    expect(made.err).toBe('')
    theirKey = parseVerifierKey(made.out)
  }, 120_000)

  it('accepts our export, and finds the same root', () => {
    const { root } = parseCheckpoint(log.checkpoint)
    const said = foreign('verify', ours, log.key.text)
    expect(said).toMatchObject({ ok: true, out: `${SIZE} ${Buffer.from(root, 'hex').toString('base64')}` })
  })

  it.each(['checkpoint', 'tile/0/001', 'tile/1/000.p/2', 'tile/entries/000', 'tile/entries/002.p/88'])(
    'refuses our export with one bit of %s changed, as we do',
    async (file) => {
      const dir = tampered(ours, file, flip)
      expect(foreign('verify', dir, log.key.text).ok).toBe(false)
      expect(await verifyExport(dir, { keys: [log.key] })).toMatchObject({ ok: false })
    },
  )

  it('refuses our export under another key of the same name', () => {
    expect(foreign('verify', ours, generateLogKey(log.key.name).text).ok).toBe(false)
  })

  it('accepts our inclusion proofs, each for its own entry only', () => {
    for (const seq of [0, 255, 256, 512, 599]) {
      const proof = text('our.tlog-proof', proveEntry(ours, seq))
      const leaf = text('our-leaf', log.entries[seq]?.leaf ?? '')
      expect(foreign('include', proof, leaf, log.key.text)).toMatchObject({ ok: true })
      const another = text('our-leaf', log.entries[(seq + 1) % SIZE]?.leaf ?? '')
      expect(foreign('include', proof, another, log.key.text).ok).toBe(false)
    }
  })

  it('accepts our consistency proofs, and none from a log that was another', () => {
    const forked = sampleLog(OLD, 'another').entries
    for (const size of [1, 255, 256, OLD, 512, 599, SIZE]) {
      const proof = text('our-growth', proveGrowth(ours, size))
      const old = text('our-old', checkpointOver(log.entries.slice(0, size), log.key))
      expect(foreign('extend', proof, old, log.key.text), String(size)).toMatchObject({ ok: true })
    }
    const proof = text('our-growth', proveGrowth(ours, OLD))
    const fork = checkpointOver(forked, log.key)
    expect(foreign('extend', proof, text('our-old', fork), log.key.text).ok).toBe(false)
    expect(verifyProof(readFileSync(proof, 'utf8'), { keys: [log.key], earlier: fork }).ok).toBe(false)
  })

  it('has a log of its own that we accept, with three levels of tiles', async () => {
    const verdict = await verifyExport(other, { keys: [theirKey], leaves: 'any' })
    expect(verdict).toMatchObject({ ok: true, origin: 'example.org/other', size: FOREIGN_SIZE })
    // Only when we are told that it is not ours: its entries are not those of Firebreak.
    expect(await verifyExport(other, { keys: [theirKey] })).toMatchObject({ ok: false })
  })

  it.each(['checkpoint', 'tile/0/200', 'tile/1/000', 'tile/2/000.p/1', 'tile/entries/100'])(
    'refuses its own log with one bit of %s changed, as we do',
    async (file) => {
      const dir = tampered(other, file, flip)
      expect(foreign('verify', dir, theirKey.text).ok).toBe(false)
      expect(await verifyExport(dir, { keys: [theirKey], leaves: 'any' })).toMatchObject({ ok: false })
    },
  )

  it('makes proofs that we accept, for their entry and their old checkpoint only', () => {
    const [proof, growth, earlier, head] = ['entry.tlog-proof', 'growth', 'checkpoint.old', 'checkpoint'].map(
      (file) => readFileSync(join(other, file), 'utf8'),
    ) as [string, string, string, string]
    const keys = [theirKey]
    const leaf = readFileSync(join(other, 'entry'))
    expect(verifyProof(proof, { keys, leaf })).toMatchObject({ ok: true, seq: FOREIGN_SIZE / 2 })
    expect(verifyProof(proof, { keys, leaf: flip(Buffer.from(leaf)) })).toMatchObject({ ok: false })
    expect(verifyProof(proof, { keys })).toMatchObject({ ok: false })
    expect(verifyProof(growth, { keys, earlier })).toMatchObject({ ok: true, from: FOREIGN_OLD })
    expect(verifyProof(growth, { keys, earlier: head })).toMatchObject({ ok: false })
  })

  it('has a log from which we make the very proofs that it makes', () => {
    expect(proveEntry(other, FOREIGN_SIZE / 2)).toBe(readFileSync(join(other, 'entry.tlog-proof'), 'utf8'))
    expect(proveGrowth(other, FOREIGN_OLD)).toBe(readFileSync(join(other, 'growth'), 'utf8'))
  })
})
