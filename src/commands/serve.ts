import { once } from 'node:events'
import { loadConfig } from '../config/load.ts'
import { createLog } from '../log.ts'
import type { OwnerCommands } from '../surfaces/cli/deps.ts'
import { startBot } from './bot.ts'

/** The file that is read when none is named. */
export function defaultConfig(): string {
  return process.env['FIREBREAK_CONFIG'] ?? 'firebreak.yaml'
}

/** Runs the bot until it is told to stop, then lets what is under way end. */
export const serve: OwnerCommands['serve'] = async ({ config: file, state, signal }) => {
  const config = loadConfig(file ?? defaultConfig())
  const log = createLog(process.env['FIREBREAK_LOG_LEVEL'] ?? 'info')
  const bot = await startBot(config, state ?? config.state, log)
  log.info({ url: bot.url }, 'ready')
  if (!signal.aborted) await once(signal, 'abort')
  log.info({}, 'stopping: what is under way ends, nothing new begins')
  await bot.close()
}
