import { join } from 'node:path'
import { stringify } from 'yaml'
import { actions } from '../../src/actions/index.ts'
import { createApp } from '../../src/app.ts'
import { parseConfig } from '../../src/config/load.ts'
import { createLog } from '../../src/log.ts'
import { loadPlaybook } from '../../src/playbook/load.ts'
import { createBare } from './bare.ts'
import { atLeast, type Figure } from './figure.ts'
import { switching } from './playbooks.ts'
import { startRemote, type Remote } from './remote.ts'
import { createStarter, rateOf } from './runs.ts'
import { inScratch } from './scratch.ts'
import { median, round, spreadOf } from './stats.ts'
import type { Arrival, World } from './world-process.ts'

const ROUNDS = 3
const MS = 1500

/** Runs of five real AWS steps against a stand-in, and the same calls made directly, in turns. */
export async function standInFigures(): Promise<Figure[]> {
  const world = await startRemote<World>('./world-process.ts')
  try {
    return await inScratch(async (folder) => measure(folder, world))
  } finally {
    await world.close()
  }
}

async function measure(folder: string, world: Remote<World>): Promise<Figure[]> {
  const { providers, env, keys } = await world.call('config')
  const app = await startApp(folder, { providers, env })
  const { run } = createStarter(app.firebreak, 'switching')
  const free = [...keys]
  const ours = async () => {
    const accessKeyId = free.shift() ?? ''
    await run({ accessKeyId })
    free.push(accessKeyId)
  }
  const { region, endpoint, credentials } = providers.aws.sandbox
  const secretAccessKey = env.BENCH_AWS_SECRET
  const bare = createBare({
    region,
    endpoint,
    credentials: { accessKeyId: credentials.accessKeyId, secretAccessKey },
  })
  await ours()
  await world.call('reset')
  await ours()
  const calls: Arrival[] = await world.call('arrivals')
  await rateOf({ at: 8, ms: 1000 }, ours)
  await rateOf({ at: 8, ms: 1000 }, () => bare.run(calls))
  const figures: Figure[] = []
  for (const at of [1, 32]) {
    const rates: { ours: number[]; bare: number[] } = { ours: [], bare: [] }
    for (let i = 0; i < ROUNDS; i++) {
      // oxlint-disable no-await-in-loop -- in turns, so that both meet the same noise
      rates.bare.push(await rateOf({ at, ms: MS }, () => bare.run(calls)))
      rates.ours.push(await rateOf({ at, ms: MS }, ours))
      // oxlint-enable no-await-in-loop
    }
    figures.push(figureOf(at, rates, calls.length))
  }
  bare.close()
  await app.close()
  return figures
}

async function startApp(
  folder: string,
  { providers, env }: { providers: object; env: { readonly [name: string]: string } },
) {
  const loaded = loadPlaybook(switching, 'switching.yaml', actions)
  if (!loaded.ok) throw new Error(loaded.diagnostics.map(({ message }) => message).join('; '))
  return createApp({
    config: parseConfig(stringify({ providers }), join(folder, 'firebreak.yaml'), env),
    actions,
    playbooks: new Map([['switching', loaded.playbook]]),
    state: join(folder, 'state'),
    clock: { now: Date.now },
    log: createLog('error'),
    localOwner: true,
  })
}

function figureOf(at: number, rates: { ours: number[]; bare: number[] }, calls: number): Figure {
  const bare = median(rates.bare)
  const ratio = round(median(rates.ours.map((rate, i) => rate / (rates.bare[i] ?? NaN))))
  return {
    name: `5-step run on AWS stand-ins, ${at} at a time`,
    unit: 'runs/s',
    value: round(median(rates.ours)),
    spread: spreadOf(rates.ours),
    reference: { what: `bare (${calls} calls)`, value: round(bare), ratio },
    budget: atLeast(0.6, ratio, '× bare'),
  }
}
