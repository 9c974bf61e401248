import { hash } from 'node:crypto'
import type { Client, ClientConfig, Pool } from 'pg'
import { FirebreakError } from '../../core/errors.ts'
import { movedTo } from '../moved.ts'
import { MOVED_STATE } from './fence.ts'

/** Which server, and who we are to it. */
export type Place = { readonly url: string; readonly executor: string }

/** The channel by which processes tell each other of new entries. */
export const CHANNEL = 'firebreak'

const SECOND = 1000
/** A transaction of ours takes milliseconds. Whoever hangs in one must not keep the log from the others for longer. */
const IDLE_IN_TRANSACTION = 2 * SECOND
const LOCK_WAIT = 4 * SECOND
const STATEMENT = 5 * SECOND

/** The same number of every process for the same words: the key of an advisory lock. */
export function lockKey(...words: readonly string[]): string {
  const digest = Buffer.from(hash('sha256', words.join('\0'), 'hex'), 'hex')
  return digest.readBigInt64BE(0).toString()
}

/** By this name the sessions of one process are known to the others, who end them when it hangs. */
export function sessionName(executor: string): string {
  return `firebreak ${lockKey('replica', executor)}`
}

const limits = {
  statement_timeout: STATEMENT,
  lock_timeout: LOCK_WAIT,
  idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION,
  // A server that no longer answers: its own limits have ended the statement by then.
  query_timeout: STATEMENT + SECOND,
}

async function configOf({ url, executor }: Place): Promise<ClientConfig> {
  const { default: pg } = await import('pg')
  return {
    connectionString: withoutOurs(url),
    application_name: sessionName(executor),
    keepAlive: true,
    keepAliveInitialDelayMillis: 5 * SECOND,
    connectionTimeoutMillis: 3 * SECOND,
    ...limits,
    types: {
      // Whole numbers of 64 bits arrive as text by default; ours are counts, which a number holds.
      getTypeParser: (oid, format) =>
        oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format),
    },
  }
}

/** What an address says wins over what we ask for; of these it may say nothing, for fencing rests on them. */
function withoutOurs(url: string): string {
  const ours = ['application_name', ...Object.keys(limits)]
  if (!ours.some((name) => url.includes(`${name}=`))) return url
  const address = new URL(url)
  for (const name of ours) address.searchParams.delete(name)
  return address.href
}

/** A session of its own. Whoever takes it listens to `end` to learn that it is lost. */
export async function connect(place: Place, extra: ClientConfig = {}): Promise<Client> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ ...(await configOf(place)), ...extra })
  // Without a listener a lost connection would end the program. `end` follows, and that is what we act upon.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return client
  } catch (cause) {
    await hangUp(client)
    throw unavailable(cause)
  }
}

/** Ends the session, whatever state it is in, and never fails. */
export async function hangUp(client: Client): Promise<void> {
  try {
    await Promise.race([client.end(), after(SECOND)])
  } catch {
    // It is gone already, which is what we want.
  } finally {
    client.connection.stream.destroy()
  }
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}

/** A few sessions for reading, none of which is ever in the writer's way. */
export async function readPool(place: Place): Promise<Pool> {
  const { default: pg } = await import('pg')
  const pool = new pg.Pool({
    ...(await configOf(place)),
    max: 4,
    options: '-c default_transaction_read_only=on',
  })
  pool.on('error', () => undefined)
  return pool
}

export function unavailable(cause: unknown): FirebreakError {
  return new FirebreakError(
    'store.unavailable',
    `The journal in PostgreSQL cannot be used: ${messageOf(cause)}`,
    {
      remedy: 'Look whether PostgreSQL runs and can be reached. Work goes on by itself when it does.',
      cause,
    },
  )
}

/** The error as a caller may see it. */
export function coded(error: unknown): FirebreakError {
  if (error instanceof FirebreakError) return error
  const isMoved = error instanceof Error && 'code' in error && error.code === MOVED_STATE
  return isMoved ? movedTo(error.message) : unavailable(error)
}

/** Errors of a host with several addresses have no message of their own. */
function messageOf(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(messageOf).join('; ')
  return cause instanceof Error ? cause.message : String(cause)
}
