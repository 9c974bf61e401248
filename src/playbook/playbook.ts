import type { AnyAction, AnyReadAction } from '../core/action.ts'
import type { Json, JsonObject } from '../core/json.ts'
import type { ApproveRule, OnExpiry, PlaybookInfo, Retry } from '../core/playbook.ts'

/** What is known of a step when an expression is evaluated: what it returned, that it returned nothing, or nothing yet. */
export type StepValue =
  | { readonly kind: 'output'; readonly output: Json }
  /** Skipped, or failed and tolerated. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown' }

export type Values = {
  readonly inputs: JsonObject
  readonly steps: { readonly [id: string]: StepValue }
  readonly item?: Json
  /** How the main part of the run went: for `succeeded()` and `failed()` in a closing step. */
  readonly failed?: boolean
  /** What the read of `confirm` returned: for its `that`. */
  readonly result?: JsonObject
}

/** A value, or the steps that must run before it can be said. */
export type Known<T> =
  | { readonly known: true; readonly value: T }
  | { readonly known: false; readonly waitsFor: readonly string[] }

/** What must be seen before a step that a person does by hand counts as done. */
export type Confirm = {
  readonly action: AnyReadAction
  readonly using?: string
  readonly input: (values: Values) => Known<JsonObject>
  /** The condition as it was written, for people. */
  readonly that: string
  /** Asked with the read's `result` among the values. */
  readonly holds: (values: Values) => Known<boolean>
}

/** A step of a checked playbook. Its functions are total: the checker has refused everything that could throw. */
export type Step = {
  readonly id: string
  readonly action: AnyAction
  /** Which configured cluster or account; the default one when absent. */
  readonly using?: string
  /** Steps that must be over first, by reference or by `after`. */
  readonly needs: readonly string[]
  /** Its `when` asks how the run went, so that it is decided after everything else. */
  readonly closing: boolean
  readonly when?: (values: Values) => Known<boolean>
  /** Present on a step that repeats. */
  readonly items?: (values: Values) => Known<readonly Json[]>
  readonly input: (values: Values) => Known<JsonObject>
  /** Who must agree first: all of these. Absent: nobody. */
  readonly approve?: readonly ApproveRule[]
  /** Present on a step that a person does by hand. */
  readonly confirm?: Confirm
  readonly concurrency: number
  /** How many items may fail before no further one starts. */
  readonly maxFailures: { readonly kind: 'count' | 'percent'; readonly value: number }
  readonly timeoutMs?: number
  /** Never on a step that waits, asks a person or tells people. */
  readonly retry?: Retry
  /** Present on a containment, always with `onExpiry`: how long the effect of the step, or of each item, is to stay. */
  readonly ttlMs?: number
  readonly onExpiry?: OnExpiry
  readonly onError: 'stop' | 'continue'
}

/** The actions that a step calls: a run pins the contract of each. */
export function actionsOf({ action, confirm }: Step): readonly AnyAction[] {
  return confirm === undefined ? [action] : [action, confirm.action]
}

/** A playbook that loaded: it cannot fail for a missing or mistyped value (P11). */
export type Playbook = {
  readonly info: PlaybookInfo
  /** The text it was made from; a run keeps it. */
  readonly text: string
  /** In an order in which needs come first. */
  readonly steps: readonly Step[]
  /** How long a run may take in all; without, there is no end set. */
  readonly timeoutMs?: number
  /** Checks and completes inputs; text is read by declared type. Throws `input.*`. */
  readonly parseInputs: (raw: JsonObject) => JsonObject
}
