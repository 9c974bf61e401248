// The bot as a value: every part wired together, no surface yet. Read this file first.
import type { ActionRegistry } from './core/action.ts'
import type { Firebreak } from './core/app.ts'
import type { Clock, Directory } from './core/ports.ts'
import { scrubbedStore } from './core/scrub/store.ts'
import type { Config } from './config/config.ts'
import type { Playbook } from './playbook/playbook.ts'
import type { DoctorPart } from './core/wire.ts'
import type { AtBoundary } from './engine/boundary.ts'
import type { LogKey } from './audit/key.ts'
import { createNotary } from './audit/notary.ts'
import { createKeeper } from './bot/containments/keeper.ts'
import { createCustody, type Custody } from './bot/custody.ts'
import { createFirebreak } from './bot/firebreak.ts'
import { createLibrary } from './bot/library.ts'
import type { BotParts, Log } from './bot/parts.ts'
import { openJournal, type Journal } from './app/journal.ts'
import { type BreakGlass } from './app/break-glass.ts'
import { journalPart } from './app/journal-part.ts'
import { openKeys } from './app/log-key.ts'
import { createHearing } from './app/hearing.ts'
import { engineParts } from './app/engine-parts.ts'
import { createPeople } from './app/people.ts'
import { createNotes } from './app/notes.ts'
import { join } from './app/join.ts'

export type AppOptions = {
  readonly config: Config
  readonly actions: ActionRegistry
  readonly playbooks: ReadonlyMap<string, Playbook>
  /** State folder; the configured one when absent. */
  readonly state?: string
  readonly clock: Clock
  readonly log: Log
  /** Whoever may open the state folder may start runs (`run --local`, rehearsals), and approve nothing by that. */
  readonly localOwner?: boolean
  /** The log is not the usual one: why, and how it is tied to that one. */
  readonly breakGlass?: BreakGlass
  /** What to do when the others take this process for dead; ending it when absent. */
  readonly lost?: (cause: unknown) => void
  /** For tests, which let a process die or hang at a named place. */
  readonly boundary?: AtBoundary
}

/** sysexits.h: an internal error; whoever supervises the process starts it again. */
const EX_SOFTWARE = 70

export type App = {
  readonly firebreak: Firebreak
  /** Takes up every open run and every live containment. Called once the surfaces are there. */
  readonly recover: () => void
  readonly alone: Journal['alone']
  readonly elect: Journal['elect']
  /** Who Slack says people are; set when Slack is connected. */
  readonly useDirectory: (directory: Directory) => void
  readonly key: LogKey
  readonly custody: Custody
  /** Whether the journal could be written to now, as `doctor` says it. */
  readonly journalPart: () => Promise<DoctorPart>
  readonly close: () => Promise<void>
}

export async function createApp(options: AppOptions): Promise<App> {
  const { localOwner = false, breakGlass, state, lost = endAtOnce(options.log), ...given } = options
  const folder = state ?? options.config.state
  const { key, previous } = openKeys(options.config, folder)
  const { listeners, published } = createHearing(options.log)
  const notary = createNotary(key, previous)
  const journal = await openJournal({ ...given, folder, notary, published, lost })
  const stopping = new AbortController()
  const { useDirectory, ...people } = createPeople({ ...given, localOwner, stopping: stopping.signal })
  const library = createLibrary(options.actions)
  const store = scrubbedStore(journal.store)
  const shared = { ...given, ...people, store, library, published, skewMs: journal.skewMs }
  const driver = journal.createDriver(engineParts({ ...shared, stopping: stopping.signal }))
  const parts: BotParts = { ...shared, driver, localOwner, notes: createNotes(journal, breakGlass) }
  const keeper = createKeeper(parts)
  listeners.add(keeper.hear)
  listeners.add((facts) => driver.noticed?.(facts))
  const custody = createCustody(parts, { key, folder })
  await join({ journal, driver, parts, folder, breakGlass }, key)
  return {
    firebreak: createFirebreak(parts, { key, folder, listeners, anchors: custody.anchors }),
    journalPart: () => journalPart({ store, config: options.config, folder, breakGlass }),
    recover: () => {
      // The log goes on elsewhere, and so do its runs.
      if (store.moved !== undefined) return
      driver.recover()
      keeper.start()
    },
    alone: journal.alone,
    elect: journal.elect,
    useDirectory,
    key,
    custody,
    close: async () => {
      stopping.abort()
      await keeper.stop()
      await driver.stop()
      await journal.close()
    },
  }
}

/** The others take this process for dead and carry on with its runs: whatever it still did would be done twice. */
function endAtOnce(log: Log): (cause: unknown) => void {
  return (cause) => {
    log.error({ err: cause }, 'the lock of this process is lost; it ends, and the others take its runs over')
    process.exit(EX_SOFTWARE)
  }
}
