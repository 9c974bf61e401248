import type { DatabaseSync } from 'node:sqlite'
import type { OutboxNotice, Store, StoredEntry } from '../../core/ports.ts'
import { keptFacts } from '../kept.ts'
import { isPlaced } from '../placed.ts'
import { numbers, readFact, text } from '../rows.ts'

type Reader = Pick<Store, 'facts' | 'log' | 'runs' | 'forgotten' | 'containments' | 'outbox' | 'entries'>

export function createReader(db: DatabaseSync): Reader {
  const ofRun = db.prepare(
    "select seq, leaf, data from journal where run = ? and n >= ? and data <> '' order by n",
  )
  return {
    facts: async (run, fromN = 0) => ofRun.all(run, fromN).map(readFact),
    log: keptFacts(db),
    runs: async ({ open, limit }) =>
      db
        .prepare(
          `select * from runs ${open === undefined ? '' : 'where open = ?'} order by rowid desc limit ?`,
        )
        .all(...(open === undefined ? [] : [Number(open)]), limit)
        .map((row) => ({
          run: text(row)['run'] ?? '',
          open: numbers(row)['open'] === 1,
          requestedAt: text(row)['requested_at'] ?? '',
        })),
    forgotten: async (run) =>
      db.prepare("select 1 as gone from journal where run = ? and data = '' limit 1").get(run) !== undefined,
    containments: async () =>
      db
        .prepare('select run, step, due from containments order by due, run, step')
        .all()
        .map((row) => {
          const { run = '', step = '', due = '' } = text(row)
          return { run, step, due }
        }),
    outbox: async (limit) =>
      db.prepare('select * from outbox order by rowid limit ?').all(limit).map(readNotice),
    entries: (from = 0) => entriesOf(db, from),
  }
}

function readNotice(row: object): OutboxNotice {
  const { id = '', run = '', step = '', channel = '', text: body = '' } = text(row)
  return { id, run, step, channel, text: body }
}

/** Rows that are read at once: a page costs less than as many steps of a cursor, and holds no read open meanwhile. */
const PAGE = 1000

async function* entriesOf(db: DatabaseSync, from: number): AsyncIterable<readonly StoredEntry[]> {
  const page = db.prepare(
    'select seq, run, n, leaf, hash, salt, data from journal where seq >= ? order by seq limit ?',
  )
  // Verifying reads every entry: arrays are three times as fast as objects with names.
  page.setReturnArrays(true)
  for (let next = from; ;) {
    const rows = page.all(next, PAGE).map(entryRow)
    const end = rows.at(-1)
    if (end === undefined) return
    yield rows.map(placed)
    next = end.seq + 1
  }
}

/** An entry that was moved is shown without its hash, so that whoever verifies the log names it. */
function placed({ run, n, ...entry }: ReturnType<typeof entryRow>): StoredEntry {
  return isPlaced(entry.leaf, { seq: entry.seq, run, n }) ? entry : { ...entry, hash: '' }
}

/** SQLite takes any type in any column: what somebody spoilt must come out as a wrong entry, not as an exception. */
function entryRow(row: unknown) {
  // By index, without a copy: verifying a log spends as much time here as on hashing.
  const cells: readonly unknown[] = Array.isArray(row) ? row : []
  return {
    seq: typeof cells[0] === 'number' ? cells[0] : -1,
    run: typeof cells[1] === 'string' ? cells[1] : undefined,
    n: typeof cells[2] === 'number' ? cells[2] : undefined,
    leaf: textIn(cells[3]),
    hash: textIn(cells[4]),
    salt: bodyIn(cells[5]),
    data: bodyIn(cells[6]),
  }
}

function textIn(cell: unknown): string {
  return typeof cell === 'string' ? cell : ''
}

/** Retention leaves an empty text. */
function bodyIn(cell: unknown): string | null {
  return cell === '' ? null : textIn(cell)
}
