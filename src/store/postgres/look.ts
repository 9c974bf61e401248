import type { Client } from 'pg'
import { z } from 'zod'
import { Claim, listOf } from './listed.ts'
import type { Needs } from './needs.ts'
import { nothingSeen, seeCircle, type SeenCircle, seeGuardrails, SeenGuardrails } from './see-guardrails.ts'

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

const Seen = z.object({
  freeze: z.object({ reason: z.string(), since: z.string() }).nullable(),
  runs: listOf(Run),
  claims: listOf(Claim),
  once: listOf(z.object({ scope: z.string(), key: z.string() })),
  notices: listOf(z.string()),
})

const Head = z.object({
  tree: z.string().nullable(),
  time: z.string(),
  /** By this number the server can say later whether the transaction was committed. */
  xid: z.string(),
})

export type Look = {
  readonly head: z.infer<typeof Head>
  readonly seen: z.infer<typeof Seen>
  readonly guardrails: SeenGuardrails
  readonly circle: SeenCircle
}

const lockHead = {
  name: 'firebreak-lock',
  text: 'select tree, time, pg_current_xact_id()::text as xid from firebreak.head for update',
}

const SEE = `select
  (select json_build_object('reason', reason, 'since', since) from firebreak.freeze) as freeze,
  (select json_agg(r) from firebreak.runs r where run = any ($1)) as runs,
  (select json_agg(c) from firebreak.claims c where target = any ($2) or run = any ($7)) as claims,
  (select json_agg(json_build_object('scope', scope, 'key', key)) from firebreak.once
    where scope = any ($3) and key = any ($4) and expires >= $5) as once,
  (select json_agg(id) from firebreak.outbox where id = any ($6)) as notices`

/**
 * Begins a transaction, in one round trip: all writers of all processes wait for the head in a row, and what is read
 * after it is what the one before has committed (each statement sees the commits before it).
 */
export async function lockAndLook(client: Client, needs: readonly Needs[], now: number): Promise<Look> {
  const once = needs.flatMap(({ once: keys = [] }) => keys)
  const claims = needs.flatMap(({ claims: wanted = [] }) => wanted)
  const values = [
    distinct(needs.flatMap(({ runs = [] }) => runs)),
    distinct(claims.map(({ target }) => target)),
    distinct(once.map(({ scope }) => scope)),
    distinct(once.map(({ key }) => key)),
    now,
    distinct(needs.flatMap(({ notices = [] }) => notices)),
    needs.flatMap(({ ending = [] }) => ending),
  ]
  const ofGuardrails = seeGuardrails(needs, now)
  const [, head, row, guardrails] = await Promise.all([
    client.query('begin isolation level read committed read write'),
    client.query(lockHead),
    client.query({ name: 'firebreak-see', text: SEE, values }),
    ofGuardrails && client.query(ofGuardrails),
  ])
  const seen = Seen.parse(row.rows[0])
  return {
    head: Head.parse(head.rows[0]),
    seen,
    guardrails: guardrails === undefined ? nothingSeen : SeenGuardrails.parse(guardrails.rows[0]),
    circle: await seeCircle(client, claims, seen.claims),
  }
}

function distinct(items: readonly string[]): string[] {
  return [...new Set(items)]
}
