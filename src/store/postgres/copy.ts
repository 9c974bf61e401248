import type { Client } from 'pg'
import { z } from 'zod'
import { FirebreakError } from '../../core/errors.ts'
import type { Destination, Head, Readable, Row, Source, Table } from '../copy/port.ts'
import { tableNames } from '../copy/port.ts'
import { passageOf, type Passage } from '../moved.ts'
import { readFact } from '../rows.ts'
import { coded, connect, hangUp, lockKey } from './connect.ts'
import { fence, unfence } from './fence.ts'
import { install } from './schema.ts'

const PAGE = 500
/** A page of the other store is read or written between two statements of ours. */
const IDLE = 60_000

const selects: { readonly [T in Table]: string } = {
  journal: 'select seq, run, n, leaf, hash, salt, data from firebreak.journal order by seq',
  runs: 'select run, seq, open::int, requested_at, n, protocol from firebreak.runs order by seq',
  claims: 'select target, run from firebreak.claims order by target collate "C"',
  containments:
    'select run, step, due from firebreak.containments order by run collate "C", step collate "C"',
  counts: `select key, run, step, at, open::int, failed_at from firebreak.counts
    order by key collate "C", run collate "C", step collate "C"`,
  waits: 'select run, step, key, seq, until from firebreak.waits order by run collate "C", step collate "C"',
  freeze: 'select reason, since from firebreak.freeze',
  thaws: 'select person, at from firebreak.thaws order by person collate "C"',
  reviews: 'select run from firebreak.reviews order by run collate "C"',
  once: 'select scope, key, expires from firebreak.once order by scope collate "C", key collate "C"',
  outbox: 'select id, run, step, channel, text from firebreak.outbox order by place',
  memo: 'select key, value from firebreak.memo order by key collate "C"',
}

const inserts: { readonly [T in Table]: string } = {
  journal: `insert into firebreak.journal (seq, run, n, leaf, hash, salt, data) select * from
    unnest($1::bigint[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::text[])`,
  // Open runs are in nobody's hands, and whoever starts first looks at each.
  runs: `insert into firebreak.runs (run, seq, open, requested_at, n, protocol)
    select run, seq, open <> 0, requested_at, n, protocol from
    unnest($1::text[], $2::bigint[], $3::integer[], $4::text[], $5::integer[], $6::integer[])
      as r (run, seq, open, requested_at, n, protocol)`,
  claims: 'insert into firebreak.claims (target, run) select * from unnest($1::text[], $2::text[])',
  containments:
    'insert into firebreak.containments (run, step, due) select * from unnest($1::text[], $2::text[], $3::text[])',
  counts: `insert into firebreak.counts (key, run, step, at, open, failed_at)
    select key, run, step, at, open <> 0, failed_at from
    unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::text[])
      as c (key, run, step, at, open, failed_at)`,
  waits: `insert into firebreak.waits (run, step, key, seq, until)
    select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[])`,
  freeze: 'insert into firebreak.freeze (id, reason, since) select 1, * from unnest($1::text[], $2::text[])',
  thaws: 'insert into firebreak.thaws (person, at) select * from unnest($1::text[], $2::text[])',
  reviews: 'insert into firebreak.reviews (run) select * from unnest($1::text[])',
  once: 'insert into firebreak.once (scope, key, expires) select * from unnest($1::text[], $2::text[], $3::bigint[])',
  outbox: `insert into firebreak.outbox (id, run, step, channel, text)
    select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])`,
  memo: 'insert into firebreak.memo (key, value) select * from unnest($1::text[], $2::text[])',
}

/** The tables that are emptied before a copy arrives. */
const OWN = [...tableNames, 'replicas'].map((table) => `firebreak.${table}`).join(', ')

type At = { readonly url: string; readonly place: string }

/** A journal on PostgreSQL as the source of a copy: its head is held, so that nobody commits until it is closed. */
export async function openPostgresSource(at: At): Promise<Source> {
  const client = await open(at)
  return guarded(client, async () => {
    await client.query('begin isolation level read committed')
    await client.query('select id from firebreak.head for update')
    await refuseLiving(client, at)
    return {
      ...reads(client, at),
      rows: (table) => pages(client, selects[table]),
      leave: ({ entry, head, to }) =>
        tried(async () => {
          await client.query(inserts.journal, columnsOf([entry]))
          await saveHead(client, head)
          await setPassage(client, 'moved', to)
          await fence(client)
          await client.query('commit')
        }),
    }
  })
}

