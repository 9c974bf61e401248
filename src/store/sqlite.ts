import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { dueAfter } from '../core/containment.ts'
import { FirebreakError } from '../core/errors.ts'
import type { Fact, NewFact } from '../core/fact.ts'
import type { Clock, Commit, Forgetting, Notary, OutboxNotice, Store, StoredEntry } from '../core/ports.ts'
import { createAppender } from './append.ts'
import { forgetIn } from './forget.ts'
import { groupCommit } from './group-commit.ts'
import { checkGuards } from './guards.ts'
import { holderOf, removeHolder, writeHolder } from './holder.ts'
import { keptFacts } from './kept.ts'
import { openMoved, passageOf, unfinished } from './moved.ts'
import { isPlaced } from './placed.ts'
import { prepared, type Prepared } from './prepared.ts'
import { numbers, readFact, text } from './rows.ts'
import { SCHEMA_VERSION, schema } from './schema.ts'

type Options = { readonly folder: string; readonly notary: Notary; readonly clock: Clock }

/**
 * The journal on node:sqlite: WAL, every commit on disk before it is answered, one owner (EXCLUSIVE locking).
 * Reads see only what is committed.
 */
export function openSqlite({ folder, notary, clock }: Options): Store {
  const { db, close } = holdFolder(folder)
  const { state, place } = text(db.prepare('select state, place from passage').get())
  const passage = passageOf(state, place)
  if (passage.state === 'arriving') {
    close()
    throw unfinished(folder, passage.place)
  }
  const writer = createWriter(db, { notary, clock })
  const store: Store = {
    ...writer.store,
    ...createReader(db),
    close: async () => {
      writer.end()
      close()
    },
  }
  return passage.state === 'moved' ? openMoved(store, passage.place) : store
}

/** The tables of a state folder, held by this process alone until it closes them. */
export function holdFolder(folder: string): { readonly db: DatabaseSync; readonly close: () => void } {
  const db = openDatabase(folder)
  writeHolder(folder)
  const close = () => {
    removeHolder(folder)
    db.close()
  }
  return { db, close }
}

function openDatabase(folder: string): DatabaseSync {
  const db = openFile(folder)
  try {
    db.exec('pragma locking_mode=exclusive; pragma journal_mode=wal; pragma synchronous=full;')
    // What retention deletes is gone from the file, not only from the table.
    db.exec('pragma secure_delete=on')
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
    ? new FirebreakError('store.held', `${holderOf(folder)} holds the state folder ${folder}`, {
        remedy: `Ask the running bot with a client command, such as \`firebreak runs --state ${folder}\`, or stop it first.`,
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
): { store: Pick<Store, 'commit' | 'forget' | 'settle' | 'memo' | 'checkpoint'>; end: () => void } {
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
    forget: (what: Forgetting, fact: NewFact) =>
      transaction(() => {
        forgetIn(sql, what)
        return append([fact])
      }),
    settle: (notice: string, fact: NewFact) =>
      transaction(() => {
        const { changes } = sql('delete from outbox where id = ?').run(notice)
        if (changes > 0) append([fact])
      }),
    memo: {
      get: async (key: string) => text(getMemo.get(key))['value'],
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
    deriveContainment(sql, fact)
  }
  for (const { id, run, step, channel, text: body } of commit.outbox ?? [])
    sql('insert into outbox values (?, ?, ?, ?, ?)').run(id, run, step, channel, body)
  if (commit.close !== undefined) {
    sql('update runs set open = 0 where run = ?').run(commit.close)
    sql('delete from claims where run = ?').run(commit.close)
  }
}

function deriveContainment(sql: Prepared, fact: Fact): void {
  const due = dueAfter(fact)
  if (due === undefined) return
  const { run = '', step = '' } = fact
  if (due === null) sql('delete from containments where run = ? and step = ?').run(run, step)
  else sql('insert or replace into containments values (?, ?, ?)').run(run, step, due)
}

function createReader(
  db: DatabaseSync,
): Pick<Store, 'facts' | 'log' | 'runs' | 'forgotten' | 'frozen' | 'containments' | 'outbox' | 'entries'> {
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
    frozen: async () => {
      const { reason, since } = text(db.prepare('select reason, since from freeze').get())
      return reason === undefined || since === undefined ? undefined : { reason, since }
    },
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
