import type { Client } from 'pg'
import { z } from 'zod'
import type { Entry } from './draft.ts'

/** A transaction whose commit was sent and not answered. */
export type Unanswered = { readonly xid: string; readonly entries: readonly Entry[] }

const Found = z.object({ found: z.boolean() })

/**
 * Whether a transaction was committed. It held the head when its commit was sent; once we hold it, that transaction has
 * ended one way or the other, and nothing of it can still arrive.
 */
export async function wasCommitted(client: Client, { xid, entries }: Unanswered): Promise<boolean> {
  try {
    await client.query('begin isolation level read committed')
    await client.query('select id from firebreak.head for update')
    const [first] = entries
    const { rows } = await (first === undefined
      ? client.query(`select pg_xact_status($1::text::xid8) = 'committed' as found`, [xid])
      : // Rather than by its number: after a fail-over another transaction may have that.
        client.query('select exists (select from firebreak.journal where seq = $1 and hash = $2) as found', [
          first.seq,
          first.hash,
        ]))
    return Found.parse(rows[0]).found
  } finally {
    await client.query('rollback')
  }
}
