import type { AlertOutcome } from './alert.ts'
import type { Target } from './change.ts'
import type { Containment } from './containment.ts'
import type { Answer, Evidence, Fact } from './fact.ts'
import type { JsonObject } from './json.ts'
import type { Account, Person } from './person.ts'
import type { PlaybookInfo } from './playbook.ts'
import type { Freeze, OutboxNotice } from './ports.ts'
import type { RunState } from './run.ts'

/** A request to plan or run a playbook. Inputs are as a person typed them: the app parses them by their declared types. */
export type StartRequest = {
  readonly playbook: string
  /** Values may be text (from a command line or Slack): the app coerces by declared type, or JSON values. */
  readonly inputs: JsonObject
  readonly mode: 'run' | 'dry-run'
  readonly by: Account
  readonly reason?: string
}

export type Decision = {
  readonly run: string
  /** The approval request that was shown. A request that is voided or over is refused. */
  readonly request: string
  /** Digest of the plan as it was shown to the person: a decision about another plan is refused. */
  readonly digest: string
  readonly decision: 'approve' | 'reject'
  readonly by: Account
  readonly evidence: Evidence
  readonly reason?: string
}

/** Somebody says that a step which people do by hand is done. It ends when its `confirm` sees that it is. */
export type SaidDone = {
  readonly run: string
  /** The step, or the item of one that repeats. */
  readonly step: string
  readonly by: Account
  readonly evidence: Evidence
}

/** What happened to a decision: `counted` towards gates (`still` says what is missing), or `done`. A refusal is an answer, not an exception: the run keeps waiting. */
export type DecisionOutcome =
  | { readonly kind: 'counted'; readonly still: readonly string[] }
  | { readonly kind: 'done'; readonly run?: string }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string; readonly remedy: string }

/** Somebody decides about a live containment: an effect of a step, or of an item of one, that is in place for a time. */
export type ContainmentWish = {
  readonly run: string
  readonly step: string
  readonly by: Account
  readonly reason: string
  readonly evidence?: Evidence
}

/** What somebody wants of a run, with proof that it is they. */
export type RunWish = {
  readonly run: string
  readonly by: Account
  readonly reason: string
  readonly evidence: Evidence
}

/** A guardrail as it is now. */
export type GuardrailView = {
  /** `budget/gpu`, `breaker/route/leaks`, `window/friday`. */
  readonly key: string
  readonly kind: 'budget' | 'breaker' | 'window'
  /** In words: `3 of 10 within 1h`. */
  readonly says: string
  /** It holds effects back now, or makes them ask. */
  readonly closed: boolean
  /** Steps that wait for it. */
  readonly waiting: readonly { readonly run: string; readonly step: string }[]
}

/** A live containment with what lists show beside it. */
export type ContainmentView = {
  readonly run: string
  readonly step: string
  readonly playbook: { readonly name: string; readonly title: string }
  readonly target?: Target
  readonly containment: Containment
}

/** What a person signs on the command line: RFC 8785 JSON, namespace `firebreak-decision` (DESIGN section 8). */
export type Challenge = { readonly message: string; readonly expires: string }

export type SignedAction = (
  | { readonly kind: 'approve' | 'reject' | 'cancel' | 'undo' | 'hold' | 'release'; readonly run: string }
  | { readonly kind: 'withdraw' | 'break-glass' | 'review'; readonly run: string }
  | { readonly kind: 'done'; readonly run: string; readonly step: string }
  | { readonly kind: 'resume'; readonly run: string; readonly answers: { readonly [step: string]: Answer } }
  | { readonly kind: 'lift' | 'keep'; readonly run: string; readonly step: string }
  /** `for` is a duration such as `2h`; without it, as much time as the containment had. */
  | { readonly kind: 'renew'; readonly run: string; readonly step: string; readonly for?: string }
  | { readonly kind: 'freeze' | 'thaw' }
  | { readonly kind: 'run'; readonly playbook: string; readonly inputs: JsonObject }
) & {
  /** Part of the signed text, so that nobody can put another reason under somebody's name. */
  readonly reason?: string
}

