import { signCheckpoint } from '../../../src/audit/checkpoint.ts'
import { generateLogKey, type LogKey } from '../../../src/audit/key.ts'
import { rootOf } from '../../../src/audit/tree.ts'
import type { ComparedLog } from '../../../src/audit/anchors/compare.ts'
import { memoryJournal, ORIGIN } from '../sinks/journal.ts'

/** A log of which checkpoints of every size can be had. Another flavour is another history under the same key. */
export function anchoredLog(size: number, { key = generateLogKey(ORIGIN), flavour = '' } = {}) {
  const { entries, journal, add } = memoryJournal()
  add(size, undefined, flavour)
  const rootAt = (at: number) => rootOf(entries.slice(0, at).map(({ hash }) => hash))
  const compared = (keys: readonly LogKey[] = [key]): ComparedLog => ({
    keys,
    head: { origin: key.name, size: entries.length, root: rootAt(entries.length) },
    entries: journal.entries,
  })
  return {
    key,
    compared,
    add: (count: number) => add(count, undefined, flavour),
    at: (at: number) => signCheckpoint({ origin: key.name, size: at, root: rootAt(at) }, key),
  }
}
