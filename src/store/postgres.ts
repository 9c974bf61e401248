import type { Clock, Notary, SharedStore, Store } from '../core/ports.ts'
import { openMoved, unfinished, type Passage } from './moved.ts'
import { coded, connect, hangUp, readPool, type Place } from './postgres/connect.ts'
import { passageIn } from './postgres/copy.ts'
import { guardrailsOf } from './postgres/guardrails.ts'
import { ownEntries } from './postgres/own.ts'
import { askOf, createReader, type Ask } from './postgres/reader.ts'
import { createRota } from './postgres/rota.ts'
import { install, sizeOf } from './postgres/schema.ts'
import { createTail } from './postgres/tail.ts'
import {
  checkpointTask,
  commitTask,
  forgetTask,
  memoTask,
  settleTask,
  type Writing,
} from './postgres/tasks.ts'
import { createWriter, type Writer } from './postgres/writer.ts'

type Options = {
  readonly url: string
  /** The name of this process among those that share the journal. */
  readonly executor: string
  readonly notary: Notary
  readonly clock: Clock
  /** Of the runs that this program can go on with. New runs get the newest. */
  readonly protocols?: readonly number[]
}

/**
 * The journal on PostgreSQL, shared by several processes. Every commit is on the server's disk before it is answered;
 * all writers stand in one row, so that what guards a commit is checked against everything before it.
 */
export async function openPostgres(options: Options): Promise<SharedStore> {
  const { url, executor, notary, clock, protocols = [1] } = options
  const place = { url, executor }
  const { from, passage } = await prepare(place)
  if (passage.state === 'arriving') throw unfinished('this database', passage.place)
  const writing: Writing = { notary, clock, executor, protocols }
  const own = ownEntries()
  const writer = createWriter({ place, writing, own, from })
  try {
    await writer.ready
  } catch (cause) {
    await writer.end()
    throw coded(cause)
  }
  const pool = await readPool(place)
  const ask = askOf(pool)
  const tail = createTail({ place, ask, own, size: writer.size })
  let closed: Promise<void> | undefined
  const end = async () => {
    await writer.end()
    await tail.end()
    await pool.end()
  }
  const store: Store = {
    ...createReader(ask),
    ...guardrailsOf(ask, clock),
    ...writes(writer, writing),
    memo: memo(writer, ask),
    close: () => (closed ??= end()),
  }
  return {
    store: passage.state === 'moved' ? openMoved(store, passage.place) : store,
    rota: createRota(writer, ask, writing),
    tail: tail.listen,
  }
}

/** Makes the tables where there are none. Gives the number of entries that are in the log, and whether it is on its way. */
async function prepare(place: Place): Promise<{ readonly from: number; readonly passage: Passage }> {
  const client = await connect(place)
  try {
    await install(client)
    return { from: await sizeOf(client), passage: await passageIn(client) }
  } catch (error) {
    throw coded(error)
  } finally {
    await hangUp(client)
  }
}

function writes(
  writer: Writer,
  writing: Writing,
): Pick<Store, 'commit' | 'forget' | 'settle' | 'checkpoint'> {
  return {
    commit: (commit) => writer.transaction(commitTask(commit, writing)),
    forget: (what, fact) => writer.transaction(forgetTask(what, fact, writing)),
    settle: (notice, fact) => writer.transaction(settleTask(notice, fact, writing)),
    checkpoint: () => writer.transaction(checkpointTask(writing)),
  }
}

function memo(writer: Writer, ask: Ask): Store['memo'] {
  return {
    get: async (key) => {
      const [row] = await ask('memo', 'select value from firebreak.memo where key = $1', [key])
      return row === undefined ? undefined : String(row[0])
    },
    set: (key, value) => writer.transaction(memoTask(key, value)),
  }
}
