import { createHash } from 'node:crypto'
import { signCheckpoint } from '../../src/audit/checkpoint.ts'
import type { StoredEntry } from '../../src/audit/entry.ts'
import { generateLogKey } from '../../src/audit/key.ts'
import type { LogKey } from '../../src/audit/key.ts'
import { leafHash, sealEntry } from '../../src/audit/leaf.ts'
import { rootOf } from '../../src/audit/tree.ts'

export const ORIGIN = 'example.com/firebreak'

export type SampleLog = { readonly entries: StoredEntry[]; readonly checkpoint: string; readonly key: LogKey }

/** A log as the store keeps it. `flavour` makes another history of the same shape. */
export function sampleLog(size: number, flavour = ''): SampleLog {
  const key = generateLogKey(ORIGIN)
  const entries = Array.from({ length: size }, (_, seq) => sampleEntry(seq, flavour))
  return { entries, key, checkpoint: checkpointOver(entries, key) }
}

export function checkpointOver(entries: readonly StoredEntry[], key: LogKey): string {
  const root = rootOf(entries.map(({ leaf }) => leafHash(leaf)))
  return signCheckpoint({ origin: key.name, size: entries.length, root }, key)
}

export function sampleEntry(seq: number, flavour = ''): StoredEntry {
  const salt = createHash('sha256').update(`salt ${seq}`).digest().subarray(0, 16)
  const { leaf, data } = sealEntry(
    {
      seq,
      time: new Date(Date.UTC(2026, 0, 1) + seq * 1000).toISOString(),
      type: 'step.intent',
      // Every third entry belongs to no run; the actor is as awkward as an alert's author could make it.
      ...(seq % 3 === 0 ? {} : { run: 'r"un,"body":"', n: seq, step: 'dis\\able' }),
      actor: { body: 'ü,"body":"00","seq":9', seq, id: 'alice' },
      data: { note: `é\u2028"salt":"${flavour}`, salt: ',"salt":"', list: [seq, null, true, -0.5] },
    },
    salt,
  )
  return { seq, leaf, salt: salt.toString('hex'), data, hash: leafHash(leaf) }
}
