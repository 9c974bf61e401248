import { setTimeout as sleep } from 'node:timers/promises'
import type { App } from '../app.ts'
import { type FirebreakError, isFirebreakError } from '../core/errors.ts'
import { failedPart } from '../app/journal-part.ts'
import { absentFirebreak } from './absent.ts'
import {
  closeAll,
  loadPlaybooks,
  openApp,
  openControl,
  openHttp,
  type Closing,
  type Door,
  type Setting,
} from './bot.ts'

/** As often as a server that restarts is looked for. */
const RETRY_MS = 1000

/**
 * Opens the bot. Where PostgreSQL cannot be reached nothing is done, and the surfaces say so until it is back: alerts are
 * answered so that their senders come again. Undefined when the process is told to stop meanwhile.
 */
export async function openWhenThere(setting: Setting, signal: AbortSignal): Promise<App | undefined> {
  const playbooks = loadPlaybooks(setting)
  const open = () => openApp(setting, playbooks)
  try {
    return await open()
  } catch (error) {
    if (!isAway(setting, error)) throw error
    return await wait({ setting, signal, open }, error)
  }
}

function isAway({ config }: Setting, error: unknown): error is FirebreakError {
  return config.store !== undefined && isFirebreakError(error, 'store.unavailable')
}

type Waiting = {
  readonly setting: Setting
  readonly signal: AbortSignal
  readonly open: () => Promise<App>
}

async function wait({ setting, signal, open }: Waiting, first: FirebreakError): Promise<App | undefined> {
  const { log } = setting
  let cause = first
  log.error({ err: cause }, 'the journal cannot be reached: nothing is done until it is back')
  const surfaces = await openSurfaces(setting, () => cause)
  try {
    while (!signal.aborted) {
      // oxlint-disable-next-line no-await-in-loop -- until it is there
      await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined)
      try {
        // oxlint-disable-next-line no-await-in-loop
        if (!signal.aborted) return await open()
      } catch (error) {
        if (!isAway(setting, error)) throw error
        cause = error
      }
    }
    return undefined
  } finally {
    await closeAll(surfaces)
  }
}

async function openSurfaces(setting: Setting, why: () => FirebreakError): Promise<Closing[]> {
  const { config, state, control = state, log } = setting
  const app = absentFirebreak(config, why)
  const opened: Closing[] = []
  try {
    const slack = await openSlack(setting, app)
    if (slack) opened.push(slack)
    const journal = async () => failedPart('PostgreSQL', why())
    const door: Door = { app, journal, slack }
    opened.push(await openHttp(door, config, log))
    opened.push(await openControl(door, config, { control, log }))
    return opened
  } catch (error) {
    await closeAll(opened)
    throw error
  }
}

/** Every process that waits speaks: which of them is the one to do so is written where nobody can read it now. */
async function openSlack({ config, log }: Setting, app: Door['app']) {
  if (config.slack === undefined) return undefined
  const { startSlackSurface } = await import('../surfaces/slack/surface.ts')
  return startSlackSurface({ app, config: config.slack, log })
}
