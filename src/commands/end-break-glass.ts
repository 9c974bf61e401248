import { endBreakGlass as end } from '../app/break-glass.ts'
import { loadConfig } from '../config/load.ts'
import { FirebreakError } from '../core/errors.ts'
import { createNotary } from '../audit/notary.ts'
import { openJournal } from '../app/journal.ts'
import { openKeys } from '../app/log-key.ts'
import type { OwnerCommands } from '../surfaces/cli/deps.ts'
import { defaultConfig } from './serve.ts'

const nothing = (): void => {}

/** What `serve` does by itself where the break-glass log lies in its state folder; for when it lies elsewhere. */
export const endBreakGlass: OwnerCommands['endBreakGlass'] = async ({ config: file, state }) => {
  const config = loadConfig(file ?? defaultConfig())
  const folder = state ?? config.state
  if (config.store === undefined) {
    throw new FirebreakError('usage.bad-arguments', 'there is no PostgreSQL to tell', {
      remedy: 'Name the configuration of the bots that share the journal.',
    })
  }
  const { key, previous } = openKeys(config, folder)
  const notary = createNotary(key, previous)
  const clock = { now: Date.now }
  const journal = await openJournal({ config, folder, notary, clock, published: nothing, lost: nothing })
  try {
    return { told: await end({ state: folder, audit: config.audit }, journal.store) }
  } finally {
    await journal.close()
  }
}
