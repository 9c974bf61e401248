// The bot as a value: every part wired together, no surface yet. Read this file first.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ActionRegistry } from './core/action.ts'
import type { Firebreak } from './core/app.ts'
import { FirebreakError } from './core/errors.ts'
import type { Fact } from './core/fact.ts'
import { system } from './core/person.ts'
import type { Clock, Directory, Store } from './core/ports.ts'
import type { AnyProvider } from './core/provider.ts'
import type { Config } from './config/config.ts'
import { neverTouch } from './policy/never-touch.ts'
import type { Playbook } from './playbook/playbook.ts'
import { createEmbeddedDriver, type Driver } from './engine/drivers/embedded.ts'
import { createClients } from './providers/clients.ts'
import { openSqlite } from './store/sqlite.ts'
import { SCHEMA_VERSION } from './store/schema.ts'
import { createNotary } from './audit/notary.ts'
import { createKeyFile, readKeyFile } from './audit/key-file.ts'
import { generateLogKey, type LogKey } from './audit/key.ts'
import { createFirebreak } from './bot/firebreak.ts'
import { judgeGate } from './bot/gate.ts'
import { createLibrary } from './bot/library.ts'
import type { BotParts, Log } from './bot/parts.ts'
import { createStandings } from './bot/standings.ts'

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
}

export type App = {
  readonly firebreak: Firebreak
  /** Takes up every open run. Called once the surfaces are there. */
  readonly recover: () => void
  /** Who Slack says people are; set when Slack is connected. */
  readonly useDirectory: (directory: Directory) => void
  readonly key: LogKey
  readonly close: () => Promise<void>
}

export async function createApp(options: AppOptions): Promise<App> {
  const { localOwner = false, state: _, ...given } = options
  const { config, clock, log } = given
  const folder = options.state ?? config.state
  const key = openKey(folder, config.audit.origin)
  const store = openSqlite({ folder, notary: createNotary(key), clock })
  const listeners = new Set<(facts: readonly Fact[]) => void>()
  const published = (facts: readonly Fact[]) => {
    for (const listener of listeners) notify(listener, facts, log)
  }
  let directory: Directory | undefined
  const arrived = Promise.withResolvers<void>()
  // Who runs `run --local` has no Slack beside them, whatever the configuration says.
  const arrival = config.slack === undefined || localOwner ? {} : { arrival: arrived.promise }
  const standings = createStandings({ directory: () => directory, clock, ...arrival })
  const stopping = new AbortController()
  const library = createLibrary(options.actions)
  const driver = createDriver(options, { store, published, standings, library, stopping: stopping.signal })
  const parts: BotParts = { ...given, store, driver, library, standings, localOwner, published }
  await openLog(store, key)
  return {
    firebreak: createFirebreak(parts, { key, folder, listeners }),
    recover: driver.recover,
    useDirectory: (given) => {
      directory = given
      arrived.resolve()
      void standings.refresh(config.people)
    },
    key,
    close: async () => {
      stopping.abort()
      await driver.stop()
      await store.close()
    },
  }
}

/** A surface that fails must not fail the run that it shows. */
function notify(listener: (facts: readonly Fact[]) => void, facts: readonly Fact[], log: Log): void {
  try {
    listener(facts)
  } catch (error) {
    log.error({ err: error }, 'a surface failed')
  }
}

/** The log's signing key, made on first use: embedded, one process owns folder, journal and key. */
function openKey(folder: string, origin: string): LogKey {
  const path = join(folder, 'log.key')
  if (!existsSync(path)) makeKey(folder, origin)
  return readKeyFile(path, origin)
}

function makeKey(folder: string, origin: string): void {
  const key = generateLogKey(origin)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    // For auditors: what verifies the log without this machine.
    writeFileSync(join(folder, 'log.vkey'), `${key.text}\n`)
    createKeyFile(join(folder, 'log.key'), key)
  } catch (cause) {
    throw new FirebreakError('store.unavailable', `The state folder ${folder} cannot be written`, {
      remedy: 'Check that the folder and its parent are writable and that the disk is not full.',
      cause,
    })
  }
}

async function openLog(store: Store, key: LogKey): Promise<void> {
  for (const _ of store.entries()) return
  const data = { origin: key.name, key: key.text, schema: SCHEMA_VERSION }
  await store.commit({ facts: [{ type: 'log.opened', actor: system, data }] })
}

type Wiring = Pick<BotParts, 'store' | 'published' | 'standings' | 'library'> & {
  readonly stopping: AbortSignal
}

function createDriver({ config, actions, clock, log }: AppOptions, wiring: Wiring): Driver {
  const providers: AnyProvider[] = [...new Set(Object.values(actions).map(({ provider }) => provider))]
  return createEmbeddedDriver({
    store: wiring.store,
    clock,
    actions,
    log,
    published: wiring.published,
    stopping: wiring.stopping,
    clients: createClients(providers, {
      ...config.providers,
      slack: { default: {} },
      firebreak: { default: {} },
    }),
    load: wiring.library.load,
    policy: {
      neverTouch: (target) =>
        neverTouch(target, { rules: config.guardrails.neverTouch, own: ownIdentities(config) })?.reason,
      gate: (run, approval, gate) =>
        judgeGate({ config, clock, standings: wiring.standings }, run, { approval, gate }),
    },
  })
}

/** The access keys that the bot itself signs with. Actions refuse what they can tell by themselves, such as a role's key. */
function ownIdentities(config: Config): string[] {
  return Object.values(config.providers.aws).flatMap(({ credentials }) => {
    if (typeof credentials !== 'object' || credentials === null || !('accessKeyId' in credentials)) return []
    const { accessKeyId } = credentials
    return typeof accessKeyId === 'string' ? [accessKeyId] : []
  })
}
