import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { FirebreakError } from '../core/errors.ts'
import type { Fact, NewFact } from '../core/fact.ts'
import type { Clock, Commit, Notary, OutboxNotice, StoredEntry, Store } from '../core/ports.ts'
import { createAppender } from './append.ts'
import { groupCommit } from './group-commit.ts'
import { checkGuards } from './guards.ts'
import { isPlaced } from './placed.ts'
import { prepared, type Prepared } from './prepared.ts'
import { numbers, readFact, text } from './rows.ts'
import { SCHEMA_VERSION, schema } from './schema.ts'

type Options = { readonly folder: string; readonly notary: Notary; readonly clock: Clock }

/**
 * The journal on node:sqlite: WAL, every commit on disk before it is answered, one owner (EXCLUSIVE locking).
 * Reads are synchronous and see only what is committed.
 */
export function openSqlite({ folder, notary, clock }: Options): Store {
  const db = openDatabase(folder)
  const writer = createWriter(db, { notary, clock })
  return {
    ...writer.store,
    ...createReader(db),
    close: async () => {
      writer.end()
      db.close()
    },
  }
}

function openDatabase(folder: string): DatabaseSync {
  const db = openFile(folder)
  try {
    db.exec('pragma locking_mode=exclusive; pragma journal_mode=wal; pragma synchronous=full;')
    db.exec(`begin immediate; ${schema} commit;`)
  } catch (cause) {
    db.close()
    throw held(folder, cause)
  }
  const version = numbers(db.prepare('select version from meta').get())['version']
  if (version === undefined) db.prepare('insert into meta values (?)').run(SCHEMA_VERSION)
  else if (version > SCHEMA_VERSION) {
    db.close()
    throw new FirebreakError(
      'store.newer',
      `The journal has schema ${version}; this program knows ${SCHEMA_VERSION}`,
      {
        remedy: 'Run the newer Firebreak again.',
      },
    )
  }
  return db
}

function openFile(folder: string): DatabaseSync {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return new DatabaseSync(join(folder, 'journal.db'), { timeout: 200 })
  } catch (cause) {
    throw held(folder, cause)
  }
}

function held(folder: string, cause: unknown): FirebreakError {
  const locked = cause instanceof Error && cause.message.includes('locked')
  return locked
    ? new FirebreakError('store.held', `Another process holds the state folder ${folder}`, {
        remedy:
          'Use a client command (`firebreak runs`, `firebreak approve`) against the running bot, or stop it.',
        cause,
      })
    : new FirebreakError('store.unavailable', `The journal in ${folder} could not be opened`, {
        remedy: existsSync(folder)
          ? 'Check that the folder is writable and that the disk is not full.'
          : 'Create it.',
        cause,
      })
}

function createWriter(
  db: DatabaseSync,
  { notary, clock }: Omit<Options, 'folder'>,
): { store: Pick<Store, 'commit' | 'settle' | 'memo' | 'checkpoint'>; end: () => void } {
  const sql = prepared(db)
  const { append, reload, checkpoint } = createAppender(db, notary, clock)
  const { transaction, end } = groupCommit(db, reload)
  const getMemo = db.prepare('select value from memo where key = ?')
  const setMemo = db.prepare(
    'insert into memo values (?, ?) on conflict (key) do update set value = excluded.value',
  )
  const store = {
    commit: (commit: Commit) =>
      transaction(() => {
        checkGuards(sql, commit.guards ?? {}, clock.now())
        const facts = append(commit.facts)
        derive(sql, commit, facts)
        return facts
      }),
    settle: (notice: string, fact: NewFact) =>
      transaction(() => {
        const { changes } = sql('delete from outbox where id = ?').run(notice)
        if (changes > 0) append([fact])
      }),
    memo: {
      get: (key: string) => text(getMemo.get(key))['value'],
      set: (key: string, value: string) => transaction(() => void setMemo.run(key, value)),
    },
    checkpoint: () => transaction(checkpoint),
  }
  return { store, end }
}

/** The rows that follow from facts, in the transaction of the facts. */
function derive(sql: Prepared, commit: Commit, facts: readonly Fact[]): void {
  for (const fact of facts) {
    if (fact.type === 'run.requested') sql('insert into runs values (?, 1, ?)').run(fact.run ?? '', fact.time)
    if (fact.type === 'freeze.set')
      sql('insert or ignore into freeze values (1, ?, ?)').run(fact.data.reason, fact.time)
    if (fact.type === 'freeze.lifted') sql('delete from freeze').run()
  }
  for (const { id, run, step, channel, text: body } of commit.outbox ?? [])
    sql('insert into outbox values (?, ?, ?, ?, ?)').run(id, run, step, channel, body)
  if (commit.close !== undefined) {
    sql('update runs set open = 0 where run = ?').run(commit.close)
    sql('delete from claims where run = ?').run(commit.close)
  }
}

function createReader(
  db: DatabaseSync,
): Pick<Store, 'facts' | 'log' | 'runs' | 'frozen' | 'outbox' | 'entries'> {
  const ofRun = db.prepare('select seq, leaf, data from journal where run = ? and n >= ? order by n')
  const range = db.prepare('select seq, leaf, data from journal where seq >= ? order by seq limit ?')
  return {
    facts: (run, fromN = 0) => ofRun.all(run, fromN).map(readFact),
    log: ({ from, limit }) => range.all(from, limit).map(readFact),
    runs: ({ open, limit }) =>
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
    frozen: () => {
      const { reason, since } = text(db.prepare('select reason, since from freeze').get())
      return reason === undefined || since === undefined ? undefined : { reason, since }
    },
    outbox: (limit) => db.prepare('select * from outbox order by rowid limit ?').all(limit).map(readNotice),
    entries: () => entriesOf(db),
  }
}

function readNotice(row: object): OutboxNotice {
  const { id = '', run = '', step = '', channel = '', text: body = '' } = text(row)
  return { id, run, step, channel, text: body }
}

/** Rows that are read at once: a page costs less than as many steps of a cursor, and holds no read open meanwhile. */
const PAGE = 1000

function* entriesOf(db: DatabaseSync): Iterable<StoredEntry> {
  const page = db.prepare(
    'select seq, run, n, leaf, hash, salt, data from journal where seq > ? order by seq limit ?',
  )
  // Verifying reads every entry: arrays are three times as fast as objects with names.
  page.setReturnArrays(true)
  for (let last = -1; ;) {
    const rows = page.all(last, PAGE).map(entryRow)
    for (const { seq, run, n, leaf, hash, salt, data } of rows) {
      // An entry that was moved is shown without its hash, so that whoever verifies the log names it.
      yield { seq, leaf, hash: isPlaced(leaf, { seq, run, n }) ? hash : '', salt, data }
    }
    const end = rows.at(-1)
    if (end === undefined) return
    last = end.seq
  }
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
    salt: textIn(cells[5]),
    data: textIn(cells[6]),
  }
}

function textIn(cell: unknown): string {
  return typeof cell === 'string' ? cell : ''
}
