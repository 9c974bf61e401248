import { join } from 'node:path'
import { actions } from '../actions/index.ts'
import { createApp, type App } from '../app.ts'
import type { Config, SlackConfig } from '../config/config.ts'
import { outlineOf } from '../config/outline.ts'
import type { Fact } from '../core/fact.ts'
import { SOCKET_NAME, type DoctorPart } from '../core/wire.ts'
import type { Log } from '../log.ts'
import { startControl } from '../surfaces/api/control.ts'
import { startHttp } from '../surfaces/api/http.ts'
import { doctor } from './doctor.ts'
import { loadAll } from './files.ts'
import { version } from './version.ts'

export type Bot = {
  readonly app: App
  /** Where alerts are posted to. */
  readonly url: string
  readonly close: () => Promise<void>
}

type Closing = { readonly close: () => Promise<void> }

/** A log line at least this often says how much is proved, even when nothing happens (DESIGN section 9). */
const CHECKPOINT_MS = 60 * 60_000

/** Starts the whole bot: journal, surfaces, then the runs that are open. */
export async function startBot(config: Config, state: string, log: Log): Promise<Bot> {
  for (const { message, file, line } of config.warnings) log.warn({ file, line }, message)
  const { playbooks, diagnostics } = loadAll(config.playbooks, outlineOf(config))
  for (const { message, file, line } of diagnostics) log.warn({ file, line }, message)
  const app = await createApp({ config, actions, playbooks, state, clock: { now: Date.now }, log })
  const parts: Closing[] = [{ close: app.close }, keepCheckpoints(app, log)]
  // At once: what a crash left in doubt does not wait for Slack.
  app.recover()
  try {
    const slack = config.slack ? await openSlack(app, config.slack, log) : undefined
    if (slack) parts.push(slack)
    const http = await openHttp(app, config, { log, ready: () => slack?.ready() ?? true })
    parts.push(http)
    const socketPath = join(state, SOCKET_NAME)
    const report = (): Promise<DoctorPart[]> => doctor(config, slack)
    parts.push(await startControl({ app: app.firebreak, socketPath, version, doctor: report, log }))
    return { app, url: http.url, close: () => closeAll(parts) }
  } catch (error) {
    await closeAll(parts)
    throw error
  }
}

/** Surfaces first, the journal last. */
async function closeAll(parts: readonly Closing[]): Promise<void> {
  for (const part of parts.toReversed()) {
    // oxlint-disable-next-line no-await-in-loop -- the order matters
    await part.close()
  }
}

async function openSlack(app: App, config: SlackConfig, log: Log) {
  const { startSlackSurface } = await import('../surfaces/slack/surface.ts')
  const slack = await startSlackSurface({ app: app.firebreak, config, log })
  app.useDirectory(slack.directory)
  return slack
}

function openHttp(app: App, config: Config, { log, ready }: { log: Log; ready: () => boolean }) {
  const { host, port } = config.listen
  const sources = Object.entries(config.alerts.sources).map(
    ([name, source]) => [name, 'token' in source ? { token: source.token } : {}] as const,
  )
  const health = () => ({
    ready: ready(),
    parts: {
      journal: 'open',
      slack: config.slack ? (ready() ? 'connected' : 'not connected') : 'not configured',
    },
  })
  return startHttp({
    app: app.firebreak,
    host,
    port,
    sources: Object.fromEntries(sources),
    version,
    health,
    log,
  })
}

/** A checkpoint at each run's end and at least hourly. */
function keepCheckpoints({ firebreak }: App, log: Log): Closing {
  const keep = () => {
    firebreak.audit
      .checkpoint()
      .catch((error: unknown) => log.error({ err: error }, 'no checkpoint was kept'))
  }
  const ends = new Set<Fact['type']>([
    'run.succeeded',
    'run.failed',
    'run.cancelled',
    'run.rejected',
    'run.expired',
  ])
  const unsubscribe = firebreak.subscribe((facts) => {
    if (facts.some(({ type }) => ends.has(type))) keep()
  })
  const timer = setInterval(keep, CHECKPOINT_MS)
  timer.unref()
  return {
    close: async () => {
      unsubscribe()
      clearInterval(timer)
      await firebreak.audit.checkpoint()
    },
  }
}
