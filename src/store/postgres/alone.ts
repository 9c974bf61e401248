import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import { connect, hangUp, lockKey, type Place } from './connect.ts'

const ASK_AGAIN = 50

/**
 * Does what only one process may do at a time, such as making the tables of the workflow engine: two at once deadlock.
 * It makes indexes with CREATE INDEX CONCURRENTLY, which waits for every statement older than itself, and a replica's
 * watch over another one is such a statement. So while the work goes on the watches are sent to the end of their lines.
 */
export async function alone<T>(
  place: Place,
  what: string,
  work: (drop: (schema: string) => Promise<void>) => Promise<T>,
): Promise<T> {
  const client = await connect(place)
  try {
    // Asked again and again: whoever waited in a statement would be waited for.
    // oxlint-disable-next-line no-await-in-loop
    while (!(await isOurs(client, what))) await sleep(ASK_AGAIN)
    const timer = setInterval(() => void client.query(SEND_TO_THE_END).catch(() => undefined), ASK_AGAIN)
    try {
      return await work((schema) => drop(client, schema))
    } finally {
      clearInterval(timer)
    }
  } finally {
    await hangUp(client)
  }
}

async function drop(client: Client, schema: string): Promise<void> {
  await client.query(`drop schema if exists ${client.escapeIdentifier(schema)} cascade`)
}

async function isOurs(client: Client, what: string): Promise<boolean> {
  const { rows } = await client.query<{ ours: boolean }>('select pg_try_advisory_lock($1) as ours', [
    lockKey('alone', what),
  ])
  return rows[0]?.ours === true
}

/** Only sessions of ours wait for advisory locks in this database; each asks again at once (advisory.ts). */
const SEND_TO_THE_END = `
select pg_cancel_backend(pid) from pg_stat_activity
where application_name like 'firebreak %' and datname = current_database()
  and wait_event_type = 'Lock' and wait_event = 'advisory'`
