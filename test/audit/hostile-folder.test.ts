import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyBundle } from '../../src/audit/bundle/verify.ts'
import { writeBundle } from '../../src/audit/bundle/write.ts'
import { writeExport } from '../../src/audit/export.ts'
import { proveEntry } from '../../src/audit/export-proof.ts'
import { generateLogKey } from '../../src/audit/key.ts'
import { leafHash, sealEntry } from '../../src/audit/leaf.ts'
import { verifyExport } from '../../src/audit/verify-export.ts'
import { codeOf } from './code-of.ts'
import { checkpointOver, ORIGIN } from './sample-log.ts'

// What is verified was made by others: whatever lies in a file's place is a verdict, at once, never a crash or a wait.

const base = mkdtempSync(join(tmpdir(), 'firebreak-hostile-'))
afterAll(() => rmSync(base, { recursive: true }))

const run = 'abcdefgh'
const key = generateLogKey(ORIGIN)
const entries = ['run.requested', 'run.planned', 'run.succeeded'].map((type, seq) => {
  const salt = Buffer.alloc(16, seq)
  const frame = { seq, time: new Date(seq).toISOString(), type, run, n: seq }
  const { leaf, data } = sealEntry({ ...frame, actor: { kind: 'system' }, data: {} }, salt)
  return { seq, leaf, data, salt: salt.toString('hex'), hash: leafHash(leaf) }
})
const source = { entries: [entries], checkpoint: checkpointOver(entries, key), key }

// A constant, for it is no tool of the project.
const MKFIFO = 'mkfifo'
const [log, bundle] = [join(base, 'log'), join(base, 'bundle')]
beforeAll(async () => {
  await writeExport(log, source)
  await writeBundle(bundle, { ...source, run, seqs: [0, 1, 2] })
})

let copies = 0
function spoilt(of: string, file: string, put: (path: string) => unknown): string {
  const dir = join(base, String(copies++))
  cpSync(of, dir, { recursive: true })
  rmSync(join(dir, file), { recursive: true, force: true })
  mkdirSync(join(dir, file, '..'), { recursive: true })
  put(join(dir, file))
  return dir
}

const puts: [string, (path: string) => unknown][] = [
  ['a folder', (path) => mkdirSync(path)],
  ['a pipe that nobody writes into', (path) => execFileSync(MKFIFO, [path])],
  ['a device that never ends', (path) => symlinkSync('/dev/zero', path)],
  ['a link to nothing', (path) => symlinkSync('/nowhere', path)],
  [
    'a file of four gigabytes',
    (path) => {
      writeFileSync(path, '')
      truncateSync(path, 4 * 2 ** 30)
    },
  ],
]

describe.each(puts)('%s in the place of', (_, put) => {
  it.each(['checkpoint', 'bodies.jsonl', 'tile/0/000.p/3', 'tile/entries/000.p/3', 'handovers/1'])(
    '%s in an export',
    async (file) => {
      const dir = spoilt(log, file, put)
      // A key that did not sign, so that handovers are read too.
      const keys = file.startsWith('handovers') ? [generateLogKey(ORIGIN)] : [key]
      expect(await verifyExport(dir, { keys })).toMatchObject({ ok: false, fault: 'file' })
      // Without bodies, or with handovers that nobody asks about, there is still a proof.
      expect(codeOf(() => proveEntry(dir, 1))).toMatch(/^(?:audit\.bad-export|none)$/)
    },
  )

  it.each(['checkpoint', 'bundle.json', 'SHA256SUMS', 'report.md', 'entries/000000001.tlog-proof'])(
    '%s in the evidence of a run',
    (file) => {
      expect(verifyBundle(spoilt(bundle, file, put), [key])).toMatchObject({ ok: false })
    },
  )
})

it('is no fault of these tests: without it all is sound', async () => {
  expect(await verifyExport(log, { keys: [key] })).toMatchObject({ ok: true })
  expect(verifyBundle(bundle, [key])).toMatchObject({ ok: true })
})
