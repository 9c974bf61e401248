import { createHash } from 'node:crypto'
import { leafHash, sealEntry } from '../../../src/audit/leaf.ts'
import type { Journal } from '../../../src/audit/sinks/cursor.ts'
import type { Json } from '../../../src/core/json.ts'
import type { StoredEntry } from '../../../src/core/ports.ts'

export const ORIGIN = 'example.com/firebreak'

/** A journal in memory, with entries as the store keeps them. */
export function memoryJournal(page = 7) {
  const entries: StoredEntry[] = []
  const memo = new Map<string, string>()
  const reads: number[] = []
  const journal: Journal = {
    entries: async function* (from = 0) {
      for (let at = from; at < entries.length; at += page) {
        reads.push(at)
        yield entries.slice(at, at + page)
      }
    },
    memo: {
      get: async (key) => memo.get(key),
      set: async (key, value) => void memo.set(key, value),
    },
  }
  return {
    journal,
    entries,
    memo,
    /** Where pages were read from. */
    reads,
    add: (count: number, data?: Json, flavour = '') => {
      for (let i = 0; i < count; i++) entries.push(sealed(entries.length, data, flavour))
      return entries.length
    },
    next: (sink: string): number => JSON.parse(memo.get(`sink/${sink}`) ?? '{"next":0}').next,
  }
}

function sealed(
  seq: number,
  data: Json = { note: `entry ${seq} <!channel> é\u202e` },
  flavour = '',
): StoredEntry {
  const salt = createHash('sha256').update(`${flavour}${seq}`).digest().subarray(0, 16)
  const place = seq % 3 === 0 ? {} : { run: 'run-1', n: seq, step: 'dis"able]\n' }
  const time = new Date(Date.UTC(2026, 0, 1) + seq * 1000).toISOString()
  const type = seq % 3 === 0 ? 'alert.decided' : 'step.failed'
  const { leaf, data: text } = sealEntry({ seq, time, type, ...place, actor: { kind: 'system' }, data }, salt)
  return { seq, leaf, hash: leafHash(leaf), salt: salt.toString('hex'), data: text }
}
