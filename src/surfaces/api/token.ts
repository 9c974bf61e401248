import { createHash, timingSafeEqual } from 'node:crypto'
import { FirebreakError } from '../../core/errors.ts'
import type { Secret } from '../../core/secret.ts'

/** Refuses a request whose bearer token is not `token`. Without a token the source is open (`auth: none`). */
export function checkToken(authorization: string | undefined, token: Secret | undefined): void {
  if (token === undefined) return
  const given = /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
  if (given !== undefined && sameText(given, token.reveal())) return
  const problem = given === undefined ? 'the bearer token is missing' : 'the bearer token is wrong'
  throw new FirebreakError('alert.unauthorised', problem, {
    remedy: 'Send "Authorization: Bearer TOKEN" with the token configured for this source.',
  })
}

/** Digests first, so that neither the length nor the first differing byte shows in the time taken. */
function sameText(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
