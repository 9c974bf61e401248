import { generateLogKey } from '../../src/audit/key.ts'
import { createNotary } from '../../src/audit/notary.ts'
import type { ActionRegistry } from '../../src/core/action.ts'
import type { Fact } from '../../src/core/fact.ts'
import { system } from '../../src/core/person.ts'
import type { Store } from '../../src/core/ports.ts'
import { fold, isOver, type RunState } from '../../src/core/run.ts'
import { createEmbeddedDriver } from '../../src/engine/drivers/embedded.ts'
import type { EngineParts } from '../../src/engine/parts.ts'
import { reloadPlaybook } from '../../src/playbook/load.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { tempFolder } from './bot.ts'
import { eventually } from './eventually.ts'
import { openPolicy } from './open-policy.ts'

export type Engine = {
  readonly start: (text: string) => Promise<string>
  readonly state: (run: string) => Promise<RunState>
  /** Something outside has changed. */
  readonly wake: (run: string) => void
  readonly over: (run: string) => Promise<RunState>
  readonly facts: (run: string) => Promise<readonly Fact[]>
  /** As when the process is asked to end. */
  readonly stop: () => Promise<void>
  readonly close: () => Promise<void>
}

type Options = {
  readonly actions: ActionRegistry
  /** Stands between the engine and the journal. */
  readonly through?: (store: Store) => Store
  readonly folder?: string
  readonly published?: (facts: readonly Fact[]) => void
  readonly policy?: Partial<EngineParts['policy']>
}

/** The engine alone, on a journal of its own: for what a whole bot does not let through. */
export function startEngine({ actions, through = (store) => store, ...more }: Options): Engine {
  const clock = { now: Date.now }
  const notary = createNotary(generateLogKey('example.com/log'))
  const store = openSqlite({ folder: more.folder ?? tempFolder(), notary, clock })
  const stopping = new AbortController()
  const driver = createEmbeddedDriver({
    store: through(store),
    clock,
    actions,
    clients: { get: async () => ({}), defaultInstance: () => 'default' },
    load: (text, file) => reloadPlaybook(text, file, actions),
    policy: { ...openPolicy, ...more.policy },
    stopping: stopping.signal,
    skewMs: 0,
    log: { error: () => undefined },
    published: more.published ?? (() => undefined),
  })
  const facts = (run: string) => store.facts(run)
  const state = async (run: string) => fold(await facts(run)) ?? fail(run)
  const stop = () => {
    stopping.abort()
    return driver.stop()
  }
  return {
    facts,
    state,
    stop,
    wake: driver.wake,
    start: async (text) => {
      const { info, parseInputs } = reloadPlaybook(text, 'engine.yaml', actions)
      const { name, title, digest, because } = info
      const run = 'run1'
      const contracts = Object.fromEntries(
        Object.values(actions).map((action) => [action.name, action.contract]),
      )
      const playbook = { name, title, digest, text }
      const data = {
        mode: 'run',
        playbook,
        because,
        inputs: parseInputs({}),
        config: 'x',
        contracts,
      } as const
      await store.commit({ facts: [{ type: 'run.requested', run, n: 0, actor: system, data }] })
      driver.take(run)
      return run
    },
    over: (run) =>
      eventually(async () => {
        const now = await state(run)
        return isOver(now.status) ? now : undefined
      }),
    close: async () => {
      await stop()
      await store.close()
    },
  }
}

function fail(run: string): never {
  throw new Error(`no run ${run}`)
}
