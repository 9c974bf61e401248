import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { FirebreakError } from '../core/errors.ts'
import type { Fact, NewFact } from '../core/fact.ts'
import type { Clock, GrowingTree, Notary } from '../core/ports.ts'
import { text } from './rows.ts'

export type Appender = {
  /** Appends inside the caller's transaction. */
  readonly append: (facts: readonly NewFact[]) => Fact[]
  /** Forget what was not committed. */
  readonly reload: () => void
  readonly checkpoint: () => string
}

/** Seals facts, gives them their place, and grows the tree in the head row. */
export function createAppender(db: DatabaseSync, notary: Notary, clock: Clock): Appender {
  const insert = db.prepare('insert into journal values (?, ?, ?, ?, ?, ?, ?)')
  const saveHead = db.prepare(
    'insert into head values (1, ?) on conflict (id) do update set tree = excluded.tree',
  )
  const readHead = db.prepare('select tree from head')
  const load = (): GrowingTree => notary.tree(text(readHead.get())['tree'])
  let tree = load()
  let lastTime = ''

  function one(fact: NewFact): Fact {
    // A clock that steps back must not reorder the log.
    const now = new Date(clock.now()).toISOString()
    if (now > lastTime) lastTime = now
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
      const written = facts.map(one)
      saveHead.run(tree.state())
      return written
    },
    reload: () => {
      tree = load()
    },
    checkpoint: () => notary.sign(tree.size(), tree.root()),
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
