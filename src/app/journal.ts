// Where the journal is, and who carries its runs forward: in a folder of this machine by one process, or on PostgreSQL by several.
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { Fact } from '../core/fact.ts'
import type { Clock, Notary, SharedStore, Store } from '../core/ports.ts'
import type { Config } from '../config/config.ts'
import type { Driver } from '../engine/driver.ts'
import { createDbosDriver, type SharedDriver } from '../engine/drivers/dbos.ts'
import { createEmbeddedDriver } from '../engine/drivers/embedded.ts'
import { PROTOCOL } from '../engine/drivers/workflows.ts'
import type { EngineParts } from '../engine/parts.ts'
import { SKEW_MS } from '../store/postgres/replicas.ts'
import { openSqlite } from '../store/sqlite.ts'

export type Journal = {
  readonly store: Store
  readonly createDriver: (parts: EngineParts) => Driver
  /** Joins the other processes, if there are any. Afterwards runs may be taken up. */
  readonly join: () => Promise<void>
  /** How far apart the clocks of the processes that share it may be. */
  readonly skewMs: number
  /** Nobody else can open this journal. */
  readonly alone: boolean
  /** Calls when this process is the only one that does this: showing runs in Slack, sending the log to sinks. */
  readonly elect: (duty: string, onElected: () => void) => void
  /** The protocol of an open run that this program does not speak: processes of another version go on with it. */
  readonly foreign: (run: string) => Promise<number | undefined>
  /** After the driver has stopped. */
  readonly close: () => Promise<void>
}

type Options = {
  readonly config: Pick<Config, 'store'>
  readonly folder: string
  readonly notary: Notary
  readonly clock: Clock
  /** Facts that other processes have committed. */
  readonly published: (facts: readonly Fact[]) => void
  /** The others take this process for dead: it must end at once. */
  readonly lost: (cause: unknown) => void
}

export async function openJournal(options: Options): Promise<Journal> {
  const { store } = options.config
  return store === undefined ? openEmbedded(options) : openShared(options, store.url.reveal())
}

/** Whether the database of the configuration would take a commit now. */
export async function canCommit({ store }: Options['config']): Promise<boolean> {
  if (store === undefined) return false
  const { canCommitTo } = await import('../store/postgres/reach.ts')
  return canCommitTo(store.url.reveal())
}

function openEmbedded({ folder, notary, clock }: Options): Journal {
  const store = openSqlite({ folder, notary, clock })
  return {
    store,
    skewMs: 0,
    alone: true,
    createDriver: createEmbeddedDriver,
    join: () => Promise.resolve(),
    // There is nobody else.
    elect: (_duty, onElected) => onElected(),
    foreign: async () => undefined,
    close: store.close,
  }
}

async function openShared({ notary, clock, published, lost }: Options, url: string): Promise<Journal> {
  const { openPostgres } = await import('../store/postgres.ts')
  const executor = `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`
  const shared: SharedStore = await openPostgres({ url, executor, notary, clock, protocols: [PROTOCOL] })
  const { alone } = await import('../store/postgres/alone.ts')
  const { joinPeers } = await import('../store/postgres/peers.ts')
  let driver: SharedDriver | undefined
  let peers: Awaited<ReturnType<typeof joinPeers>> | undefined
  return {
    store: shared.store,
    skewMs: SKEW_MS,
    alone: false,
    createDriver: (parts) =>
      (driver = createDbosDriver(parts, shared.rota, {
        url,
        executor,
        alone: (work) => alone({ url, executor }, 'engine', work),
      })),
    join: async () => {
      shared.tail((facts) => {
        driver?.hear(facts)
        published(facts)
      })
      // The lock comes first: whoever begins work without it could not be taken over.
      peers = await joinPeers({
        url,
        executor,
        protocol: PROTOCOL,
        onLost: lost,
        onDead: async (dead) => driver?.takeOver(dead),
      })
      // Where a log has been moved away from there is nothing to carry forward.
      if (shared.store.moved === undefined) await driver?.launch()
    },
    elect: (duty, onElected) => peers?.leader(duty, onElected),
    foreign: shared.rota.foreign,
    close: async () => {
      // Who cannot say goodbye is missed all the same: its lock ends with its session.
      await Promise.allSettled([peers?.leave()])
      await shared.store.close()
    },
  }
}
