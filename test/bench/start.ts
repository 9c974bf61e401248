import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse, stringify } from 'yaml'
import { serveBin } from './bin.ts'
import { botConfig, postAlert } from './config.ts'
import { atMost, type Figure } from './figure.ts'
import { startRemote } from './remote.ts'
import { inScratch } from './scratch.ts'
import type { SlackProcess } from './slack-process.ts'
import { round, spreadOf } from './stats.ts'
import { waitFor } from './wait.ts'
import type { World } from './world-process.ts'

const ROUNDS = 5
const IDLE_MS = 2000

/** `firebreak serve` as a process: until it is ready, and what it holds of the memory when it has nothing to do. */
export async function startFigures(): Promise<Figure[]> {
  const world = await startRemote<World>('./world-process.ts')
  const slack = await startRemote<SlackProcess>('./slack-process.ts')
  try {
    return await inScratch(async (folder) => {
      const { config, env } = await botConfig(folder, world, await slack.call('config'))
      const all = join(folder, 'all.yaml')
      writeFileSync(all, config)
      const slackOnly = join(folder, 'slack.yaml')
      writeFileSync(slackOnly, stringify({ ...parse(config), providers: {} }))
      const cache = join(folder, 'cache')
      return [
        ...(await slackOnlyFigures(slackOnly, env, cache)),
        await allFigure({ file: all, env, cache, world }),
      ]
    })
  } finally {
    await slack.close()
    await world.close()
  }
}

type Env = { readonly [name: string]: string }

async function slackOnlyFigures(file: string, env: Env, cache: string): Promise<Figure[]> {
  const ready: number[] = []
  const memory: number[] = []
  for (let i = 0; i <= ROUNDS; i++) {
    // oxlint-disable no-await-in-loop -- one start after the other
    const bot = await serveBin(file, env, cache)
    ready.push(bot.readyMs)
    if (i >= ROUNDS - 1) {
      await sleep(IDLE_MS)
      memory.push(bot.pssMb())
    }
    await bot.kill('SIGTERM')
    // oxlint-enable no-await-in-loop
  }
  const [first = NaN, ...later] = ready
  const started = spreadOf(later)
  const held = spreadOf(memory)
  return [
    {
      name: 'start to ready, with Slack',
      unit: 'ms',
      value: started.median,
      spread: started,
      budget: atMost(1200, started.median, 'ms'),
      note: `the first start, without compile cache: ${round(first)} ms`,
    },
    {
      name: 'idle memory (PSS), Slack only',
      unit: 'MB',
      value: held.median,
      spread: held,
      budget: atMost(130, held.median, 'MB'),
    },
  ]
}

type All = {
  readonly file: string
  readonly env: Env
  readonly cache: string
  readonly world: Awaited<ReturnType<typeof startRemote<World>>>
}

/** IAM, CloudTrail, Secrets Manager and Kubernetes, each used once by a run that then waits for approval. */
async function allFigure({ file, env, cache, world }: All): Promise<Figure> {
  const { keys } = await world.call('config')
  const memory: number[] = []
  for (let i = 0; i < 2; i++) {
    // oxlint-disable no-await-in-loop
    await world.call('reset')
    const bot = await serveBin(file, env, cache)
    await postAlert(bot.url, 'touching', keys[i] ?? '')
    await waitFor('a call to every provider', async () => {
      const used = await world.call('services')
      return used.length >= 4 ? used : undefined
    })
    await sleep(IDLE_MS)
    memory.push(bot.pssMb())
    await bot.kill('SIGTERM')
    // oxlint-enable no-await-in-loop
  }
  const held = spreadOf(memory)
  return {
    name: 'idle memory (PSS), Slack, AWS and Kubernetes used once',
    unit: 'MB',
    value: held.median,
    spread: held,
    budget: atMost(200, held.median, 'MB'),
  }
}
