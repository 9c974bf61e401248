import { isFirebreakError } from '../core/errors.ts'
import type { Fact, FactData, FactType, NewFact } from '../core/fact.ts'
import type { Actor } from '../core/person.ts'
import { system } from '../core/person.ts'
import type { Commit, Guards, OutboxNotice, Refused, Unheld } from '../core/ports.ts'
import type { RunState } from '../core/run.ts'
import { apply, fold } from '../core/run.ts'
import type { EngineParts } from './parts.ts'

/** A fact of this run, before it has its place. Firebreak itself is the actor unless said otherwise. */
export type Draft = {
  readonly [T in FactType]: {
    readonly type: T
    readonly data: FactData<T>
    readonly step?: string
    readonly actor?: Actor
  }
}[FactType]

export type DraftCommit = {
  readonly facts: readonly Draft[]
  /** Facts of another run, such as one that begins, in the same transaction. */
  readonly others?: readonly NewFact[]
  readonly guards?: Guards
  /** The fact that is written instead where a guard refuses. */
  readonly otherwise?: (refused: Refused) => Draft | undefined
  readonly outbox?: readonly OutboxNotice[]
  readonly ends?: boolean
}

/** One run's part of the journal: its state, and the only way to add to it. */
export type RunJournal = {
  readonly state: () => RunState
  /**
   * Builds a commit from the state as it is when its turn comes, and writes it. Building nothing is an answer: somebody
   * else was first. Rejects when a guard refuses or the store cannot write: then nothing was written.
   */
  readonly commit: (build: (state: RunState) => DraftCommit | undefined) => Promise<readonly Fact[]>
  /** Reads what others wrote since. */
  readonly catchUp: () => Promise<void>
}

type JournalParts = Pick<EngineParts, 'store' | 'published'>

/** With a hold, every commit is refused once another process has taken the run over. */
export async function openRun(parts: JournalParts, id: string, hold?: Unheld): Promise<RunJournal> {
  const opened = new OpenRun(parts, await read(parts, id), hold)
  return {
    state: () => opened.state,
    commit: (build) => opened.inTurn(() => opened.writeOrReload(build)),
    catchUp: () => opened.inTurn(() => opened.readOn()),
  }
}

type Build = (state: RunState) => DraftCommit | undefined

class OpenRun {
  state: RunState
  readonly #parts: JournalParts
  readonly #hold: Unheld | undefined
  #turn: Promise<unknown> = Promise.resolve()

  constructor(parts: JournalParts, state: RunState, hold: Unheld | undefined) {
    this.#parts = parts
    this.state = state
    this.#hold = hold
  }

  /** One after the other: each builds on the state that the one before has left. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work)
    this.#turn = mine.catch(() => undefined)
    return mine
  }

  async writeOrReload(build: Build): Promise<readonly Fact[]> {
    for (;;) {
      const { n } = this.state
      try {
        // oxlint-disable-next-line no-await-in-loop -- each try builds on what the one before has read
        return await this.#write(build)
      } catch (error) {
        if (!isFirebreakError(error, 'store.fenced')) throw error
        // Somebody else wrote to this run first: read on, decide anew. A person who cancels a busy run must not lose for
        // being slower than whoever carries it forward, and each time that they lose the run is further on.
        // oxlint-disable-next-line no-await-in-loop
        await this.readOn()
        if (this.state.n === n) throw error
      }
    }
  }

  async readOn(): Promise<void> {
    this.#absorb(await this.#parts.store.facts(this.state.id, this.state.n))
  }

  async #write(build: Build): Promise<readonly Fact[]> {
    const draft = build(this.state)
    if (draft === undefined || draft.facts.length + (draft.others?.length ?? 0) === 0) return []
    const written = await this.#parts.store.commit(this.#placed(draft))
    this.#absorb(written)
    this.#parts.published(written)
    return written
  }

  #placed({ facts, others = [], ends, guards, otherwise, ...rest }: DraftCommit): Commit {
    const { id, n } = this.state
    const own = facts.map((fact, i) => ({ actor: system, ...fact, run: id, n: n + i }))
    const instead = (refused: Refused): NewFact | undefined => {
      const fact = otherwise?.(refused)
      return fact && { actor: system, ...fact, run: id, n }
    }
    const held = this.#hold === undefined ? guards : { ...guards, hold: this.#hold }
    return {
      ...rest,
      facts: [...own, ...others],
      ...(held === undefined ? {} : { guards: held }),
      ...(otherwise === undefined ? {} : { otherwise: instead }),
      ...(ends ? { close: id } : {}),
    }
  }

  #absorb(facts: readonly Fact[]): void {
    const { id } = this.state
    const own = facts.filter(({ run }) => run === id)
    this.state = own.reduce((next, fact) => apply(next, fact) ?? next, this.state)
  }
}

async function read(parts: JournalParts, id: string): Promise<RunState> {
  const state = fold(await parts.store.facts(id))
  if (!state) throw new Error(`No facts of run ${id}`)
  return state
}
