import type { AlertOutcome } from './alert.ts'
import type { Fact, Evidence } from './fact.ts'
import type { JsonObject } from './json.ts'
import type { Account, Person } from './person.ts'
import type { PlaybookInfo } from './playbook.ts'
import type { OutboxNotice } from './ports.ts'
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

/** What a person signs on the command line: RFC 8785 JSON, namespace `firebreak-decision` (DESIGN section 8). */
export type Challenge = { readonly message: string; readonly expires: string }

export type SignedAction = (
  | { readonly kind: 'approve' | 'reject' | 'cancel' | 'undo'; readonly run: string }
  | { readonly kind: 'done'; readonly run: string; readonly step: string }
  | { readonly kind: 'freeze' | 'thaw' }
  | { readonly kind: 'run'; readonly playbook: string; readonly inputs: JsonObject }
) & {
  /** Part of the signed text, so that nobody can put another reason under somebody's name. */
  readonly reason?: string
}

export type AuditReport =
  | { readonly ok: true; readonly size: number; readonly root: string; readonly checkpoint: string }
  | { readonly ok: false; readonly seq?: number; readonly reason: string }

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
  readonly run: (id: string) => RunView
  readonly runs: (filter: { open?: boolean; limit?: number }) => readonly RunView[]
  readonly facts: (run: string) => readonly Fact[]
  readonly log: (range: { from: number; limit: number }) => readonly Fact[]
  readonly decide: (decision: Decision) => Promise<DecisionOutcome>
  /** A person with the role of a manual step says that it is done; the step's own probe is asked then. */
  readonly done: (said: SaidDone) => Promise<DecisionOutcome>
  readonly cancel: (run: string, by: Account, reason: string) => Promise<void>
  /** Starts a run that puts back what `run` did, newest first. */
  readonly undo: (run: string, by: Account, reason?: string) => Promise<RunView>
  readonly freeze: (by: Account, reason: string) => Promise<void>
  readonly thaw: (by: Account, reason: string) => Promise<void>
  readonly frozen: () => { readonly reason: string; readonly since: string } | undefined
  /** A text for a person to sign; good once, for ten minutes. */
  readonly challenge: (action: SignedAction) => Challenge
  /** Verifies the SSH signature, finds the person, and carries the action out. */
  readonly signed: (input: { message: string; signature: string }) => Promise<DecisionOutcome>
  /** A webhook's body for a source; decides, records, starts. Throws `alert.*` for what cannot be read. */
  readonly alert: (source: string, body: Uint8Array) => Promise<readonly AlertOutcome[]>
  readonly audit: {
    readonly verify: () => Promise<AuditReport>
    readonly export: (folder: string) => Promise<{ size: number; checkpoint: string }>
    readonly checkpoint: () => Promise<string>
  }
  /** Called after every commit with the facts of it, in order. Returns the way to stop. */
  readonly subscribe: (listener: (facts: readonly Fact[]) => void) => () => void
  /** Messages to people that wait for a surface. */
  readonly outbox: {
    readonly pending: (limit: number) => readonly OutboxNotice[]
    readonly delivered: (notice: OutboxNotice, receipt: string) => Promise<void>
    readonly failed: (notice: OutboxNotice, why: string) => Promise<void>
  }
  /** Small values that may be lost without harm, such as which Slack message shows a run. */
  readonly memo: {
    readonly get: (key: string) => string | undefined
    readonly set: (key: string, value: string) => Promise<void>
  }
}
