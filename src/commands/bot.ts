import { join } from 'node:path'
import { actions } from '../actions/index.ts'
import { createApp, type App, type AppOptions } from '../app.ts'
import type { Config, SlackConfig } from '../config/config.ts'
import { outlineOf } from '../config/outline.ts'
import type { Firebreak } from '../core/app.ts'
import { type Fact, runEnds } from '../core/fact.ts'
import { SOCKET_NAME, type DoctorPart } from '../core/wire.ts'
import type { Log } from '../log.ts'
import { startControl, type ControlServer } from '../surfaces/api/control.ts'
import { startHttp, type HttpServer } from '../surfaces/api/http.ts'
import { doctor } from './doctor.ts'
import { loadAll } from './files.ts'
import { openOutside, type Outside } from './outside.ts'
import { version } from './version.ts'

export type Bot = {
  readonly app: App
  /** Where alerts are posted to. */
  readonly url: string
  readonly close: () => Promise<void>
}

export type Closing = { readonly close: () => Promise<void> }

/** A log line at least this often says how much is proved, even when nothing happens (DESIGN section 9). */
const CHECKPOINT_MS = 60 * 60_000

export type Setting = {
  readonly config: Config
  /** Where the journal lies, or what belongs to it beside a database: the signing key. */
  readonly state: string
  /** Where clients look for the control socket; the state folder when absent. */
  readonly control?: string
  readonly log: Log
} & Pick<AppOptions, 'breakGlass' | 'lost'>

/** Starts the whole bot: journal, surfaces, then the runs that are open. */
export async function startBot(config: Config, state: string, log: Log): Promise<Bot> {
  const setting = { config, state, log }
  return showApp(await openApp(setting, loadPlaybooks(setting)), setting)
}

/** Says once what is probably not meant. */
export function loadPlaybooks({ config, log }: Setting): AppOptions['playbooks'] {
  for (const { message, file, line } of config.warnings) log.warn({ file, line }, message)
  const { playbooks, diagnostics } = loadAll(config.playbooks, outlineOf(config))
  for (const { message, file, line } of diagnostics) log.warn({ file, line }, message)
  return playbooks
}

/** The bot without its surfaces. Nothing is taken up yet. */
export function openApp(setting: Setting, playbooks: AppOptions['playbooks']): Promise<App> {
  return createApp({ ...setting, actions, playbooks, clock: { now: Date.now } })
}

/** Takes up the runs that are open, and opens the surfaces. */
export async function showApp(app: App, { config, state, control = state, log }: Setting): Promise<Bot> {
  const outside = openOutside(app, { config, log })
  const parts: Closing[] = [{ close: app.close }, outside, keepCheckpoints(app, log, outside.keep)]
  await outside.compared
  // At once: what a crash left in doubt does not wait for Slack.
  app.recover()
  try {
    const slack = config.slack ? await openSlack(app, config.slack, { log, outside }) : undefined
    if (slack) parts.push(slack)
    const door: Door = { app: app.firebreak, journal: app.journalPart, slack, outside }
    const http = await openHttp(door, config, log)
    parts.push(http)
    parts.push(await openControl(door, config, { control, log }))
    return { app, url: http.url, close: () => closeAll(parts) }
  } catch (error) {
    await closeAll(parts)
    throw error
  }
}

/** Surfaces first, the journal last. */
export async function closeAll(parts: readonly Closing[]): Promise<void> {
  for (const part of parts.toReversed()) {
    // oxlint-disable-next-line no-await-in-loop -- the order matters
    await part.close()
  }
}

async function openSlack(
  app: App,
  config: SlackConfig,
  { log, outside }: { readonly log: Log; readonly outside: Outside },
) {
  const { startSlackSurface } = await import('../surfaces/slack/surface.ts')
  const elect = (onElected: () => void) => app.elect('slack', onElected)
  const connected = Promise.withResolvers<void>()
  const slack = await startSlackSurface({
    app: app.firebreak,
    config,
    log,
    onConnected: connected.resolve,
    ...(app.alone ? {} : { elect }),
  })
  void connected.promise.then(() => outside.useSlack(slack.anchors))
  app.useDirectory(slack.directory)
  return slack
}

/** What the surfaces of a bot, or of one that waits for its journal, are given. */
export type Door = {
  readonly app: Firebreak
  readonly journal: () => Promise<DoctorPart>
  readonly slack: { readonly ready: () => boolean } | undefined
  /** Absent where the journal is not there yet. */
  readonly outside?: Pick<Outside, 'doctor' | 'health'>
}

export function openHttp(
  { app, journal, slack, outside }: Door,
  config: Config,
  log: Log,
): Promise<HttpServer> {
  const { host, port } = config.listen
  const sources = Object.entries(config.alerts.sources).map(
    ([name, source]) => [name, 'token' in source ? { token: source.token } : {}] as const,
  )
  const health = async () => {
    const { ok, detail } = await journal()
    const connected = slack?.ready() ?? config.slack === undefined
    return {
      ready: ok && connected,
      parts: {
        journal: ok ? (detail ?? 'open') : (detail ?? 'not open'),
        slack: config.slack ? (connected ? 'connected' : 'not connected') : 'not configured',
        ...(outside === undefined ? {} : { anchors: outside.health() }),
      },
    }
  }
  return startHttp({ app, host, port, sources: Object.fromEntries(sources), version, health, log })
}

export function openControl(
  { app, ...asked }: Door,
  config: Config,
  { control, log }: { readonly control: string; readonly log: Log },
): Promise<ControlServer> {
  const socketPath = join(control, SOCKET_NAME)
  return startControl({ app, socketPath, version, doctor: () => doctor(config, asked), log })
}

/** A checkpoint at the start, at each run's end, at each freeze and thaw, and at least hourly. */
function keepCheckpoints({ firebreak }: App, log: Log, anchor: (checkpoint: string) => void): Closing {
  const noCheckpoint = (error: unknown) => log.error({ err: error }, 'no checkpoint was kept')
  const keep = () => {
    firebreak.audit.checkpoint().then(anchor).catch(noCheckpoint)
  }
  const ends = new Set<Fact['type']>([...runEnds, 'freeze.set', 'freeze.lifted'])
  const unsubscribe = firebreak.subscribe((facts) => {
    if (facts.some(({ type }) => ends.has(type))) keep()
  })
  keep()
  const timer = setInterval(keep, CHECKPOINT_MS)
  timer.unref()
  return {
    close: async () => {
      unsubscribe()
      clearInterval(timer)
      // A journal that is gone has none to give, and must not keep the process from ending.
      await firebreak.audit.checkpoint().then(anchor).catch(noCheckpoint)
    },
  }
}
