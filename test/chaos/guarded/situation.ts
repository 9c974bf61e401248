import type { Act } from './acts.ts'
import type { Role } from './cast.ts'

/** So many distinct people. */
export type Seat = { readonly from: Role; readonly count: number }

/** A time, in milliseconds since 1970, in which nothing is done; or only by these people's word. */
type Shut = { readonly from: number; readonly until: number; readonly beyond?: Seat }

/** At most so many effects, within a time or at once; or more by these people's word. */
export type Allowance = { readonly limit: number; readonly windowMs?: number; readonly beyond?: Seat }

/** What must hold, as somebody would say it who has read the files: what the guards themselves go by is not asked. */
export type Truth = {
  /** By effect (`run1/a`), groups of distinct people who must agree. */
  readonly needs?: { readonly [effect: string]: readonly (readonly Seat[])[] }
  readonly allowances?: readonly Allowance[]
  readonly shut?: readonly Shut[]
  /** Never touched. */
  readonly names?: readonly string[]
  readonly label?: string
}

/** A few runs, people and fate. */
export type Situation = {
  /** A playbook for each run. */
  readonly playbooks: readonly string[]
  /** More of firebreak.yaml. */
  readonly config?: object
  readonly truth: Truth
  /** What happens when nothing else does, so that the runs end. */
  readonly script: readonly Act[]
  /** What else may happen, each once. */
  readonly mischief: readonly Act[]
}