/** Which entries of the log are wanted; what is not named does not matter. */
export type LogFilter = {
  readonly run?: string
  /** A person's id, or an account in words, as lists show them. */
  readonly person?: string
  /** The id or the name of a target: of a plan's line, or of an effect. */
  readonly target?: string
  /** A type of fact, or the first word of several: `approval`. */
  readonly type?: string
  /** ISO 8601; the first moment that counts, and the first that does not. */
  readonly since?: string
  readonly until?: string
}

/** `from` is the first seq that counts. */
export type LogQuery = LogFilter & { readonly from: number; readonly limit: number }

/** What an anchor outside says about the log. */
export type AnchorReport = {
  readonly name: string
  /** Where it keeps checkpoints. */
  readonly place: string
  readonly state: 'ok' | 'empty' | 'foreign' | 'behind' | 'forked' | 'unreachable'
  /** It remembers another log: effects are refused. */
  readonly contradicts: boolean
  /** In words, with the entry. */
  readonly says: string
}

/** Holds the log against every checkpoint that its anchors have. */
export type AnchorCheck = () => Promise<readonly AnchorReport[]>

export type AuditReport = { readonly anchors?: readonly AnchorReport[] } & (
  | {
      readonly ok: true
      readonly size: number
      readonly root: string
      readonly checkpoint: string
      /** How many entries have lost their data to retention; absent when none has. */
      readonly withoutBody?: number
      /** Of the evidence of one run: which, and how many entries it has. */
      readonly run?: { readonly id: string; readonly entries: number }
      /** After a rotation of keys: which key vouches for how many entries from the first on. */
      readonly keys?: readonly { readonly key: string; readonly covers: number }[]
    }
  | { readonly ok: false; readonly seq?: number; readonly reason: string }
)

/** `size` is how many entries were written; `withoutBody`, how many of them had lost their data to retention. */
export type Exported = {
  readonly size: number
  readonly checkpoint: string
  readonly withoutBody?: number
}

/** A run with what surfaces show beside its state. */
export type RunView = {
  readonly state: RunState
  readonly playbook: PlaybookInfo
  /** The approval request that waits for an answer, if one does. */
  readonly waitingFor?: {
    readonly request: string
    readonly digest: string
    readonly expires: string
    /** What is still missing, in words: `1 of 2 approvers for disable`. */
    readonly missing: readonly string[]
    readonly eligible: readonly Person[]
  }
  /** Steps that people are asked to do by hand and that are not closed yet, each with who may say that it is done. */
  readonly byHand?: readonly { readonly step: string; readonly people: readonly Person[] }[]
  /** What else people must know: that this process leaves the run to others, or that its log is not the usual one. */
  readonly notes?: readonly string[]
}

/**
 * What every surface receives: the running bot as a value. Methods throw `FirebreakError` with a code and a remedy.
 * Slack, the control API and alert webhooks speak to the same functions, so that no surface can do more than another.
 */
