import type { Client } from 'pg'
import { connect, hangUp, type Place } from './connect.ts'

/**
 * A statement that waits keeps the server from cleaning up rows that were replaced meanwhile, such as the head's with
 * every commit. So nobody waits for hours in one: who is not served goes to the end of the line.
 */
const IN_LINE = 30_000
/** SQLSTATE of a lock that was not had in time, and of a statement that was sent away (alone.ts). */
const notServed: readonly unknown[] = ['55P03', '57014']

/** A session in which to wait for an advisory lock. The lock is its holder's until the session ends, however it ends. */
export async function connectToWait(place: Place): Promise<Client> {
  const limit = 2 * IN_LINE
  const client = await connect(place, {
    lock_timeout: IN_LINE,
    statement_timeout: limit,
    query_timeout: limit,
  })
  try {
    await client.query(LOOK_FOR_US)
    return client
  } catch (error) {
    await hangUp(client)
    throw error
  }
}

/** The server does not notice by itself that who waits has gone, and would serve a ghost first. It can since version 14. */
const LOOK_FOR_US = `select set_config('client_connection_check_interval', '1s', false)
  where current_setting('client_connection_check_interval', true) is not null`

/** Waits until the lock is ours. The server wakes us the moment that it is free: there is no polling. */
export async function waitForLock(client: Client, key: string): Promise<void> {
  for (let waiting = true; waiting;) {
    // oxlint-disable-next-line no-await-in-loop -- once more in line
    waiting = !(await lockInTime(client, key))
  }
}

/** Whether the lock was had before the session's limit. */
export async function lockInTime(client: Client, key: string): Promise<boolean> {
  try {
    await client.query('select pg_advisory_lock($1)', [key])
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && notServed.includes(error.code)) return false
    throw error
  }
}
