import type { GrowingTree, OutboxNotice } from '../../core/ports.ts'
import type { Look, RunRow } from './look.ts'
import { keyOf, type Key } from './needs.ts'

export type Entry = {
  readonly seq: number
  readonly run: string | null
  readonly n: number | null
  readonly leaf: string
  readonly hash: string
  readonly salt: string
  readonly data: string
}

type Freeze = { readonly reason: string; readonly since: string }

/**
 * The tables as they will be after this transaction, as far as its tasks need them. Each task sees what the ones before
 * it decided. Wake-ups are counted up in SQL, so that runs which nobody loaded can be woken as well.
 */
export type Draft = {
  readonly tree: GrowingTree
  /** Milliseconds since 1970, by the clock of this process. */
  readonly now: number
  time: string
  readonly entries: Entry[]
  freeze: Freeze | null
  freezeChanged: boolean
  readonly runs: Map<string, RunRow>
  readonly changedRuns: Set<string>
  /** How often each run is woken, beyond what wakes all. */
  readonly wakes: Map<string, number>
  wakesOfAll: number
  readonly claims: Map<string, string | null>
  readonly changedClaims: Set<string>
  readonly claimWaits: { readonly target: string; readonly run: string }[]
  /** Live containments by their run and step: when they are due, or null when they have ended. */
  readonly containments: Map<
    string,
    { readonly run: string; readonly step: string; readonly due: string | null }
  >
  readonly closed: string[]
  /** Targets whose holder closed here. */
  readonly freed: Set<string>
  readonly seenKeys: Set<string>
  readonly spent: Map<string, Key & { readonly expires: number }>
  readonly notices: Set<string>
  readonly newNotices: Map<string, OutboxNotice>
  readonly settled: Set<string>
  readonly memo: Map<string, string>
  /** What retention takes away. */
  readonly forgotten: { readonly seqs: number[]; readonly runs: string[] }
}

export function draftOf({ head, seen }: Look, tree: GrowingTree, now: number): Draft {
  return {
    tree,
    now,
    time: head.time,
    entries: [],
    freeze: seen.freeze,
    freezeChanged: false,
    runs: new Map(seen.runs.map((row) => [row.run, { ...row }])),
    changedRuns: new Set(),
    wakes: new Map(),
    wakesOfAll: 0,
    claims: new Map(seen.claims.map(({ target, run }) => [target, run])),
    changedClaims: new Set(),
    claimWaits: [],
    containments: new Map(),
    closed: [],
    freed: new Set(),
    seenKeys: new Set(seen.once.map(keyOf)),
    spent: new Map(),
    notices: new Set(seen.notices),
    newNotices: new Map(),
    settled: new Set(),
    memo: new Map(),
    forgotten: { seqs: [], runs: [] },
  }
}

/** Whether anything is to be written. */
export function isEmpty(draft: Draft): boolean {
  const { entries, changedRuns, claimWaits, changedClaims, closed, spent, settled, memo } = draft
  const sizes = [changedRuns, changedClaims, spent, settled, memo, draft.newNotices, draft.wakes]
  const lists = [entries, claimWaits, closed]
  return (
    !draft.freezeChanged &&
    draft.wakesOfAll === 0 &&
    sizes.every(({ size }) => size === 0) &&
    lists.every(({ length }) => length === 0)
  )
}
