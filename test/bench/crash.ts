import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serveBin } from './bin.ts'
import { atMost, type Figure } from './figure.ts'
import { botConfig, postAlert } from './config.ts'
import { startRemote, type Remote } from './remote.ts'
import { inScratch } from './scratch.ts'
import { round, spreadOf } from './stats.ts'
import { waitFor } from './wait.ts'
import type { World } from './world-process.ts'

const ROUNDS = 5
const RUNS = 10
/** Requests of a run of `containing` up to and with the mutating one: owner (2), plan (2), plan again (2), apply (2). */
const CALLS = 8
/** Longer than the whole measurement: the answer to the mutating call is still out when the bot is killed. */
const ANSWER_MS = 60_000

/** kill -9 between an effect and its answer, restart, and how long until every open run asks the world again. */
export async function crashFigures(): Promise<Figure[]> {
  const world = await startRemote<World>('./world-process.ts')
  try {
    return await inScratch(async (folder) => {
      const { config, env } = await botConfig(folder, world)
      const file = join(folder, 'firebreak.yaml')
      writeFileSync(file, config)
      const rounds: Round[] = []
      for (let i = 0; i <= ROUNDS; i++) {
        // oxlint-disable-next-line no-await-in-loop -- one crash at a time
        rounds.push(await crash({ world, file, env, cache: join(folder, 'cache') }))
      }
      // The first start compiles: its cache is what later starts use.
      const later = rounds.slice(1)
      const first = spreadOf(later.map((round) => round.first))
      const last = spreadOf(later.map((round) => round.last))
      return [
        {
          name: 'kill -9 → the first open run resumed, from process start',
          unit: 'ms',
          value: first.median,
          spread: first,
        },
        {
          name: `kill -9 → all ${RUNS} open runs resumed, from process start`,
          unit: 'ms',
          value: last.median,
          spread: last,
          budget: atMost(400, last.median, 'ms'),
          note: `ready after ${round(later.at(-1)?.ready ?? NaN)} ms; without compile cache ${round(rounds[0]?.last ?? NaN)} ms`,
        },
      ]
    })
  } finally {
    await world.close()
  }
}

type Place = {
  readonly world: Remote<World>
  readonly file: string
  readonly env: { readonly [name: string]: string }
  readonly cache: string
}
type Round = { readonly first: number; readonly last: number; readonly ready: number }

async function crash({ world, file, env, cache }: Place): Promise<Round> {
  await world.call('reset')
  const { keys } = await world.call('config')
  await world.call('slow', { operation: 'UpdateAccessKey', ms: ANSWER_MS })
  const before = await serveBin(file, env, cache)
  await Promise.all(keys.slice(0, RUNS).map((key) => postAlert(before.url, 'containing', key)))
  await waitFor('every mutating call to be out', async () => {
    const times = await world.call('times')
    return times.length >= RUNS * CALLS ? true : undefined
  })
  await world.call('switchOff')
  await before.kill('SIGKILL')
  const seen = (await world.call('times')).length
  const after = await serveBin(file, env, cache)
  const arrived = await waitFor('a probe of every run', async () => {
    const times = (await world.call('times')).slice(seen)
    return times.length >= RUNS ? times : undefined
  })
  await after.kill('SIGTERM')
  const since = (index: number) => (arrived[index] ?? NaN) - after.startedAt
  return { first: since(0), last: since(RUNS - 1), ready: after.readyMs }
}
