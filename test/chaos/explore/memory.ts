import { FirebreakError } from '../../../src/core/errors.ts'
import type { Fact } from '../../../src/core/fact.ts'
import type { Commit, Hold, Rota, Store, Unheld } from '../../../src/core/ports.ts'

/** Guards that a test may take away, to see what happens without them. */
export type Without = 'hold' | 'fence' | undefined

type Row = {
  open: boolean
  epoch: number
  holder: string | undefined
  wakes: number
  rested: { n: number; wakes: number } | undefined
}

/**
 * The journal of one run that several workers share, in memory: the contract of the stores, and nothing of their speed. One
 * run is in nobody's way, so that no claim is refused; guards of what several runs share are not played here.
 */
export class Memory {
  readonly facts: Fact[] = []
  readonly row: Row = { open: true, epoch: 0, holder: undefined, wakes: 0, rested: undefined }
  readonly #without: Without
  readonly #now: () => number

  constructor(now: () => number, without: Without) {
    this.#now = now
    this.#without = without
  }

  get n(): number {
    return this.facts.length
  }

  commit({ facts, guards = {}, close }: Commit): readonly Fact[] {
    const { hold, spend, frozenSince, reviewed, once } = guards
    if ([spend, frozenSince, reviewed, once].some((guard) => guard !== undefined)) never()
    if (hold !== undefined && hold.epoch !== this.row.epoch && this.#without !== 'hold') throw takenOver()
    if (facts.some(({ n }, i) => n !== this.n + i) && this.#without !== 'fence') throw fenced()
    const time = new Date(this.#now()).toISOString()
    const written = facts.map((fact, i): Fact => ({ ...fact, seq: this.n + i, time }))
    this.facts.push(...written)
    if (close !== undefined) Object.assign(this.row, { open: false, holder: undefined })
    return written
  }

  take({ run, epoch }: Unheld, holder: string): Hold | undefined {
    if (!this.row.open || this.row.epoch !== epoch) return undefined
    Object.assign(this.row, { holder, epoch: epoch + 1 })
    return { run, epoch: epoch + 1, wakes: this.row.wakes }
  }

  rest(hold: Hold, seen: { readonly n: number }): Awaited<ReturnType<Rota['rest']>> {
    const { row } = this
    if (!row.open || row.epoch !== hold.epoch || row.holder === undefined) return 'lost'
    if (this.n !== seen.n || row.wakes !== hold.wakes) return { wakes: row.wakes }
    Object.assign(row, { holder: undefined, rested: { n: seen.n, wakes: row.wakes } })
    return 'rests'
  }

  /** Whether the run is in nobody's hands, and something has happened to it since. */
  isUnheld(): boolean {
    const { open, holder, rested, wakes } = this.row
    return open && holder === undefined && (rested?.n !== this.n || rested.wakes !== wakes)
  }
}

function takenOver(): FirebreakError {
  return new FirebreakError('store.taken-over', 'somebody else has it', { remedy: 'Stop.' })
}

function fenced(): FirebreakError {
  return new FirebreakError('store.fenced', 'somebody else was first', { remedy: 'Read on.' })
}

function never(): never {
  throw new Error('a schedule does not come here')
}

type Turn = (what: string) => Promise<void>

/** The store as one worker has it: every call waits for its turn. */
export function storeOf(memory: Memory, turn: Turn): Store {
  return {
    commit: async (commit) => {
      await turn(`commit ${commit.facts.map(({ type }) => type).join('+')}`)
      return memory.commit(commit)
    },
    facts: async (_run, fromN = 0) => {
      await turn('read')
      return memory.facts.slice(fromN)
    },
    frozen: async () => undefined,
    taken: never,
    counted: never,
    waiting: never,
    reviewsDue: never,
    log: never,
    runs: never,
    containments: never,
    outbox: never,
    settle: never,
    forget: never,
    forgotten: never,
    memo: { get: never, set: never },
    entries: never,
    checkpoint: never,
    close: async () => undefined,
  }
}

export function rotaOf(memory: Memory, worker: string, turn: Turn): Rota {
  return {
    take: async (unheld) => {
      await turn('take')
      return memory.take(unheld, worker)
    },
    rest: async (hold, seen) => {
      await turn('rest')
      return memory.rest(hold, seen)
    },
    wake: never,
    unheld: never,
    heldBy: never,
    foreign: async () => undefined,
  }
}
