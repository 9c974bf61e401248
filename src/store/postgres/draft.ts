import type { GrowingTree, OutboxNotice } from '../../core/ports.ts'
import { Counts } from './counts.ts'
import type { Look, RunRow } from './look.ts'
import { keyOf, type Key } from './needs.ts'
import { nameOf, Waits } from './waits.ts'

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
  readonly counts: Counts
  /** Of these, what is closed and older goes. */
  readonly spent: { readonly keys: Set<string>; before: string }
  readonly waits: Waits
  /** So many places have come free of what steps wait for: a target, or a count. */
  readonly freed: Map<string, number>
  /** Those who have said that the freeze is to be lifted. `over`: what was said before counts no more. */
  readonly thaws: { over: boolean; readonly asked: Map<string, string> }
  /** Runs whose review is due, as far as anybody asked; and what has become of each. */
  readonly reviews: Set<string>
  readonly reviewed: Map<string, 'due' | 'done'>
  /** Live containments by their run and step: when they are due, or null when they have ended. */
  readonly containments: Map<
    string,
    { readonly run: string; readonly step: string; readonly due: string | null }
  >
  /** Those that were there before, of steps that may have taken up something. */
  readonly contained: ReadonlySet<string>
  readonly closed: string[]
  readonly seenKeys: Set<string>
  readonly used: Map<string, Key & { readonly expires: number }>
  readonly notices: Set<string>
  readonly newNotices: Map<string, OutboxNotice>
  readonly settled: Set<string>
  readonly memo: Map<string, string>
  /** What retention takes away. */
  readonly forgotten: { readonly seqs: number[]; readonly runs: string[] }
}

export function draftOf({ head, seen, guardrails, circle }: Look, tree: GrowingTree, now: number): Draft {
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
    claims: new Map([...seen.claims, ...circle.claims].map(({ target, run }) => [target, run])),
    changedClaims: new Set(),
    counts: new Counts(guardrails.counts),
    spent: { keys: new Set(), before: head.time },
    waits: new Waits([...guardrails.waits, ...circle.waits]),
    freed: new Map(),
    thaws: { over: false, asked: new Map() },
    reviews: new Set(guardrails.reviews),
    reviewed: new Map(),
    containments: new Map(),
    contained: new Set(guardrails.contained.map(nameOf)),
    closed: [],
    seenKeys: new Set(seen.once.map(keyOf)),
    used: new Map(),
    notices: new Set(seen.notices),
    newNotices: new Map(),
    settled: new Set(),
    memo: new Map(),
    forgotten: { seqs: [], runs: [] },
  }
}

/** Whether anything is to be written. */
export function isEmpty(draft: Draft): boolean {
  const { entries, changedRuns, changedClaims, counts, closed, used, settled, memo } = draft
  const sizes = [changedRuns, changedClaims, counts.changed, used, settled, memo]
  return (
    !draft.freezeChanged &&
    draft.wakesOfAll === 0 &&
    [...sizes, draft.newNotices, draft.wakes].every(({ size }) => size === 0) &&
    [entries, closed].every(({ length }) => length === 0)
  )
}
