import { join } from 'node:path'
import { createBare } from './bare.ts'
import type { BotProcess } from './bot-process.ts'
import { botConfig, postAlert } from './config.ts'
import { commitsPerSecond } from './disk.ts'
import { atMost, type Figure } from './figure.ts'
import { now, startRemote, type Remote } from './remote.ts'
import { inScratch } from './scratch.ts'
import { latencyOf, median, round } from './stats.ts'
import { waitFor } from './wait.ts'
import type { Arrival, World } from './world-process.ts'

const WARM_UP = 15
const ALERTS = 120
const APPROVALS = 60

type Setting = {
  readonly world: Remote<World>
  readonly bot: Remote<BotProcess>
  readonly url: string
  readonly key: string
}

/** From an alert, or an approval, to what is seen on the wire: bot, stand-ins and sender each in its own process. */
export async function latencyFigures(): Promise<Figure[]> {
  const world = await startRemote<World>('./world-process.ts')
  const bot = await startRemote<BotProcess>('./bot-process.ts')
  try {
    return await inScratch(async (folder) => {
      const { config, env } = await botConfig(folder, world)
      const url = await bot.call('start', { config, env, state: join(folder, 'state') })
      const { keys } = await world.call('config')
      const setting = { world, bot, url, key: keys[0] ?? '' }
      const commitMs = 1000 / commitsPerSecond(folder, 700)
      return [...(await alertFigures(setting, commitMs)), await approvalFigure(setting)]
    })
  } finally {
    await bot.close()
    await world.close()
  }
}

type Sample = {
  readonly sent: number
  readonly answered: number
  readonly accepted: number
  readonly arrivals: readonly Arrival[]
}

async function oneAlert({ world, bot, url, key }: Setting): Promise<Sample> {
  await world.call('reset')
  await bot.call('hear', ['alert.decided', 'run.succeeded', 'run.failed', 'run.parked'])
  const posted = await postAlert(url, 'containing', key)
  const marks = await bot.call('ended')
  const accepted = marks.find(({ type }) => type === 'alert.decided')?.at ?? NaN
  return { ...posted, accepted, arrivals: await world.call('arrivals') }
}

async function alertFigures(setting: Setting, commitMs: number): Promise<Figure[]> {
  const cold = await oneAlert(setting)
  const samples: Sample[] = []
  for (let i = 0; i < WARM_UP + ALERTS; i++) {
    // oxlint-disable-next-line no-await-in-loop -- one alert at a time
    const sample = await oneAlert(setting)
    if (i >= WARM_UP) samples.push(sample)
  }
  const bare = await bareMs(setting, samples[0]?.arrivals ?? [])
  const read = latencyOf(samples.map(({ accepted, arrivals }) => (arrivals[0]?.at ?? NaN) - accepted))
  const answered = latencyOf(samples.map(({ sent, answered }) => answered - sent))
  const firstRead = {
    name: 'alert accepted → first read on the wire',
    unit: 'ms',
    value: read.p50,
    spread: read,
    budget: { text: '≤ 5 ms p50, ≤ 25 ms p99', holds: read.p50 <= 5 && read.p99 <= 25 },
    note: `sent → answered p50 ${answered.p50} p99 ${answered.p99}`,
  }
  const coldRead = {
    name: 'the same for the first alert of a process (SDK not loaded yet)',
    unit: 'ms',
    value: round((cold.arrivals[0]?.at ?? NaN) - cold.accepted),
  }
  return [firstRead, coldRead, mutatingFigure(samples, bare + 3 * commitMs)]
}

function mutatingFigure(samples: readonly Sample[], reference: number): Figure {
  const spread = latencyOf(
    samples.map(({ accepted, arrivals }) => (arrivals.find(({ mutates }) => mutates)?.at ?? NaN) - accepted),
  )
  const ratio = round(spread.p50 / reference)
  return {
    name: 'alert accepted → first mutating call',
    unit: 'ms',
    value: spread.p50,
    spread,
    reference: { what: 'its calls bare + 3 commits', value: round(reference), ratio },
    budget: { text: '≤ 1.5 × reference (p50)', holds: ratio <= 1.5 },
    note: `${samples[0]?.arrivals.findIndex(({ mutates }) => mutates)} calls before it`,
  }
}

/** From the first to the arrival of the mutating call when the same calls are made directly, one after the other. */
async function bareMs({ world }: Setting, calls: readonly Arrival[]): Promise<number> {
  const { providers, env } = await world.call('config')
  const { region, endpoint, credentials } = providers.aws.sandbox
  const { accessKeyId } = credentials
  const bare = createBare({
    region,
    endpoint,
    credentials: { accessKeyId, secretAccessKey: env.BENCH_AWS_SECRET },
  })
  const times: number[] = []
  for (let i = 0; i < WARM_UP + 60; i++) {
    // oxlint-disable no-await-in-loop
    await world.call('reset')
    const began = now()
    await bare.run(calls)
    const arrivals = await world.call('arrivals')
    // oxlint-enable no-await-in-loop
    if (i >= WARM_UP) times.push((arrivals.find(({ mutates }) => mutates)?.at ?? NaN) - began)
  }
  bare.close()
  return median(times)
}

/** From the durable approval to the first call of the effect it allows: the re-plan. */
async function approvalFigure({ world, bot, url, key }: Setting): Promise<Figure> {
  const times: number[] = []
  const fromClick: number[] = []
  for (let i = 0; i < 5 + APPROVALS; i++) {
    // oxlint-disable no-await-in-loop -- one approval at a time
    await world.call('reset')
    await bot.call('hear', ['approval.requested', 'approval.given', 'run.succeeded', 'run.failed'])
    await postAlert(url, 'approved', key)
    const shown = await waitFor('a request for approval', () => bot.call('waiting'))
    const before = (await world.call('times')).length
    const { began } = await bot.call('approve', { ...shown, user: 'U0ANN' })
    const marks = await bot.call('ended')
    const given = marks.find(({ type }) => type === 'approval.given')?.at ?? NaN
    const first = (await world.call('times'))[before] ?? NaN
    // oxlint-enable no-await-in-loop
    if (i < 5) continue
    times.push(first - given)
    fromClick.push(first - began)
  }
  const spread = latencyOf(times)
  return {
    name: "approval durable → next effect's first call",
    unit: 'ms',
    value: spread.p50,
    spread,
    budget: atMost(5, spread.p50, 'ms p50'),
    note: `from the click p50 ${latencyOf(fromClick).p50}`,
  }
}
