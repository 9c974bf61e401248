import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startPostgres, type Postgres } from '../support/postgres.ts'
import type { DbosProcess } from './dbos-process.ts'
import { atLeast, atMost, type Figure } from './figure.ts'
import type { PgProcess } from './pg-process.ts'
import { startRemote, type Remote } from './remote.ts'
import { inScratch } from './scratch.ts'
import { latencyOf, median, round, spreadOf } from './stats.ts'

const ROUNDS = 3
const ROUND_MS = 2000
const APPROVALS = 60

/** What n8n did on the same kind of machine, with a workflow of five nodes that do nothing, and what a kill cost it. */
const N8N: { readonly [at: number]: string } = {
  1: 'n8n, measured elsewhere: 38 runs/s; a kill loses every run in flight',
  32: 'n8n, measured elsewhere: 49 runs/s; a kill loses every run in flight',
}

/** `work` with a PostgreSQL of its own, with the durability that it ships with. */
export async function withPostgres<T>(work: (postgres: Postgres) => Promise<T>): Promise<T> {
  const postgres = await startPostgres()
  try {
    return await work(postgres)
  } finally {
    await postgres.remove()
  }
}

/** The journal on PostgreSQL beside plain DBOS, which keeps none: one process each, in turns on the same server. */
export function postgresFigures(): Promise<Figure[]> {
  return inScratch((folder) =>
    withPostgres(async (postgres) => {
      const bot = await startRemote<PgProcess>('./pg-process.ts')
      const dbos = await startRemote<DbosProcess>('./dbos-process.ts', [], { NODE_NO_WARNINGS: '1' })
      const state = join(folder, 'state')
      mkdirSync(state)
      await bot.call('start', { folder: state, store: await postgres.createDatabase() })
      await dbos.call('start', await postgres.createDatabase())
      const figures = [
        await rates({ bot, dbos, at: 1 }),
        await rates({ bot, dbos, at: 32 }),
        await approvals(bot),
      ]
      await Promise.all([bot.close(), dbos.close()])
      return figures
    }),
  )
}

type Racing = { readonly bot: Remote<PgProcess>; readonly dbos: Remote<DbosProcess>; readonly at: number }

async function rates({ bot, dbos, at }: Racing): Promise<Figure> {
  const load = { at, ms: ROUND_MS }
  const ours: number[] = []
  const theirs: number[] = []
  await Promise.all([bot.call('rate', { at, ms: 500 }), dbos.call('rate', { at, ms: 500 })])
  for (let i = 0; i < ROUNDS; i++) {
    // oxlint-disable no-await-in-loop -- in turns
    ours.push(await bot.call('rate', load))
    theirs.push(await dbos.call('rate', load))
    // oxlint-enable no-await-in-loop
  }
  const ratio = round(median(ours) / median(theirs))
  const note = N8N[at]
  return {
    name: `5-step run on PostgreSQL, no-op actions, ${at} at a time`,
    unit: 'runs/s',
    value: round(median(ours)),
    spread: spreadOf(ours),
    reference: { what: 'plain DBOS, five steps, no journal', value: round(median(theirs)), ratio },
    budget: atLeast(0.5, ratio, '× reference'),
    ...(note === undefined ? {} : { note }),
  }
}

async function approvals(bot: Remote<PgProcess>): Promise<Figure> {
  const latency = latencyOf(await bot.call('approvals', APPROVALS))
  return {
    name: 'approval → call of the next effect, PostgreSQL',
    unit: 'ms',
    value: latency.p50,
    spread: latency,
    budget: atMost(15, latency.p50, 'ms (p50)'),
  }
}
