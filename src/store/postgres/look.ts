import type { Client } from 'pg'
import { z } from 'zod'
import { keyOf, type Key, type Needs } from './needs.ts'

const Run = z.object({
  run: z.string(),
  seq: z.int(),
  open: z.boolean(),
  requested_at: z.string(),
  n: z.int(),
  epoch: z.int(),
  holder: z.string().nullable(),
  protocol: z.int(),
  wakes: z.int(),
  rest_n: z.int().nullable(),
  rest_wakes: z.int().nullable(),
  wake_at: z.string().nullable(),
})
export type RunRow = z.infer<typeof Run>

const listOf = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullable()
    .transform((list) => list ?? [])

const Seen = z.object({
  freeze: z.object({ reason: z.string(), since: z.string() }).nullable(),
  runs: listOf(Run),
  claims: listOf(z.object({ target: z.string(), run: z.string() })),
  once: listOf(z.object({ scope: z.string(), key: z.string() })),
  notices: listOf(z.string()),
})

const Head = z.object({
  tree: z.string().nullable(),
  time: z.string(),
  /** By this number the server can say later whether the transaction was committed. */
  xid: z.string(),
})

export type Look = { readonly head: z.infer<typeof Head>; readonly seen: z.infer<typeof Seen> }

const lockHead = {
  name: 'firebreak-lock',
  text: 'select tree, time, pg_current_xact_id()::text as xid from firebreak.head for update',
}

const SEE = `select
  (select json_build_object('reason', reason, 'since', since) from firebreak.freeze) as freeze,
  (select json_agg(r) from firebreak.runs r where run = any ($1)) as runs,
  (select json_agg(c) from firebreak.claims c where target = any ($2)) as claims,
  (select json_agg(json_build_object('scope', scope, 'key', key)) from firebreak.once
    where (scope, key) in (select * from unnest($3::text[], $4::text[])) and expires >= $5) as once,
  (select json_agg(id) from firebreak.outbox where id = any ($6)) as notices`

/**
 * Begins a transaction, in one round trip: all writers of all processes wait for the head in a row, and what is read
 * after it is what the one before has committed (each statement sees the commits before it).
 */
export async function lockAndLook(client: Client, needs: readonly Needs[], now: number): Promise<Look> {
  const once = distinctKeys(needs)
  const values = [
    distinct(needs.flatMap(({ runs = [] }) => runs)),
    distinct(needs.flatMap(({ targets = [] }) => targets)),
    once.map(({ scope }) => scope),
    once.map(({ key }) => key),
    now,
    distinct(needs.flatMap(({ notices = [] }) => notices)),
  ]
  const [, head, seen] = await Promise.all([
    client.query('begin isolation level read committed read write'),
    client.query(lockHead),
    client.query({ name: 'firebreak-see', text: SEE, values }),
  ])
  return { head: Head.parse(head.rows[0]), seen: Seen.parse(seen.rows[0]) }
}

function distinct(items: readonly string[]): string[] {
  return [...new Set(items)]
}

function distinctKeys(needs: readonly Needs[]): Key[] {
  const keys = needs.flatMap(({ once = [] }) => once)
  return [...new Map(keys.map((key) => [keyOf(key), key])).values()]
}
