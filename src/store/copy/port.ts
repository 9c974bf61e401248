import type { Fact } from '../../core/fact.ts'
import type { Passage } from '../moved.ts'

/** What a store holds, as rows of plain values, the same for every kind of store. */
const tables = {
  journal: ['seq', 'run', 'n', 'leaf', 'hash', 'salt', 'data'],
  /** `open` is 0 or 1, `seq` that of the first entry, `n` the number of entries. */
  runs: ['run', 'seq', 'open', 'requested_at', 'n', 'protocol'],
  claims: ['target', 'run'],
  containments: ['run', 'step', 'due'],
  /** `open` is 0 or 1. */
  counts: ['key', 'run', 'step', 'at', 'open', 'failed_at'],
  waits: ['run', 'step', 'key', 'seq', 'until'],
  freeze: ['reason', 'since'],
  thaws: ['person', 'at'],
  reviews: ['run'],
  once: ['scope', 'key', 'expires'],
  outbox: ['id', 'run', 'step', 'channel', 'text'],
  memo: ['key', 'value'],
} as const

export type Table = keyof typeof tables
export const tableNames: readonly Table[] = [
  'journal',
  'runs',
  'claims',
  'containments',
  'counts',
  'waits',
  'freeze',
  'thaws',
  'reviews',
  'once',
  'outbox',
  'memo',
]

type Cell = string | number | null
export type Row = readonly Cell[]

/** The end of a log: its size, the state of its tree, the time of its last entry. */
export type Head = { readonly size: number; readonly tree: string | undefined; readonly time: string }

/** How a store is read for a copy. Nobody else writes to it until it is closed. */
export type Readable = {
  /** In words for people and for the log: never with a password. */
  readonly place: string
  readonly passage: () => Promise<Passage>
  readonly head: () => Promise<Head>
  /** In the order in which they were written, page by page. */
  readonly rows: (table: Table) => AsyncIterable<readonly Row[]>
  readonly facts: (run: string) => Promise<readonly Fact[]>
  readonly close: () => Promise<void>
}

export type Source = Readable & {
  /** In one transaction: the last entry, and the mark by which everybody knows that the log goes on elsewhere. */
  readonly leave: (last: { readonly entry: Row; readonly head: Head; readonly to: string }) => Promise<void>
}

export type Destination = Readable & {
  /** Empties the store and marks it as unusable until `open`. */
  readonly arrive: (from: string) => Promise<void>
  readonly add: (table: Table, rows: readonly Row[]) => Promise<void>
  readonly setHead: (head: Head) => Promise<void>
  /** Takes the mark away: from now on this is the log. */
  readonly open: () => Promise<void>
}
