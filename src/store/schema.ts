/**
 * Raised when the tables change meaning. A journal that is newer than this program is refused. 2: what guardrails count is
 * kept, which a program that knows nothing of it would leave out.
 */
export const SCHEMA_VERSION = 2

/**
 * `journal` is the only truth; `runs`, `claims` and `freeze` are rows derived in the same transaction, because guards
 * must be read and spent there (P8), and so is `containments`, so that none is missed after a crash. `head` carries the
 * Merkle tree's compact range, so that an append costs O(log n). In `counts`, each step that takes up something of a
 * guardrail has one row; `waits` are the steps that are held, by the entry that said so first; `thaws` are those who have
 * said that the freeze is to be lifted; `reviews` are due.
 */
export const schema = `
create table if not exists meta (version integer not null);
create table if not exists journal (
  seq integer primary key,
  run text,
  n integer,
  leaf text not null,
  hash text not null,
  salt text not null,
  data text not null,
  unique (run, n)
);
create table if not exists head (id integer primary key check (id = 1), tree text not null);
create table if not exists runs (run text primary key, open integer not null, requested_at text not null);
create index if not exists runs_open on runs (run) where open = 1;
create table if not exists claims (target text primary key, run text not null);
create table if not exists containments (run text not null, step text not null, due text not null, primary key (run, step));
create table if not exists counts (
  key text not null,
  run text not null,
  step text not null,
  at text not null,
  open integer not null,
  failed_at text,
  primary key (key, run, step)
) without rowid;
create index if not exists counts_at on counts (key, at);
create index if not exists counts_step on counts (run, step);
create index if not exists counts_open on counts (key) where open = 1;
create index if not exists counts_failed on counts (key, failed_at) where failed_at is not null;
create table if not exists waits (
  run text not null,
  step text not null,
  key text not null,
  seq integer not null,
  until text,
  primary key (run, step)
) without rowid;
create index if not exists waits_key on waits (key, seq);
create table if not exists thaws (person text primary key, at text not null);
create table if not exists reviews (run text primary key);
create table if not exists freeze (id integer primary key check (id = 1), reason text not null, since text not null);
create table if not exists once (scope text not null, key text not null, expires integer not null, primary key (scope, key));
create table if not exists outbox (id text primary key, run text not null, step text not null, channel text not null, text text not null);
create table if not exists memo (key text primary key, value text not null);
create table if not exists passage (id integer primary key check (id = 1), state text not null, place text not null);
`
