import type { LogKey } from '../audit/key.ts'
import { recordLoaded } from '../bot/loaded.ts'
import type { BotParts } from '../bot/parts.ts'
import { type BreakGlass, endBreakGlass } from './break-glass.ts'
import type { Driver } from '../engine/driver.ts'
import type { Journal } from './journal.ts'
import { openLog } from './log-key.ts'
import { refuseOtherKey } from './own-key.ts'

type Joining = {
  readonly journal: Journal
  readonly driver: Driver
  readonly parts: BotParts
  readonly folder: string
  readonly breakGlass: BreakGlass | undefined
}

/** The log must be ours, and know of what was done without it, before anything is done. */
export async function join(
  { journal, driver, parts, folder, breakGlass }: Joining,
  key: LogKey,
): Promise<void> {
  const { config, log } = parts
  const { store } = journal
  try {
    await openLog(store, key, { breakGlass, channel: config.slack?.channel })
    await refuseOtherKey(store, key)
    const tells = config.store !== undefined && store.moved === undefined
    const told = tells ? await endBreakGlass({ state: folder, audit: config.audit }, store) : []
    for (const reason of told) log.error({ reason }, 'people acted without this log: it is frozen')
    if (store.moved === undefined) await recordLoaded(parts)
    await journal.join()
  } catch (error) {
    await Promise.allSettled([driver.stop()])
    await Promise.allSettled([journal.close()])
    throw error
  }
}
