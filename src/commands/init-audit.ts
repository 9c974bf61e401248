import { join, resolve } from 'node:path'
import { loadConfig } from '../config/load.ts'
import { KEY_FILE, makeKey } from '../app/log-key.ts'
import type { OwnerCommands } from '../surfaces/cli/deps.ts'
import { defaultConfig } from './serve.ts'

/** Where several processes share a journal they share its signing key too: one person makes it, once. */
export const initAudit: OwnerCommands['initAudit'] = async ({ config: file, state }) => {
  const config = loadConfig(file ?? defaultConfig())
  const folder = resolve(state ?? config.state)
  return { key: makeKey(folder, config.audit.origin).text, file: join(folder, KEY_FILE) }
}
