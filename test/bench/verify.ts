import { signCheckpoint } from '../../src/audit/checkpoint.ts'
import type { StoredEntry } from '../../src/audit/entry.ts'
import { generateLogKey } from '../../src/audit/key.ts'
import { createNotary } from '../../src/audit/notary.ts'
import { rootOf } from '../../src/audit/tree.ts'
import { verifyEntries } from '../../src/audit/verify.ts'
import { atLeast, type Figure } from './figure.ts'
import { median, round, spreadOf } from './stats.ts'

const ENTRIES = 100_000
const ROUNDS = 5

/** A log in memory: what the proof itself costs, without reading. */
export function verifyFigures(): Figure[] {
  const key = generateLogKey('bench.local/log')
  const notary = createNotary(key)
  const time = new Date().toISOString()
  const data = {
    attempt: 1,
    target: { kind: 'bench', id: 'arn:bench:one' },
    before: { on: true },
    after: { on: false },
  }
  const entries: StoredEntry[] = []
  for (let seq = 0; seq < ENTRIES; seq++) {
    const around = { seq, time, type: 'step.intended', run: 'abcdefgh', n: seq, step: 'off' }
    entries.push({ seq, ...notary.seal({ ...around, actor: { kind: 'system' }, data: { ...data, n: seq } }) })
  }
  const root = rootOf(entries.map(({ hash }) => hash ?? ''))
  const checkpoint = signCheckpoint({ origin: key.name, size: ENTRIES, root }, key)
  const rates: number[] = []
  for (let i = 0; i < ROUNDS; i++) {
    const began = performance.now()
    const verdict = verifyEntries(entries, checkpoint, { keys: [key] })
    if (!verdict.ok) throw new Error(verdict.reason)
    rates.push((ENTRIES * 1000) / (performance.now() - began))
  }
  return [
    {
      name: 'audit verify, entries in memory',
      unit: 'entries/s',
      value: round(median(rates)),
      spread: spreadOf(rates),
      budget: atLeast(300_000, median(rates), 'entries/s'),
      note: `${ENTRIES} entries`,
    },
  ]
}