/** As the destination: other copiers and bots are kept out by a lock and by the mark. */
export async function openPostgresDestination(at: At): Promise<Destination> {
  const client = await open(at)
  return guarded(client, async () => {
    await refuseLiving(client, at)
    return {
      ...reads(client, at),
      rows: (table) => pagesInTransaction(client, selects[table]),
      arrive: (from) =>
        inTransaction(client, async () => {
          await client.query('select id from firebreak.head for update')
          await refuseLiving(client, at)
          await setPassage(client, 'arriving', from)
          await fence(client)
          await client.query(`truncate ${OWN} restart identity`)
          await saveHead(client, { size: 0, tree: undefined, time: '' })
        }),
      add: (table, rows) => tried(() => client.query(inserts[table], columnsOf(rows)).then(() => undefined)),
      setHead: (head) => tried(() => saveHead(client, head)),
      open: () =>
        inTransaction(client, async () => {
          await client.query('delete from firebreak.passage')
          await unfence(client)
        }),
    }
  })
}

/** The schema is made where there is none: a source without a log is found to be empty then. */
async function open({ url }: At): Promise<Client> {
  const client = await connect(
    { url, executor: 'copy' },
    {
      idle_in_transaction_session_timeout: IDLE,
      statement_timeout: IDLE,
      query_timeout: 2 * IDLE,
      options: '-c firebreak.copying=on',
    },
  )
  return guarded(client, async () => {
    await install(client)
    return client
  })
}

async function guarded<T>(client: Client, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    await hangUp(client)
    throw coded(error)
  }
}

async function tried<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw coded(error)
  }
}

/** Bots that share the journal, and other copiers. */
async function refuseLiving(client: Client, { place }: At): Promise<void> {
  const { rows } = await client.query(
    `select executor from firebreak.replicas r where exists (
       select from pg_locks l where l.pid = r.backend_pid and l.granted and l.locktype = 'advisory')`,
  )
  const living = z.array(z.object({ executor: z.string() })).parse(rows)
  const lock = await client.query('select pg_try_advisory_lock($1) as had', [lockKey('copy')])
  const { had } = z.object({ had: z.boolean() }).parse(lock.rows[0])
  if (living.length === 0 && had) return
  const who = living.length === 0 ? 'another copy' : living.map(({ executor }) => executor).join(', ')
  throw new FirebreakError('store.held', `${place} is in use by ${who}`, {
    remedy: 'Stop every bot that shares this journal, then copy it.',
  })
}

const HeadRow = z.object({ size: z.int(), tree: z.string().nullable(), time: z.string() })

function reads(client: Client, { place }: At): Omit<Readable, 'rows'> {
  return {
    place,
    passage: () => tried(() => passageIn(client)),
    head: () =>
      tried(async () => {
        const { rows } = await client.query('select size, tree, time from firebreak.head')
        const { tree, ...head } = HeadRow.parse(rows[0])
        return { ...head, tree: tree ?? undefined }
      }),
    facts: (run) =>
      tried(async () => {
        const text = 'select leaf, data from firebreak.journal where run = $1 order by n'
        const { rows } = await client.query<object>(text, [run])
        return rows.map(readFact)
      }),
    close: () => hangUp(client),
  }
}

/** Whether the log in this database is on its way. */
export async function passageIn(client: Client): Promise<Passage> {
  const { rows } = await client.query<{ state: unknown; place: unknown }>(
    'select state, place from firebreak.passage',
  )
  return passageOf(rows[0]?.state, rows[0]?.place)
}

async function* pages(client: Client, select: string): AsyncIterable<readonly Row[]> {
  await tried(() => client.query(`declare copying no scroll cursor for ${select}`))
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- page by page
    const page = await tried(() =>
      client.query<unknown[]>({ text: `fetch ${PAGE} from copying`, rowMode: 'array' }),
    )
    if (page.rows.length === 0) break
    yield page.rows.map(cellsOf)
  }
  await tried(() => client.query('close copying'))
}

async function* pagesInTransaction(client: Client, select: string): AsyncIterable<readonly Row[]> {
  await tried(() => client.query('begin isolation level repeatable read read only'))
  try {
    yield* pages(client, select)
  } finally {
    await tried(() => client.query('rollback'))
  }
}

function cellsOf(cells: readonly unknown[]): Row {
  return cells.map((cell) => (typeof cell === 'string' || typeof cell === 'number' ? cell : null))
}

/** One array for each column. */
function columnsOf(rows: readonly Row[]): unknown[][] {
  return (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] ?? null))
}

async function saveHead(client: Client, { size, tree = null, time }: HeadToSave): Promise<void> {
  await client.query('update firebreak.head set tree = $1, size = $2, time = $3', [tree, size, time])
}

type HeadToSave = Omit<Head, 'tree'> & { readonly tree?: string | null | undefined }

async function setPassage(client: Client, state: 'arriving' | 'moved', place: string): Promise<void> {
  await client.query(
    `insert into firebreak.passage values (1, $1, $2)
     on conflict (id) do update set state = excluded.state, place = excluded.place`,
    [state, place],
  )
}

function inTransaction(client: Client, work: () => Promise<void>): Promise<void> {
  return tried(async () => {
    await client.query('begin isolation level read committed')
    try {
      await work()
      await client.query('commit')
    } catch (error) {
      await client.query('rollback')
      throw error
    }
  })
}
