import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { FirebreakError } from '../core/errors.ts'
import type { Fact, NewFact } from '../core/fact.ts'
import type { Clock, GrowingTree, Notary } from '../core/ports.ts'
import { readFact, text } from './rows.ts'
import { nextTime } from './time.ts'

export type Appender = {
  /** Appends inside the caller's transaction. */
  readonly append: (facts: readonly NewFact[]) => Fact[]
  /** Forget what was not committed. */
  readonly reload: () => void
  readonly checkpoint: () => string
  /** Of an entry that were written now. */
  readonly time: () => string
}

/** Seals facts, gives them their place, and grows the tree in the head row. */
export function createAppender(db: DatabaseSync, notary: Notary, clock: Clock): Appender {
  const insert = db.prepare('insert into journal values (?, ?, ?, ?, ?, ?, ?)')
  const saveHead = db.prepare(
    'insert into head values (1, ?) on conflict (id) do update set tree = excluded.tree',
  )
  const readHead = db.prepare('select tree from head')
  let loaded: GrowingTree | undefined
  // Read when it is needed: after a failed write the disk may not even let us read, and then this append fails, not the bot.
  const current = (): GrowingTree => (loaded ??= notary.tree(text(readHead.get())['tree']))
  let lastTime = lastTimeIn(db)

  function one(fact: NewFact, tree: GrowingTree): Fact {
    lastTime = nextTime(lastTime, clock.now())
    const place = { seq: tree.size(), time: lastTime }
    const entry = notary.seal({ ...fact, ...place })
    insertOrFence(insert, [
      place.seq,
      fact.run ?? null,
      fact.n ?? null,
      entry.leaf,
      entry.hash,
      entry.salt,
      entry.data,
    ])
    tree.append(entry.hash)
    return { ...fact, ...place }
  }

  return {
    append: (facts) => {
      const tree = current()
      const written = facts.map((fact) => one(fact, tree))
      saveHead.run(tree.state())
      return written
    },
    reload: () => {
      loaded = undefined
    },
    checkpoint: () => notary.sign(current().size(), current().root()),
    time: () => nextTime(lastTime, clock.now()),
  }
}

/** Times go on where they were, also across a restart. A last entry that somebody has spoilt must not keep us from saying so. */
function lastTimeIn(db: DatabaseSync): string {
  const last = db.prepare('select seq, leaf, data from journal order by seq desc limit 1').get()
  try {
    return last === undefined ? '' : readFact(last).time
  } catch {
    return ''
  }
}

type Row = [number, string | null, number | null, string, string, string, string]

function insertOrFence(statement: StatementSync, row: Row): void {
  try {
    statement.run(...row)
  } catch (cause) {
    if (!(cause instanceof Error) || !cause.message.includes('UNIQUE')) throw cause
    throw new FirebreakError('store.fenced', `Run ${row[1]} has an entry ${row[2]} already`, {
      remedy: 'Read the run again and decide anew.',
      cause,
    })
  }
}
