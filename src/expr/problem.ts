import type { ErrorCode } from '../core/errors.ts'

/** What is wrong with an expression. `start` and `end` count UTF-16 units from the start of the checked text. */
export type Problem = {
  readonly code: ErrorCode
  readonly message: string
  /** What to write instead. */
  readonly remedy: string
  readonly start: number
  readonly end: number
}

type Place = { readonly start: number; readonly end: number }

/** Ends the check of one expression. It never leaves this folder. */
export class Refusal extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.message)
    this.problem = problem
  }
}

export type Because = { readonly code: ErrorCode; readonly message: string; readonly remedy: string }

export function refuse(place: Place, because: Because): never {
  throw new Refusal({ ...because, start: place.start, end: place.end })
}
