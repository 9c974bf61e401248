import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateLogKey } from '../../../src/audit/key.ts'
import { createNotary } from '../../../src/audit/notary.ts'
import type { Fact, FactType } from '../../../src/core/fact.ts'
import type { Clock, Commit, Guards, Rota, Store } from '../../../src/core/ports.ts'
import { openSqlite } from '../../../src/store/sqlite.ts'
import { SharedRota } from './rota.ts'
import type { Turns } from './turns.ts'

/** Guards of a commit that a test may take away, to see what happens without them. */
const guardNames = ['thawed', 'claim', 'spend', 'frozenSince', 'reviewed', 'hold'] as const
export type GuardName = (typeof guardNames)[number]

/** A commit as it was made: by whom, when, and from when on whoever made it could have known better. */
export type Committed = {
  readonly who: string
  readonly moment: number
  readonly since: number
  /** When somebody who decides began to. */
  readonly began: number
  readonly facts: readonly Fact[]
}

export type Caller = {
  readonly who: string
  /** What the caller judged these facts by is as old as this moment. */
  readonly since: (commit: Commit) => number
  /** Also what it reads of guardrails waits for its turn. */
  readonly reads: boolean
}

type Options = {
  readonly turns: Turns
  readonly clock: Clock
  readonly without: string | undefined
  readonly committed: (by: Committed) => void
  /** Somebody has taken a run out of these hands. */
  readonly taken: (run: string, from: string) => void
}

const notary = createNotary(generateLogKey('example.com/log'))
/** In memory where the machine has such a place: the guards are what is looked at here, not the disk. */
const places = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** After these, somebody who waits may have room. */
const freeing: ReadonlySet<FactType> = new Set([
  'step.probed',
  'step.succeeded',
  'step.satisfied',
  'step.skipped',
  'step.failed',
])

/** A real journal with its real guards, which several processes share, each call in its turn. */
export class Journal {
  readonly rota = new SharedRota()
  readonly #folder = mkdtempSync(join(places, 'firebreak-guarded-'))
  readonly #store: Store
  readonly #options: Options

  constructor(options: Options) {
    this.#options = options
    this.#store = openSqlite({ folder: this.#folder, notary, clock: options.clock })
  }

  /** The journal as one process has it. */
  storeOf(caller: Caller): Store {
    const { turns } = this.#options
    // What is judged by what somebody has looked at is not older than the look.
    let looked = 0
    return {
      ...this.#store,
      commit: async (commit) => {
        const began = caller.since(commit)
        const since = Math.max(began, looked)
        await turns.take(caller.who, wordsOf(commit))
        return turns.now(() => this.#commit(commit, { who: caller.who, since, began }))
      },
      facts: (run, fromN) => turns.now(() => this.#store.facts(run, fromN)),
      frozen: async () => {
        if (caller.reads) {
          await turns.take(caller.who, 'looks whether it is frozen')
          looked = turns.moment
        }
        return turns.now(() => this.#store.frozen())
      },
      close: async () => undefined,
    }
  }

  rotaOf(who: string): Rota {
    const { turns } = this.#options
    return {
      take: async (unheld) => {
        await turns.take(who, `take ${unheld.run}`)
        const from = this.rota.holderOf(unheld.run)
        const hold = this.rota.take(unheld, who)
        if (hold !== undefined && from !== undefined) this.#options.taken(unheld.run, from)
        return hold
      },
      rest: async (hold, seen) => {
        await turns.take(who, `rest ${hold.run}`)
        return this.rota.rest(hold, seen)
      },
      wake: async () => this.rota.wake(),
      unheld: never,
      heldBy: never,
      foreign: async () => undefined,
    }
  }

  async close(): Promise<void> {
    await this.#store.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #commit(commit: Commit, by: Omit<Committed, 'moment' | 'facts'>): Promise<readonly Fact[]> {
    const { turns, committed } = this.#options
    const guards = this.#left(commit.guards ?? {})
    if (guards.hold !== undefined) this.rota.refuseUnlessHeld(guards.hold)
    const facts = await this.#store.commit({ ...commit, guards })
    this.rota.note(facts, commit.close)
    if (commit.close !== undefined || facts.some(({ type }) => freeing.has(type))) {
      const waiting = await this.#store.waiting()
      this.rota.wake(new Set(waiting.map(({ run }) => run)))
    }
    committed({ ...by, moment: turns.moment, facts })
    return facts
  }

  #left(guards: Guards): Guards {
    const { without } = this.#options
    return Object.fromEntries(Object.entries(guards).filter(([name]) => name !== without))
  }
}

function wordsOf({ facts }: Commit): string {
  const words = facts.map(({ type, run, step }) => [type, [run, step].filter(Boolean).join('/')])
  return `commit ${words.map((parts) => parts.filter(Boolean).join(' ')).join(' + ')}`
}

function never(): never {
  throw new Error('a schedule does not come here')
}
