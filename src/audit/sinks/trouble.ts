import { isFirebreakError } from '../../core/errors.ts'
import type { Trouble } from './sink.ts'
import { TookTooLong } from './wait.ts'

/** What an exception comes to. Only codes are told: messages of clients repeat what was sent, credentials included. */
export function troubleOf(error: unknown, who: string): Trouble {
  if (error instanceof TookTooLong) return { why: `${who} does not answer in time` }
  if (isFirebreakError(error)) return { why: `${error.message} (${error.code})` }
  return { why: `${who} cannot be reached (${codeOf(error)})` }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  // Several addresses of one name were tried, each with an error of its own.
  const [first] = error instanceof AggregateError ? error.errors : []
  if (first instanceof Error) return codeOf(first)
  if ('code' in error && typeof error.code === 'string') return error.code
  return error.constructor.name
}
