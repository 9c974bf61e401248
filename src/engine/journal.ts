import { isFirebreakError } from '../core/errors.ts'
import type { Fact, FactData, FactType } from '../core/fact.ts'
import type { Actor } from '../core/person.ts'
import { system } from '../core/person.ts'
import type { Guards, OutboxNotice } from '../core/ports.ts'
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
  readonly guards?: Guards
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
}

export function openRun(parts: EngineParts, id: string): RunJournal {
  let state = read(parts, id)
  let turn: Promise<unknown> = Promise.resolve()

  async function write(build: (state: RunState) => DraftCommit | undefined): Promise<readonly Fact[]> {
    const draft = build(state)
    if (draft === undefined || draft.facts.length === 0) return []
    const { facts, ends, ...rest } = draft
    const placed = facts.map((fact, i) => ({ actor: system, ...fact, run: id, n: state.n + i }))
    const written = await parts.store.commit({ ...rest, facts: placed, ...(ends ? { close: id } : {}) })
    state = written.reduce((next, fact) => apply(next, fact) ?? next, state)
    parts.published(written)
    return written
  }

  async function writeOrReload(
    build: (state: RunState) => DraftCommit | undefined,
  ): Promise<readonly Fact[]> {
    try {
      return await write(build)
    } catch (error) {
      if (!isFirebreakError(error, 'store.fenced')) throw error
      // Somebody else wrote to this run first: read again, decide anew, once.
      state = read(parts, id)
      return write(build)
    }
  }

  return {
    state: () => state,
    commit: (build) => {
      const mine = turn.then(() => writeOrReload(build))
      turn = mine.catch(() => undefined)
      return mine
    },
  }
}

function read(parts: EngineParts, id: string): RunState {
  const state = fold(parts.store.facts(id))
  if (!state) throw new Error(`No facts of run ${id}`)
  return state
}
