import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { atMost, type Figure } from './figure.ts'
import { now, startRemote, type Remote } from './remote.ts'
import type { PgProcess } from './pg-process.ts'
import { withPostgres } from './postgres.ts'
import { inScratch } from './scratch.ts'
import { round } from './stats.ts'

const RUNS = 1000
const IDLE_MS = 10_000
/**
 * Sessions of PostgreSQL that have nothing to do hand in what they counted after ten seconds (PGSTAT_IDLE_INTERVAL), and by
 * then the memory of what was done last has been given back.
 */
const SETTLE_MS = 11_000

/** Runs that wait for people, in a bot with its own journal. */
export function waitingFigures(): Promise<Figure[]> {
  return inScratch(async (folder) => waitIn(join(folder, 'state')))
}

/** The same on PostgreSQL, where a run that waits is in nobody's hands. */
export function waitingOnPostgresFigures(): Promise<Figure[]> {
  return inScratch((folder) =>
    withPostgres(async (postgres) => waitIn(join(folder, 'state'), await postgres.createDatabase())),
  )
}

async function waitIn(folder: string, store?: string): Promise<Figure[]> {
  mkdirSync(folder, { recursive: true })
  const where = store === undefined ? 'embedded' : 'PostgreSQL'
  const settings = { folder, ...(store === undefined ? {} : { store }) }
  const bot = await startRemote<PgProcess>('./pg-process.ts')
  await bot.call('start', settings)
  // What the first run brings into memory is not of the waiting ones.
  await bot.call('rate', { at: 8, ms: 500 })
  await sleep(SETTLE_MS)
  const before = await bot.call('usage')
  await bot.call('wait', { count: RUNS, at: 16 })
  const idle = await idleOf(bot, store)
  bot.signal('SIGKILL')
  await bot.ended
  const throughMs = await approveAfterRestart(settings)
  return [
    ...figuresOf(where, { mb: idle.mb - before.mb, ...idle.rates }),
    {
      name: `kill -9 with ${RUNS} waiting runs → an approval is through, ${where}`,
      unit: 'ms',
      value: round(throughMs),
      note: 'from the start of the new process to the call of the effect',
    },
  ]
}

type Idle = {
  readonly mb: number
  readonly rates: { readonly cpu: number; readonly transactions: number | undefined }
}

async function idleOf(bot: Remote<PgProcess>, store: string | undefined): Promise<Idle> {
  await sleep(SETTLE_MS)
  const before = await transactionsIn(store)
  const { mb, cpuMs } = await bot.call('usage')
  await sleep(IDLE_MS)
  const after = await transactionsIn(store)
  const used = await bot.call('usage')
  const transactions =
    before === undefined || after === undefined ? undefined : ((after - before) * 1000) / IDLE_MS
  return { mb, rates: { cpu: ((used.cpuMs - cpuMs) / IDLE_MS) * 100, transactions } }
}

/** Transactions that the server has counted in this database. */
async function transactionsIn(store: string | undefined): Promise<number | undefined> {
  if (store === undefined) return undefined
  const client = new Client({ connectionString: store })
  await client.connect()
  try {
    const { rows } = await client.query<{ count: string }>(
      'select xact_commit + xact_rollback as count from pg_stat_database where datname = current_database()',
    )
    return Number(rows[0]?.count)
  } finally {
    await client.end()
  }
}

async function approveAfterRestart(settings: { folder: string; store?: string }): Promise<number> {
  const began = now()
  const bot = await startRemote<PgProcess>('./pg-process.ts')
  await bot.call('start', settings)
  await bot.call('approveOne')
  const ms = now() - began
  bot.signal('SIGKILL')
  await bot.ended
  return ms
}

type Waiting = { readonly mb: number; readonly cpu: number; readonly transactions: number | undefined }

function figuresOf(where: string, { mb, cpu, transactions }: Waiting): Figure[] {
  const figures: Figure[] = [
    {
      name: `${RUNS} runs that wait for approval: memory more, ${where}`,
      unit: 'MB',
      value: round(mb),
      budget: atMost(60, mb, 'MB'),
      note: 'resident, garbage collected',
    },
    {
      name: `${RUNS} runs that wait for approval: idle CPU, ${where}`,
      unit: '% of a core',
      value: round(cpu),
    },
  ]
  if (transactions === undefined) return figures
  return [
    ...figures,
    {
      name: `${RUNS} runs that wait for approval: transactions, ${where}`,
      unit: '/s',
      value: round(transactions),
      budget: atMost(50, transactions, '/s'),
      note: 'plain DBOS polls 230 to 600 a second for as many',
    },
  ]
}
