import type { Client } from 'pg'
import { z } from 'zod'
import { FirebreakError } from '../../core/errors.ts'
import { SCHEMA_VERSION } from '../schema.ts'
import { lockKey } from './connect.ts'

/**
 * The same tables as on SQLite, and what several processes need to share the work: who holds a run, in which epoch,
 * and what had happened to it when it was last put down (`rest_n`, `rest_wakes`). `head` is the one lock that puts all
 * writers in a row. `replicas` is who is there.
 */
const ddl = `
create schema if not exists firebreak;
create table firebreak.meta (version integer not null);
create table firebreak.journal (
  seq bigint primary key,
  run text,
  n integer,
  leaf text not null,
  hash text not null,
  salt text,
  data text,
  unique (run, n)
);
create table firebreak.head (
  id integer primary key check (id = 1),
  tree text,
  size bigint not null,
  time text not null
) with (fillfactor = 20);
insert into firebreak.head values (1, null, 0, '');
create table firebreak.runs (
  run text primary key,
  seq bigint not null,
  open boolean not null,
  requested_at text not null,
  n integer not null,
  epoch integer not null default 0,
  holder text,
  protocol integer not null,
  wakes integer not null default 0,
  rest_n integer,
  rest_wakes integer,
  wake_at timestamptz
);
create index runs_newest on firebreak.runs (seq);
create index runs_open on firebreak.runs (seq) where open;
create index runs_held on firebreak.runs (holder) where holder is not null;
create index runs_stirred on firebreak.runs (seq)
  where open and holder is null and (n, wakes) is distinct from (rest_n, rest_wakes);
create index runs_due on firebreak.runs (wake_at) where open and holder is null and wake_at is not null;
create table firebreak.claims (target text primary key, run text not null);
create index claims_run on firebreak.claims (run);
create table firebreak.freeze (id integer primary key check (id = 1), reason text not null, since text not null);
create table firebreak.containments (run text not null, step text not null, due text not null, primary key (run, step));
create table firebreak.once (scope text not null, key text not null, expires bigint not null, primary key (scope, key));
create index once_expires on firebreak.once (expires);
create table firebreak.outbox (
  place bigint generated always as identity primary key,
  id text not null unique,
  run text not null,
  step text not null,
  channel text not null,
  text text not null
);
create table firebreak.memo (key text primary key, value text not null);
create table firebreak.passage (id integer primary key check (id = 1), state text not null, place text not null);
create table firebreak.replicas (
  executor text primary key,
  backend_pid integer not null,
  beat timestamptz not null,
  protocol integer not null
);
insert into firebreak.meta values (${SCHEMA_VERSION});
`

/** Of version 2: what guardrails count, who waits for what, who has said that a freeze is to be lifted, reviews that are due. */
const guardrails = `
create table firebreak.counts (
  key text not null,
  run text not null,
  step text not null,
  at text not null,
  open boolean not null,
  failed_at text,
  primary key (key, run, step)
);
create index counts_at on firebreak.counts (key, at);
create index counts_step on firebreak.counts (run, step);
create index counts_open on firebreak.counts (key) where open;
create index counts_failed on firebreak.counts (key, failed_at) where failed_at is not null;
create table firebreak.waits (
  run text not null,
  step text not null,
  key text not null,
  seq bigint not null,
  until text,
  primary key (run, step)
);
create index waits_key on firebreak.waits (key, seq);
create table firebreak.thaws (person text primary key, at text not null);
create table firebreak.reviews (run text primary key);
`

/** From version 1. Whoever waited for a target there looks again, and is in the new table if it has to wait on. */
const upgrade = `
${guardrails}
drop table firebreak.claim_waits;
update firebreak.runs set wakes = wakes + 1 where open;
update firebreak.meta set version = ${SCHEMA_VERSION};
`

/**
 * Makes the tables where there are none, and what those of an older program lack. Refuses those of a newer one, and a server
 * that forgets what it has committed.
 */
export async function install(client: Client): Promise<void> {
  await checkServer(client)
  const version = await versionIn(client)
  // A role that may not create schemas can use one that is there.
  if (version === undefined || version < SCHEMA_VERSION) return inLock(client, make)
  refuseNewer(version)
}

function refuseNewer(version: number): void {
  if (version <= SCHEMA_VERSION) return
  throw new FirebreakError(
    'store.newer',
    `The journal has schema ${version}; this program knows ${SCHEMA_VERSION}`,
    { remedy: 'Run the newer Firebreak again.' },
  )
}

/** How many entries are in the log. */
export async function sizeOf(client: Client): Promise<number> {
  const { rows } = await client.query('select size from firebreak.head')
  return z.object({ size: z.int() }).parse(rows[0]).size
}

/** Of several processes that start at once one makes the tables. */
async function inLock(client: Client, work: (client: Client) => Promise<void>): Promise<void> {
  await client.query('begin')
  try {
    await client.query('select pg_advisory_xact_lock($1)', [lockKey('schema')])
    await work(client)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  }
}

async function make(client: Client): Promise<void> {
  const version = await versionIn(client)
  if (version === undefined) await client.query(ddl + guardrails)
  else if (version < SCHEMA_VERSION) await client.query(upgrade)
  else refuseNewer(version)
}

async function versionIn(client: Client): Promise<number | undefined> {
  if (!(await isInstalled(client))) return undefined
  const { rows } = await client.query('select version from firebreak.meta')
  return z.object({ version: z.int() }).parse(rows[0]).version
}

async function isInstalled(client: Client): Promise<boolean> {
  // Not to_regclass(): its cache would not yet know what another process has made while we waited for the lock.
  const { rows } = await client.query(
    `select exists (select from pg_tables where schemaname = 'firebreak' and tablename = 'meta') as there`,
  )
  return z.object({ there: z.boolean() }).parse(rows[0]).there
}

const Settings = z.object({
  fsync: z.string(),
  synchronous: z.string(),
  encoding: z.string(),
  version: z.int(),
})

/** An intent must survive a power cut before anything is done (P1), and every text must come back as it was. */
export async function checkServer(client: Client): Promise<void> {
  const { rows } = await client.query(
    `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous,
       current_setting('server_encoding') as encoding, current_setting('server_version_num')::int as version`,
  )
  const { fsync, synchronous, encoding, version } = Settings.parse(rows[0])
  if (fsync === 'off') throw unfit('fsync is off', 'Set fsync = on in postgresql.conf.')
  if (synchronous === 'off')
    throw unfit(
      'synchronous_commit is off',
      'Set synchronous_commit = on for the server, the database and the role.',
    )
  if (encoding !== 'UTF8')
    throw unfit(`the encoding is ${encoding}`, 'Create the database with encoding UTF8.')
  // pg_current_xact_id() is of 13.
  if (version < 130_000) throw unfit(`its version is ${version}`, 'Use PostgreSQL 13 or later.')
}

function unfit(what: string, remedy: string): FirebreakError {
  return new FirebreakError('store.unfit-server', `This PostgreSQL cannot keep a journal: ${what}`, {
    remedy,
  })
}
