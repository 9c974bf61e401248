import { resolve } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { passageOf } from '../moved.ts'
import { z } from 'zod'
import { numbers, readFact, text } from '../rows.ts'
import { holdFolder } from '../sqlite.ts'
import { type Destination, type Head, type Row, type Source, type Table, tableNames } from './port.ts'

const PAGE = 500

/** `protocol`: SQLite has one program at a time, so that its runs are all of the protocol of that program. */
const selects = (protocol: number): { readonly [T in Table]: string } => ({
  journal: 'select seq, run, n, leaf, hash, salt, data from journal order by seq',
  runs: `select r.run,
      (select seq from journal j where j.run = r.run and j.n = 0),
      r.open, r.requested_at,
      (select max(n) + 1 from journal j where j.run = r.run), ${protocol}
    from runs r order by r.rowid`,
  claims: 'select target, run from claims order by target',
  containments: 'select run, step, due from containments order by run, step',
  counts: 'select key, run, step, at, open, failed_at from counts order by key, run, step',
  waits: 'select run, step, key, seq, until from waits order by run, step',
  freeze: 'select reason, since from freeze',
  thaws: 'select person, at from thaws order by person',
  reviews: 'select run from reviews order by run',
  once: 'select scope, key, expires from once order by scope, key',
  outbox: 'select id, run, step, channel, text from outbox order by rowid',
  memo: 'select key, value from memo order by key',
})

const inserts: { readonly [T in Table]: string } = {
  journal: 'insert into journal values (?, ?, ?, ?, ?, ?, ?)',
  // The numbers of the cells: a run's first entry, its length and its protocol are not kept apart here.
  runs: 'insert into runs (run, open, requested_at) values (?1, ?3, ?4)',
  claims: 'insert into claims values (?, ?)',
  containments: 'insert into containments values (?, ?, ?)',
  counts: 'insert into counts values (?, ?, ?, ?, ?, ?)',
  waits: 'insert into waits values (?, ?, ?, ?, ?)',
  freeze: 'insert into freeze (id, reason, since) values (1, ?, ?)',
  thaws: 'insert into thaws values (?, ?)',
  reviews: 'insert into reviews values (?)',
  once: 'insert into once values (?, ?, ?)',
  outbox: 'insert into outbox values (?, ?, ?, ?, ?)',
  memo: 'insert into memo values (?, ?)',
}

/** A state folder as one end of a copy. It is held until closed, so that no bot can use it meanwhile. */
export function openSqliteEnd(folder: string, protocol: number): Source & Destination {
  const { db, close } = holdFolder(folder)
  const at = { db, protocol }
  return {
    place: resolve(folder),
    ...reads(at),
    arrive: async (from) =>
      inTransaction(db, () => {
        for (const table of [...tableNames, 'head']) db.exec(`delete from ${table}`)
        setPassage(db, 'arriving', from)
      }),
    add: async (table, rows) =>
      inTransaction(db, () => {
        const insert = db.prepare(inserts[table])
        for (const row of rows) insert.run(...(table === 'runs' ? row.slice(0, 4) : row))
      }),
    setHead: async (head) => saveHead(db, head),
    open: async () => db.exec('delete from passage'),
    leave: async ({ entry, head, to }) =>
      inTransaction(db, () => {
        db.prepare(inserts.journal).run(...entry)
        saveHead(db, head)
        setPassage(db, 'moved', to)
      }),
    close: async () => close(),
  }
}

type At = { readonly db: DatabaseSync; readonly protocol: number }

function reads({ db, protocol }: At): Pick<Source, 'passage' | 'head' | 'rows' | 'facts'> {
  return {
    passage: async () => {
      const { state, place } = text(db.prepare('select state, place from passage').get())
      return passageOf(state, place)
    },
    head: async () => headOf(db),
    rows: (table) => pages(db, selects(protocol)[table]),
    facts: async (run) =>
      db.prepare('select leaf, data from journal where run = ? order by n').all(run).map(readFact),
  }
}

const Timed = z.looseObject({ time: z.string() })

function headOf(db: DatabaseSync): Head {
  const { size = 0 } = numbers(db.prepare('select count(*) as size from journal').get())
  const { leaf } = text(db.prepare('select leaf from journal order by seq desc limit 1').get())
  const { tree } = text(db.prepare('select tree from head').get())
  return { size, tree, time: leaf === undefined ? '' : Timed.parse(JSON.parse(leaf)).time }
}

async function* pages(db: DatabaseSync, sql: string): AsyncIterable<readonly Row[]> {
  const statement = db.prepare(sql)
  statement.setReturnArrays(true)
  let page: Row[] = []
  for (const row of statement.iterate()) {
    page.push(cellsOf(row))
    if (page.length < PAGE) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}

function cellsOf(row: unknown): Row {
  const cells: readonly unknown[] = Array.isArray(row) ? row : []
  return cells.map((cell) => (typeof cell === 'string' || typeof cell === 'number' ? cell : null))
}

function saveHead(db: DatabaseSync, { tree = '' }: Head): void {
  db.prepare('insert into head values (1, ?) on conflict (id) do update set tree = excluded.tree').run(tree)
}

function setPassage(db: DatabaseSync, state: 'arriving' | 'moved', place: string): void {
  db.prepare(
    `insert into passage values (1, ?, ?)
     on conflict (id) do update set state = excluded.state, place = excluded.place`,
  ).run(state, place)
}

function inTransaction(db: DatabaseSync, work: () => void): void {
  db.exec('begin immediate')
  try {
    work()
    db.exec('commit')
  } catch (error) {
    if (db.isTransaction) db.exec('rollback')
    throw error
  }
}
