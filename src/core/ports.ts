import type { FirebreakError } from './errors.ts'
import type { Counted, Fact, NewFact } from './fact.ts'
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
  /** This run holds the target, or takes it now. `guardrail.claimed`; `guardrail.deadlock` where each waits for the other. */
  readonly claim?: { readonly target: string; readonly run: string }
  /**
   * The effect of this step takes up each of these counts, once however often it is tried, or is refused with
   * `guardrail.over` (`guardrail.tripped` for failures).
   */
  readonly spend?: { readonly run: string; readonly step: string; readonly counts: readonly Counted[] }
  /** The freeze that was set then is still the one that is set. `guardrail.not-frozen` */
  readonly frozenSince?: string
  /** No other run in which one person acted alone still waits for its review. `guardrail.review-due` */
  readonly reviewed?: { readonly run: string }
  /** This run is still in the hands of this holder: whoever was taken over writes nothing more (see Rota). */
  readonly hold?: { readonly run: string; readonly epoch: number }
  /** This key was never used before: deduplication of alerts, nonces. It is kept until `expires`. */
  readonly once?: { readonly scope: string; readonly key: string; readonly expires: number }
}

/** A guard that refused, and what is known of it. */
export type Refused = {
  readonly error: FirebreakError
  /** The target, or the key of the count. */
  readonly key?: string
  /** Who holds the target. */
  readonly run?: string
  /** When there may be room, where time alone makes some (ISO 8601). */
  readonly until?: string
}

export type Commit = {
  readonly facts: readonly NewFact[]
  readonly guards?: Guards
  /**
   * What is written instead where a guard refuses: in the same transaction, so that no end of what it waits for is missed.
   * Undefined: the refusal is thrown.
   */
  readonly otherwise?: (refused: Refused) => NewFact | undefined
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
  /** Hex. Null together with `data` once retention has deleted the body. */
  readonly salt: string | null
  /** Canonical JSON of the data. */
  readonly data: string | null
}

/** What retention takes away: entries without a run, and whole runs as they were seen, each with its count of facts. */
export type Forgetting = {
  readonly seqs: readonly number[]
  readonly runs: readonly { readonly run: string; readonly n: number }[]
}

/** `thaw` are those who have said since that it is to be lifted. */
export type Freeze = {
  readonly reason: string
  readonly since: string
  readonly thaw: readonly { readonly person: string; readonly at: string }[]
}

/** What guardrails count, without a limit. */
export type Counting = Omit<Counted, 'limit' | 'waived'>

/** A step that a guardrail holds back. `key` is a target, or that of the guardrail. */
export type Waiting = { readonly key: string; readonly run: string; readonly step: string }

type RunRow = {
  readonly run: string
  readonly open: boolean
  readonly requestedAt: string
}

/** `due` is from when on somebody must look at it (ISO 8601). */
type ContainmentRow = { readonly run: string; readonly step: string; readonly due: string }

