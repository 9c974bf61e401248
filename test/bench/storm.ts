import { Agent, request } from 'node:http'
import { join } from 'node:path'
import type { BotProcess } from './bot-process.ts'
import { atLeast, type Figure } from './figure.ts'
import { botConfig } from './config.ts'
import { startRemote, type Remote } from './remote.ts'
import { rateOf } from './runs.ts'
import { inScratch } from './scratch.ts'
import { median, round, spreadOf } from './stats.ts'
import type { World } from './world-process.ts'

const ROUNDS = 3
const MS = 2000
const CONNECTIONS = 32
/** Alertmanager groups what fires together: some tens of alerts in one message. */
const BATCH = 20

/** Storms of alerts over 32 connections; afterwards the journal is counted and verified. */
export async function stormFigures(): Promise<Figure[]> {
  const world = await startRemote<World>('./world-process.ts')
  const bot = await startRemote<BotProcess>('./bot-process.ts')
  try {
    return await inScratch(async (folder) => {
      const { config, env } = await botConfig(folder, world)
      const url = await bot.call('start', { config, env, state: join(folder, 'state') })
      const batches = await storm(bot, { url, name: 'Batched', batch: BATCH })
      const singles = await storm(bot, { url, name: 'Single', batch: 1 })
      return [batches, { ...singles, budget: undefined }, await verifyFigure(bot)].map(plain)
    })
  } finally {
    await bot.close()
    await world.close()
  }
}

/** Without the keys that are undefined. */
function plain(figure: { [K in keyof Figure]: Figure[K] | undefined }): Figure {
  return Object.fromEntries(Object.entries(figure).filter(([, part]) => part !== undefined)) as Figure
}

type Storm = { readonly url: string; readonly name: string; readonly batch: number }

async function storm(bot: Remote<BotProcess>, { url, name, batch }: Storm): Promise<Figure> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  let sent = 0
  const send = async () => {
    const alerts = Array.from({ length: batch }, () => alertOf(name, ++sent))
    await post(agent, url, JSON.stringify({ ...envelope, alerts }))
  }
  const rates: number[] = []
  for (let i = 0; i < ROUNDS; i++) {
    // oxlint-disable-next-line no-await-in-loop -- one round after the other
    rates.push(batch * (await rateOf({ at: CONNECTIONS, ms: MS }, send)))
  }
  agent.destroy()
  const kept = await bot.call('decided', name)
  const value = median(rates)
  const { text, holds } = atLeast(2000, value, 'alerts/s, none lost')
  return {
    name: `alerts accepted durably, ${batch} in a message`,
    unit: 'alerts/s',
    value: round(value),
    spread: spreadOf(rates),
    budget: { text, holds: holds && kept === sent },
    note: `${sent} sent, ${kept} decided in the journal`,
  }
}

/** What Alertmanager 0.28 sends around its alerts. */
const envelope = {
  receiver: 'firebreak',
  status: 'firing',
  groupLabels: { alertname: 'Bench' },
  commonLabels: { severity: 'warning' },
  commonAnnotations: {},
  externalURL: 'http://alertmanager.example:9093',
  version: '4',
  groupKey: '{}:{alertname="Bench"}',
  truncatedAlerts: 0,
}

function alertOf(alertname: string, n: number): object {
  return {
    status: 'firing',
    labels: { alertname, severity: 'warning', namespace: 'inference', pod: `gpu-server-${n}`, gpu: '4' },
    annotations: { summary: 'GPU memory above 95 %', description: 'Memory of the GPU has been above 95 %.' },
    startsAt: '2026-11-23T00:02:16.271Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus.example:9090/graph?g0.expr=up&g0.tab=1',
    fingerprint: n.toString(16).padStart(16, '0'),
  }
}

async function post(agent: Agent, url: string, body: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  const sending = request(`${url}/alerts/alertmanager`, { agent, method: 'POST', headers }, (response) => {
    response.resume()
    response.once('end', () => resolve(response.statusCode ?? 0))
  })
  sending.once('error', reject)
  sending.end(body)
  const status = await promise
  if (status !== 200) throw new Error(`alerts were answered ${status}`)
}

/** The journal of the storms, read from its file and verified by the running bot. */
async function verifyFigure(bot: Remote<BotProcess>): Promise<Figure> {
  const rates: number[] = []
  let size = 0
  for (let i = 0; i < ROUNDS; i++) {
    // oxlint-disable-next-line no-await-in-loop
    const verified = await bot.call('verify')
    size = verified.size
    rates.push((size * 1000) / verified.ms)
  }
  return {
    name: 'audit verify of a running bot, from its journal',
    unit: 'entries/s',
    value: round(median(rates)),
    spread: spreadOf(rates),
    budget: atLeast(300_000, median(rates), 'entries/s'),
    note: `${size} entries`,
  }
}
