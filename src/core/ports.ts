import type { Fact, NewFact } from './fact.ts'
import type { Standing } from './person.ts'
import type { Notice } from './action.ts'
import type { ProviderName } from './provider.ts'

// What the program needs from the outside. Each port is a few functions, named for what the caller needs.

/** A message that waits to be delivered. Its row is durable before the step that wrote it succeeds. */
export type OutboxNotice = Notice & { readonly id: string; readonly run: string; readonly step: string }

/** What must hold in the very transaction that commits the facts (P8). A refusal throws and nothing is written. */
export type Guards = {
  /** No freeze is set. */
  readonly thawed?: boolean
  /** This run holds the target, or takes it now. */
  readonly claim?: { readonly target: string; readonly run: string }
  /** This key was never used before: deduplication of alerts, nonces. It is kept until `expires`. */
  readonly once?: { readonly scope: string; readonly key: string; readonly expires: number }
}

export type Commit = {
  readonly facts: readonly NewFact[]
  readonly guards?: Guards
  readonly outbox?: readonly OutboxNotice[]
  /** This run ends here: it is open no longer and its claims are released in the same transaction. */
  readonly close?: string
}

export type StoredEntry = {
  readonly seq: number
  /** Canonical leaf, exactly as hashed. */
  readonly leaf: string
  /** Hash of the leaf as it was when written, in hex: so that a changed entry can be named. */
  readonly hash: string
  /** Hex. */
  readonly salt: string
  /** Canonical JSON of the data. */
  readonly data: string
}

type RunRow = {
  readonly run: string
  readonly open: boolean
  readonly requestedAt: string
}

/** The journal and the rows that live and die with it. One transaction per `commit`. */
export type Store = {
  /** Refusals: `store.fenced`, `guardrail.frozen`, `guardrail.claimed`, `store.already-seen`. */
  readonly commit: (commit: Commit) => Promise<readonly Fact[]>
  readonly facts: (run: string, fromN?: number) => readonly Fact[]
  /** Facts of the whole log, oldest first. */
  readonly log: (range: { from: number; limit: number }) => readonly Fact[]
  readonly runs: (filter: { open?: boolean; limit: number }) => readonly RunRow[]
  readonly frozen: () => { readonly reason: string; readonly since: string } | undefined
  readonly outbox: (limit: number) => readonly OutboxNotice[]
  /** The notice is delivered or given up: its row goes in the transaction of the fact that says so. */
  readonly settle: (notice: string, fact: NewFact) => Promise<void>
  /** Keys and values that surfaces may lose without harm, such as the place of a run's message. */
  readonly memo: {
    readonly get: (key: string) => string | undefined
    readonly set: (key: string, value: string) => Promise<void>
  }
  readonly entries: () => Iterable<StoredEntry>
  /** A checkpoint over everything committed so far, signed now. */
  readonly checkpoint: () => Promise<string>
  readonly close: () => Promise<void>
}

/** A client of a configured provider instance, connected on first use. */
export type Clients = {
  readonly get: (provider: ProviderName, instance: string) => Promise<unknown>
  /** The instance that is used when a step names none. */
  readonly defaultInstance: (provider: ProviderName) => string
}

/** Seals entries and grows the tree: what the store needs of the audit log (implemented by audit/). */
export type Notary = {
  readonly seal: (entry: UnsealedEntry) => SealedEntry
  /** A tree from its saved state; an empty one without. */
  readonly tree: (state?: string) => GrowingTree
  /** A signed checkpoint (C2SP tlog-checkpoint). */
  readonly sign: (size: number, root: string) => string
}

export type UnsealedEntry = {
  readonly seq: number
  readonly time: string
  readonly type: string
  readonly run?: string
  readonly n?: number
  readonly step?: string
  readonly actor: unknown
  readonly data: unknown
}

type SealedEntry = {
  readonly leaf: string
  readonly salt: string
  readonly data: string
  readonly hash: string
}

export type GrowingTree = {
  readonly append: (leafHash: string) => void
  readonly size: () => number
  readonly root: () => string
  /** Enough to go on later: kept in the head row. */
  readonly state: () => string
}

/** Asks Slack what an account is now. */
export type Directory = {
  readonly standing: (slackUser: string) => Promise<Standing>
}

export type Clock = { readonly now: () => number }