export type Firebreak = {
  readonly playbooks: () => readonly PlaybookInfo[]
  readonly playbook: (name: string) => PlaybookInfo
  /** The person bound to an account, if any. */
  readonly person: (account: Account) => Person | undefined
  /** Plans (and runs) a playbook. Throws `authority.*`, `playbook.unknown`, `input.*`; each refusal is recorded. */
  readonly start: (request: StartRequest) => Promise<RunView>
  readonly run: (id: string) => Promise<RunView>
  /** The latest ones first. `reviewDue`: in which one person acted alone and that nobody else has looked at yet. */
  readonly runs: (filter: {
    open?: boolean
    reviewDue?: boolean
    limit?: number
  }) => Promise<readonly RunView[]>
  readonly facts: (run: string) => Promise<readonly Fact[]>
  /** Oldest first. Whoever shows it to somebody says so with `audit.accessed`, or takes `audit.list`. */
  readonly log: (query: LogQuery) => Promise<readonly Fact[]>
  readonly decide: (decision: Decision) => Promise<DecisionOutcome>
  /** A person with the role of a manual step says that it is done; the step's own probe is asked then. */
  readonly done: (said: SaidDone) => Promise<DecisionOutcome>
  readonly cancel: (run: string, by: Account, reason: string) => Promise<void>
  /** Takes a parked run on. `answers` says of steps in doubt what was seen; the others are looked at again. */
  readonly resume: (
    run: string,
    by: Account,
    said: { readonly reason: string; readonly answers?: { readonly [step: string]: Answer } },
  ) => Promise<void>
  /** Starts a run that puts back what `run` did, newest first. */
  readonly undo: (run: string, by: Account, reason?: string) => Promise<RunView>
  /** Live containments, the one that ends first at the top. */
  readonly containments: () => Promise<readonly ContainmentView[]>
  /** More time for a containment, from now on: as much as it had, or `forMs`. */
  readonly renew: (wish: ContainmentWish & { readonly forMs?: number }) => Promise<void>
  /** Starts a run that puts back this step alone. */
  readonly lift: (wish: ContainmentWish) => Promise<RunView>
  /** The effect stays for good. */
  readonly keep: (wish: ContainmentWish) => Promise<void>
  /** A legal hold: nothing of the run is deleted by retention until it is released. */
  readonly hold: (run: string, by: Account, reason: string) => Promise<void>
  readonly release: (run: string, by: Account, reason: string) => Promise<void>
  readonly freeze: (by: Account, reason: string) => Promise<void>
  /** `counted`: more people must say so; `still` says how many. `done`: the freeze is lifted. */
  readonly thaw: (by: Account, reason: string, evidence: Evidence) => Promise<DecisionOutcome>
  /** Who has approved takes it back, before the effect. */
  readonly withdraw: (wish: RunWish) => Promise<DecisionOutcome>
  /**
   * One person acts at once, alone: the open request of a run is satisfied by their word. Needs a reason in words;
   * everybody who would have been asked is told; somebody else must review it before anybody does it again.
   */
  readonly breakGlass: (
    wish: RunWish & { readonly request: string; readonly digest: string },
  ) => Promise<DecisionOutcome>
  /** Somebody else has looked at such a run. */
  readonly review: (wish: RunWish) => Promise<DecisionOutcome>
  /** Undefined: nothing is frozen. While lifting it takes several people, `thaw` are those who have said so. */
  readonly frozen: () => Promise<Freeze | undefined>
  /** Budgets, breakers and windows as they are now, the ones that hold something back first. */
  readonly guardrails: () => Promise<readonly GuardrailView[]>
  /** A text for a person to sign; good once, for ten minutes. */
  readonly challenge: (action: SignedAction) => Promise<Challenge>
  /** Verifies the SSH signature, finds the person, and carries the action out. */
  readonly signed: (input: { message: string; signature: string }) => Promise<DecisionOutcome>
  /** A webhook's body for a source; decides, records, starts. Throws `alert.*` for what cannot be read. */
  readonly alert: (source: string, body: Uint8Array) => Promise<readonly AlertOutcome[]>
  readonly audit: {
    /** With `anchors`, the log is held against what they remember as well. */
    readonly verify: (how?: { readonly anchors?: boolean }) => Promise<AuditReport>
    /** Entries that match, oldest first. */
    readonly list: (query: LogQuery, by: Account) => Promise<readonly Fact[]>
    /** The whole log, or the evidence of one run. */
    readonly export: (
      folder: string,
      access: { readonly by: Account; readonly run?: string | undefined },
    ) => Promise<Exported>
    /** Writes that somebody reads evidence, or where they take it. `list` and `export` do it by themselves. */
    readonly accessed: (what: string, by: Account, to?: string) => Promise<void>
    readonly checkpoint: () => Promise<string>
  }
  /** Called after every commit with the facts of it, in order. Returns the way to stop. */
  readonly subscribe: (listener: (facts: readonly Fact[]) => void) => () => void
  /** Messages to people that wait for a surface. */
  readonly outbox: {
    readonly pending: (limit: number) => Promise<readonly OutboxNotice[]>
    readonly delivered: (notice: OutboxNotice, receipt: string) => Promise<void>
    readonly failed: (notice: OutboxNotice, why: string) => Promise<void>
  }
  /** Small values that may be lost without harm, such as which Slack message shows a run. */
  readonly memo: {
    readonly get: (key: string) => Promise<string | undefined>
    readonly set: (key: string, value: string) => Promise<void>
  }
}
