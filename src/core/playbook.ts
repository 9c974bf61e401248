import type { Because } from './because.ts'
import type { ErrorCode } from './errors.ts'
import type { Json } from './json.ts'
import type { Effect } from './action.ts'

/** A fault in a file a person wrote, with the exact place. Lines and columns count from 1. */
export type Diagnostic = {
  readonly code: ErrorCode
  readonly severity: 'error' | 'warning'
  readonly message: string
  /** What to write instead. */
  readonly remedy: string
  readonly file: string
  readonly line: number
  readonly column: number
  /** The line of the file, and a caret under the place. */
  readonly excerpt: string
}

/**
 * The type of a playbook's input: our own strict subset of JSON Schema (DESIGN section 5). It drives validation, command
 * line flags and the Slack modal.
 */
export type InputType =
  | {
      readonly type: 'string'
      readonly description: string
      readonly enum?: readonly string[] | undefined
      readonly pattern?: string | undefined
      readonly format?: 'date-time' | 'email' | 'uri' | 'uuid' | 'ipv4' | 'ipv6' | undefined
      readonly minLength?: number | undefined
      readonly maxLength?: number | undefined
      readonly default?: string | undefined
    }
  | {
      readonly type: 'integer' | 'number'
      readonly description: string
      readonly minimum?: number | undefined
      readonly maximum?: number | undefined
      readonly default?: number | undefined
    }
  | { readonly type: 'boolean'; readonly description: string; readonly default?: boolean | undefined }
  | {
      readonly type: 'array'
      readonly description: string
      readonly items: InputType
      readonly maxItems?: number | undefined
      readonly default?: readonly Json[] | undefined
    }
  | {
      readonly type: 'object'
      readonly description: string
      readonly properties: { readonly [name: string]: InputType }
      readonly required?: readonly string[] | undefined
    }

/** Who must agree before a step acts: so many persons with a role. */
export type ApproveRule = { readonly from: string; readonly count: number; readonly withinMs: number }

/**
 * How a step is tried again after a failure that may pass: exponential back-off with full jitter. A read is repeated; of an
 * effect only what provably changed nothing is: its plan, and calls that were refused or throttled, never one in doubt.
 */
export type Retry = {
  /** How often it is tried in all. */
  readonly attempts: number
  /** Bound of the first pause; it doubles with each. */
  readonly waitMs: number
  /** No pause is longer, unless the provider itself asks for one. */
  readonly longestMs: number
}

/** What becomes of a containment whose time is over: people are asked, or the effect undoes itself. */
export type OnExpiry = 'ask' | 'undo'

/** A step as people see it. */
export type StepInfo = {
  readonly id: string
  readonly action: string
  readonly title: string
  readonly effect: Effect
  /** Steps that must end first: by reference or by `after`. */
  readonly needs: readonly string[]
  readonly when?: string
  readonly repeats: boolean
  /** All of them. */
  readonly approve?: readonly ApproveRule[]
  readonly retry?: Retry
  /** Present on a containment, always with `onExpiry`: how long the effect is to stay, for each item where the step repeats. */
  readonly ttlMs?: number
  readonly onExpiry?: OnExpiry
}

/** A playbook as surfaces see it: what it is for, what it asks, what it does. */
export type PlaybookInfo = {
  readonly name: string
  readonly title: string
  readonly severity: 'low' | 'medium' | 'high' | 'critical'
  readonly because: Because
  readonly covers: { readonly atlas: readonly string[]; readonly owaspLlm: readonly string[] }
  readonly inputs: { readonly [name: string]: InputType }
  readonly steps: readonly StepInfo[]
  /** How long a run of it may take in all; without, there is no end set. */
  readonly timeoutMs?: number
  /** SHA-256 of the canonical text. */
  readonly digest: string
  readonly file: string
}
