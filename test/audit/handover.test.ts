import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { writeExport } from '../../src/audit/export.ts'
import type { StoredEntry } from '../../src/audit/entry.ts'
import { HANDOVERS } from '../../src/audit/handover.ts'
import { generateLogKey, type LogKey } from '../../src/audit/key.ts'
import { leafHash, sealEntry } from '../../src/audit/leaf.ts'
import { verifyExport } from '../../src/audit/verify-export.ts'
import { pagesOf } from './pages.ts'
import { checkpointOver, ORIGIN, sampleEntry, sampleLog } from './sample-log.ts'

const base = mkdtempSync(join(tmpdir(), 'firebreak-handover-'))
afterAll(() => rmSync(base, { recursive: true }))

/** What an auditor has: the key of the log, and whoever forges has a checkpoint that it signed, and not the key. */
const genuine = sampleLog(20)
const [second, third] = [generateLogKey(ORIGIN), generateLogKey(ORIGIN)]

function rotation(seq: number, next: LogKey, previous: LogKey): StoredEntry {
  const salt = Buffer.alloc(16, seq)
  const data = { key: next.text, previous: previous.text }
  const frame = { seq, time: new Date(0).toISOString(), actor: { kind: 'system' } }
  const sealed = sealEntry({ ...frame, type: 'log.key-rotated', data }, salt)
  return {
    seq,
    leaf: sealed.leaf,
    salt: salt.toString('hex'),
    data: sealed.data,
    hash: leafHash(sealed.leaf),
  }
}

/** A made-up log in which the old key hands over to the forger's second one, and that to a third. */
function forgedLog(size: number): StoredEntry[] {
  const entries = Array.from({ length: size }, (_, seq) => sampleEntry(seq, 'forged'))
  return entries.with(5, rotation(5, second, genuine.key)).with(6, rotation(6, third, second))
}

type Made = { readonly key: LogKey; readonly handovers: { readonly [seq: number]: string } }

async function exported(entries: readonly StoredEntry[], { key, handovers }: Made): Promise<string> {
  const dir = mkdtempSync(join(base, 'log-'))
  await writeExport(dir, { entries: pagesOf(entries), checkpoint: checkpointOver(entries, key), key })
  mkdirSync(join(dir, HANDOVERS))
  for (const [seq, text] of Object.entries(handovers)) writeFileSync(join(dir, HANDOVERS, seq), text)
  return dir
}

describe('a handover that was made up around a real checkpoint', () => {
  it('does not verify a log that is shorter than what the old key has signed', async () => {
    const dir = await exported(forgedLog(10), { key: second, handovers: { 5: genuine.checkpoint } })
    expect(await verifyExport(dir, { keys: [genuine.key] })).toMatchObject({ ok: false, fault: 'truncated' })
  })

  it('does not hide what the old key has signed behind another checkpoint of the same size', async () => {
    const forged = forgedLog(30)
    const handovers = { 5: genuine.checkpoint, 6: checkpointOver(forged.slice(0, 20), second) }
    const dir = await exported(forged, { key: third, handovers })
    expect(await verifyExport(dir, { keys: [genuine.key] })).toMatchObject({ ok: false, fault: 'root' })
  })

  it('does not stand against the checkpoint of the log itself', async () => {
    const forged = forgedLog(20)
    const dir = await exported(forged, { key: second, handovers: { 5: genuine.checkpoint } })
    expect(await verifyExport(dir, { keys: [genuine.key] })).toMatchObject({ ok: false, fault: 'root' })
  })
})
