import type { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import type { Fact } from '../core/fact.ts'
import type { Store } from '../core/ports.ts'
import { numbers, readFact } from './rows.ts'

/** Rows that are looked at in one turn: some milliseconds. Of what retention has forgotten there may be millions in a row. */
const WINDOW = 10_000

/** Facts of the whole log, past what is forgotten, without keeping anything else waiting for long. */
export function keptFacts(db: DatabaseSync): Store['log'] {
  const end = db.prepare('select max(seq) as last from journal')
  const window = db.prepare(
    "select seq, leaf, data from journal where seq >= ? and seq < ? and data <> '' order by seq limit ?",
  )
  return async ({ from, limit }) => {
    const { last = -1 } = numbers(end.get())
    const found: Fact[] = []
    for (let next = from; next <= last && found.length < limit; next += WINDOW) {
      // oxlint-disable-next-line no-await-in-loop -- everything else has its turn in between
      if (next > from) await setImmediate()
      found.push(...window.all(next, next + WINDOW, limit - found.length).map(readFact))
    }
    return found
  }
}