/** The journal and the rows that live and die with it. One transaction per `commit`. */
export type Store = {
  /** The log was moved, and goes on there: here it is read only, and `commit` is refused with `store.moved`. */
  readonly moved?: string
  /**
   * Refusals: `store.fenced`, `store.taken-over`, `store.already-seen`, and those of the guards (`guardrail.*`).
   * `store.unavailable`: it could not be written, or nobody can say whether it was.
   */
  readonly commit: (commit: Commit) => Promise<readonly Fact[]>
  readonly facts: (run: string, fromN?: number) => Promise<readonly Fact[]>
  /** Facts of the whole log, oldest first. */
  readonly log: (range: { from: number; limit: number }) => Promise<readonly Fact[]>
  /** Newest first. */
  readonly runs: (filter: { open?: boolean; limit: number }) => Promise<readonly RunRow[]>
  readonly frozen: () => Promise<Freeze | undefined>
  /** How much of a count is taken up now. */
  readonly taken: (counts: readonly Counting[]) => Promise<readonly number[]>
  /** Keys that begin so and under which something is taken up, or has been. */
  readonly counted: (prefix: string) => Promise<readonly string[]>
  /** Steps that are held (`step.held`), by this key if one is given, who has waited longest first. */
  readonly waiting: (key?: string) => Promise<readonly Waiting[]>
  /** Runs in which one person acted alone and that nobody has reviewed. */
  readonly reviewsDue: () => Promise<readonly string[]>
  /** Live containments, the most urgent first: `dueAfter` of core/containment.ts, kept in the transaction of each fact. */
  readonly containments: () => Promise<readonly ContainmentRow[]>
  readonly outbox: (limit: number) => Promise<readonly OutboxNotice[]>
  /** The notice is delivered or given up: its row goes in the transaction of the fact that says so. */
  readonly settle: (notice: string, fact: NewFact) => Promise<void>
  /**
   * Deletes salt and data, and commits the fact that says so in the same transaction. Entries and runs that are forgotten
   * are in no list any more; `entries` gives their leaves. `store.fenced`: a run is open, or is not as it was seen.
   */
  readonly forget: (what: Forgetting, fact: NewFact) => Promise<readonly Fact[]>
  /** Whether retention has deleted this run. */
  readonly forgotten: (run: string) => Promise<boolean>
  /** Keys and values that surfaces may lose without harm, such as the place of a run's message. */
  readonly memo: {
    readonly get: (key: string) => Promise<string | undefined>
    readonly set: (key: string, value: string) => Promise<void>
  }
  /** Every entry from this one on, in pages: one promise an entry would cost more than verifying it. */
  readonly entries: (from?: number) => AsyncIterable<readonly StoredEntry[]>
  /** A checkpoint over everything committed so far, signed now. */
  readonly checkpoint: () => Promise<string>
  readonly close: () => Promise<void>
}

/** A run that wants somebody's hands, and the epoch by which it is taken. */
export type Unheld = { readonly run: string; readonly epoch: number }

/** A run in somebody's hands. `wakes` is how often it had been woken when it was last looked at. */
export type Hold = Unheld & { readonly wakes: number }

/**
 * Who has which run in hand, where several processes share one journal. An epoch is good for one holder: taking the run
 * raises it, and from then on a commit with the older one is refused (`Guards.hold`).
 */
export type Rota = {
  /** Undefined when somebody else was first, or the run is over. */
  readonly take: (unheld: Unheld) => Promise<Hold | undefined>
  /**
   * Puts the run down, unless something happened to it since `n` facts and `wakes` were seen: then the new count of
   * wakes, and the run stays in hand. `wakeAt` is when it wants hands again although nothing happens (ISO 8601).
   */
  readonly rest: (
    hold: Hold,
    seen: { readonly n: number; readonly wakeAt?: string },
  ) => Promise<'rests' | 'lost' | { readonly wakes: number }>
  /** Something outside its facts has changed for this run, or for every open one: a thaw, a claim that is free again. */
  readonly wake: (run?: string) => Promise<void>
  /** Open runs in nobody's hands that something has happened to, or whose time has come. */
  readonly unheld: (now: string) => Promise<readonly Unheld[]>
  /** What a process has in hand. */
  readonly heldBy: (executor: string) => Promise<readonly Unheld[]>
  /** The protocol of an open run that this program does not speak: it is left to those who do. */
  readonly foreign: (run: string) => Promise<number | undefined>
}

/** A journal that several processes share. */
export type SharedStore = {
  readonly store: Store
  readonly rota: Rota
  /** Facts that other processes committed, in the order of the log. Returns the way to stop. */
  readonly tail: (listener: (facts: readonly Fact[]) => void) => () => void
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

/** Who is in a group of some system now, by ids of that system, or why nobody can say. */
export type Members =
  | {
      readonly members: readonly string[]
      /** A shift ends then, and others may be in it (milliseconds since 1970). */
      readonly until?: number
    }
  | {
      readonly unknown: string
      /** How long the system wants to be left alone. */
      readonly retryAfterMs?: number
    }

/** Asks Slack what an account is now, and who is in a user group. Never throws. */
export type Directory = {
  readonly standing: (slackUser: string) => Promise<Standing>
  readonly members: (group: string) => Promise<Members>
}

/** Asks an on-call system who is on call now, by the id of a schedule. Never throws. */
export type OnCall = { readonly members: (schedule: string) => Promise<Members> }

export type Clock = { readonly now: () => number }
