import type { Context } from 'hono'
import type { Account } from '../../core/person.ts'
import { USER_HEADER } from '../../core/wire.ts'

const LONGEST = 200

/** Who asks, by their own word: a name to show, never an authority. */
export function callerOf(context: Context): Account {
  const said = context.req.header(USER_HEADER) ?? ''
  return { via: 'os', user: decoded(said).slice(0, LONGEST).toWellFormed() || 'unknown' }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
