import type { Counting } from '../../core/ports.ts'
import type { Step } from '../consequences.ts'

/** What a task of a transaction must see of the tables. */
export type Needs = GuardrailNeeds & {
  readonly runs?: readonly string[]
  readonly once?: readonly Key[]
  readonly notices?: readonly string[]
}

/** What it must see of the rows by which guardrails count and wait. Most transactions need little of it. */
export type GuardrailNeeds = {
  /** What these take up and wait for may change. */
  readonly steps?: readonly Step[]
  /** Runs that end. */
  readonly ending?: readonly string[]
  /** Runs that people take back. */
  readonly undone?: readonly string[]
  readonly counts?: readonly Counting[]
  /** Runs that want a target: may each wait for the other? */
  readonly claims?: readonly { readonly target: string; readonly run: string }[]
  readonly reviews?: boolean
}

export type Key = { readonly scope: string; readonly key: string }

export function keyOf({ scope, key }: Key): string {
  return JSON.stringify([scope, key])
}
