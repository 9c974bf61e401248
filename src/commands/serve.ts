import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { enterBreakGlass } from '../app/break-glass.ts'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import { FirebreakError } from '../core/errors.ts'
import { SOCKET_NAME } from '../core/wire.ts'
import { createLog, type Log } from '../log.ts'
import { canCommit } from '../app/journal.ts'
import type { OwnerCommands, ServeOptions } from '../surfaces/cli/deps.ts'
import { showApp, type Setting } from './bot.ts'
import { openWhenThere } from './waiting.ts'

/** The file that is read when none is named. */
export function defaultConfig(): string {
  return process.env['FIREBREAK_CONFIG'] ?? 'firebreak.yaml'
}

/** Runs the bot until it is told to stop, then lets what is under way end. */
export const serve: OwnerCommands['serve'] = async ({ config: file, state, signal, breakGlass }) => {
  const loaded = loadConfig(file ?? defaultConfig())
  const config = state === undefined ? loaded : { ...loaded, state }
  const log = createLog(process.env['FIREBREAK_LOG_LEVEL'] ?? 'info')
  const setting = breakGlass === undefined ? usual(config, log) : await broken(config, log, breakGlass)
  const app = await openWhenThere(setting, signal)
  if (app === undefined) return
  const bot = await showApp(app, setting)
  log.info({ url: bot.url }, 'ready')
  if (!signal.aborted) await once(signal, 'abort')
  log.info({}, 'stopping: what is under way ends, nothing new begins')
  await bot.close()
}

function usual(config: Config, log: Log): Setting {
  return { config, state: config.state, log, lost: beginAnew(log) }
}

type Glass = NonNullable<ServeOptions['breakGlass']>

async function broken(config: Config, log: Log, { reason, checkpoint }: Glass): Promise<Setting> {
  if (await canCommit(config)) {
    throw new FirebreakError('store.not-broken', 'The usual journal can be reached and written to', {
      remedy: 'Start with plain `firebreak serve`. Two bots on two logs would act on the same systems.',
    })
  }
  if (await isAnswered(join(config.state, SOCKET_NAME))) {
    throw new FirebreakError(
      'store.not-broken',
      `The usual bot still runs on the state folder ${config.state}`,
      {
        remedy:
          'Stop it, here and on every other machine: when PostgreSQL is back it would act beside this one.',
      },
    )
  }
  const clock = { now: Date.now }
  const entered = enterBreakGlass(config, {
    reason,
    clock,
    ...(checkpoint === undefined ? {} : { checkpoint }),
  })
  log.error({ reason, folder: entered.config.state, known: entered.breakGlass.checkpoint }, 'BREAK-GLASS')
  // Clients look where they always look.
  return { ...entered, state: entered.config.state, control: config.state, log }
}

function isAnswered(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect(path)
  socket.once('connect', () => resolve(true))
  socket.once('error', () => resolve(false))
  return promise.finally(() => socket.destroy())
}

/**
 * The others take this process for dead and carry on with its runs: whatever it still did would be done twice. It ends at
 * once, and begins anew under its old number, so that nobody need be there to start it again.
 */
function beginAnew(log: Log): (cause: unknown) => void {
  return (cause) => {
    log.error({ err: cause }, 'the lock of this process is lost: it ends, and begins anew')
    const [, ...argv] = process.argv
    try {
      process.execve?.(process.execPath, [process.execPath, ...process.execArgv, ...argv], process.env)
    } catch (error) {
      log.error({ err: error }, 'it could not begin anew')
    }
    process.exit(EX_SOFTWARE)
  }
}

/** sysexits.h: an internal error; whoever supervises the process starts it again. */
const EX_SOFTWARE = 70
