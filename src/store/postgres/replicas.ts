import type { Client } from 'pg'
import { z } from 'zod'
import { FirebreakError } from '../../core/errors.ts'
import { lockKey, sessionName } from './connect.ts'

/** The channel by which replicas tell each other that they are new. */
const REPLICAS = 'firebreak_replicas'

/** A replica that has not beaten for so long hangs: it is alive enough to hold its lock, and does nothing. */
const SILENT = '5 seconds'

export const replicaKey = (executor: string): string => lockKey('replica', executor)

export async function register(client: Client, executor: string, protocol: number): Promise<void> {
  await client.query(
    `insert into firebreak.replicas (executor, backend_pid, beat, protocol)
     values ($1, pg_backend_pid(), clock_timestamp(), $2)
     on conflict (executor) do update
     set backend_pid = excluded.backend_pid, beat = excluded.beat, protocol = excluded.protocol`,
    [executor, protocol],
  )
  await client.query(`listen ${REPLICAS}`)
  await client.query(`notify ${REPLICAS}`)
  // A beat that is lost in a power cut is no loss. The row itself is durable by now.
  await client.query('set synchronous_commit = off')
}

const Other = z.object({ executor: z.string(), silent: z.boolean() })
const Beat = z.object({ registered: z.boolean(), others: z.array(Other), now: z.number() })

/** Who else is there, or has runs in hand without being there. */
export type Beaten = z.infer<typeof Beat>

const BEAT = `
with mine as (
  update firebreak.replicas set beat = clock_timestamp() where executor = $1 returning executor
), others as (
  select executor, beat < clock_timestamp() - interval '${SILENT}' as silent from firebreak.replicas
  union all
  select distinct holder, false from firebreak.runs
  where holder is not null and open and holder not in (select executor from firebreak.replicas)
)
select exists (select from mine) as registered,
  extract(epoch from clock_timestamp())::float8 * 1000 as now,
  (select coalesce(json_agg(o), '[]') from others o where executor <> $1) as others`

/** Says that we are alive, and learns who else is, by the server's clock alone. Throws when ours is far from it. */
export async function beat(client: Client, executor: string): Promise<Beaten> {
  const before = Date.now()
  const { rows } = await client.query({ name: 'firebreak-beat', text: BEAT, values: [executor] })
  const beaten = Beat.parse(rows[0])
  refuseSkew({ before, theirs: beaten.now, after: Date.now() })
  return beaten
}

/**
 * Whether a call of a dead process can still land is told from the time of its intent, which another machine wrote: the
 * clocks must agree. Each may be this far from the server's, so two may be twice as far from each other.
 */
const MAX_SKEW_MS = 1000
export const SKEW_MS = 2 * MAX_SKEW_MS

export function refuseSkew({
  before,
  theirs,
  after,
}: {
  before: number
  theirs: number
  after: number
}): void {
  const skew = Math.max(before - theirs, theirs - after)
  if (skew <= MAX_SKEW_MS) return
  throw new FirebreakError(
    'store.clock-skew',
    `The clock of this machine and that of PostgreSQL are ${Math.round(skew)} ms apart`,
    { remedy: 'Keep the clocks of all machines in time, for instance by NTP.' },
  )
}

/**
 * Ends every session of a replica that hangs: the one with its lock, and the one by which it would write. Only while it
 * is that replica itself who holds its lock: when a survivor holds it, it is being taken over already.
 */
export async function endHungSessions(client: Client, executor: string): Promise<void> {
  await client.query(
    `select pg_terminate_backend(a.pid)
     from firebreak.replicas r
     join pg_locks l on l.pid = r.backend_pid and l.granted and l.locktype = 'advisory' and l.objsubid = 1
       and (l.classid::bigint << 32 | l.objid::bigint) = $2
     join pg_stat_activity a on a.application_name = $3 and a.datname = current_database()
     where r.executor = $1 and r.beat < clock_timestamp() - interval '${SILENT}'`,
    [executor, replicaKey(executor), sessionName(executor)],
  )
}

/** What is left of a replica whose lock is gone: its machine may have gone without a word to the server. */
export async function endAllSessions(client: Client, executor: string): Promise<void> {
  await client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = $1 and datname = current_database()`,
    [sessionName(executor)],
  )
}

/** Whether a replica has left anything behind. One that left in order has not. */
export async function hasRemains(client: Client, executor: string): Promise<boolean> {
  const { rows } = await client.query(
    `select exists (select from firebreak.replicas where executor = $1)
       or exists (select from firebreak.runs where holder = $1 and open) as remains`,
    [executor],
  )
  return z.object({ remains: z.boolean() }).parse(rows[0]).remains
}

/**
 * Strikes a replica off. Runs of its that nobody took, for instance because the survivors do not speak their protocol,
 * are put down for whoever does.
 */
export async function strikeOff(client: Client, executor: string): Promise<void> {
  try {
    await client.query('begin isolation level read committed')
    // In line with all commits: what it wrote last is before this, and nothing of it comes after.
    await client.query('select id from firebreak.head for update')
    await client.query(
      `update firebreak.runs set holder = null, epoch = epoch + 1, rest_n = null, rest_wakes = null, wake_at = null
       where holder = $1 and open`,
      [executor],
    )
    await client.query('delete from firebreak.replicas where executor = $1', [executor])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  }
}
