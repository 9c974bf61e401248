import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DatabaseSync } from 'node:sqlite'
import { Client } from 'pg'
import { parseConfig } from '../../src/config/load.ts'
import type { Fact } from '../../src/core/fact.ts'
import { makeKey } from '../../src/app/log-key.ts'
import { readFact } from '../../src/store/rows.ts'
import { startRemote, type Remote } from '../bench/remote.ts'
import { tempFolder } from '../support/bot.ts'
import type { Replica, Settings } from './replica.ts'
import type { World } from './world.ts'

export type Process = Remote<Replica> & { readonly settings: Settings }

/** The world, and its address. */
export async function startWorld(): Promise<Remote<World> & { readonly url: string }> {
  const world = await startRemote<World>('../chaos/world.ts')
  return { ...world, url: await world.call('url') }
}

/** Processes of one test file share what the first of them compiled: hundreds of them are started. */
const cache = tempFolder()

export async function startReplica(settings: Settings): Promise<Process> {
  const env = { NODE_COMPILE_CACHE: cache, NODE_NO_WARNINGS: '1' }
  const replica = await startRemote<Replica>('../chaos/replica.ts', [JSON.stringify(settings)], env)
  return { ...replica, settings }
}

/** A folder with the key of a log that several processes share. */
export function sharedState(): string {
  const state = tempFolder()
  makeKey(state, parseConfig('', join(state, 'firebreak.yaml'), {}).audit.origin)
  return state
}

export async function kill(replica: Process): Promise<void> {
  replica.signal('SIGKILL')
  await replica.ended
}

/** The log of a state folder that nobody has open. */
export function factsIn(state: string): Fact[] {
  const db = new DatabaseSync(join(state, 'journal.db'))
  try {
    return db.prepare('select seq, leaf, data from journal order by seq').all().map(readFact)
  } finally {
    db.close()
  }
}

/** The log in a database, or what it says of some runs, read past every process that writes it. */
export async function factsOf(url: string, runs?: ReadonlySet<string>): Promise<Fact[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query(
      'select seq, leaf, data from firebreak.journal where $1::text[] is null or run = any ($1) order by seq',
      [runs === undefined ? null : [...runs]],
    )
    return rows.map(readFact)
  } finally {
    await client.end()
  }
}

const LOOK_MS = 60

/** Looks until there is nothing left to say; then it is done. Says what is left when the time is over. */
export async function untilNothing(ms: number, look: () => Promise<string | undefined>): Promise<void> {
  const deadline = performance.now() + ms
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- one look after the other
    const left = await look()
    if (left === undefined) return
    if (performance.now() > deadline) throw new Error(`after ${ms} ms: ${left}`)
    // oxlint-disable-next-line no-await-in-loop
    await sleep(LOOK_MS)
  }
}

/** Until nothing of its runs is left to do but what is for people. */
export async function untilQuiet(replica: Process, ms: number): Promise<void> {
  await untilNothing(ms, async () => {
    const left = await replica.call('busy')
    if (left.length === 0) return undefined
    const errors = await replica.call('errors')
    return `still open: ${left.slice(0, 8).join('; ')}; ${errors.slice(-5).join(' | ')}`
  })
}

/** Works through a list, so many at a time. */
export async function inParallel<T>(
  at: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items]
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await work(item)
    }
  }
  await Promise.all(Array.from({ length: at }, worker))
}
