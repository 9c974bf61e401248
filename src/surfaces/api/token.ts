import { FirebreakError } from '../../core/errors.ts'
import type { Secret } from '../../core/secret.ts'

/** Refuses a request whose bearer token is not `token`. Without a token the source is open (`auth: none`). */
export function checkToken(authorization: string | undefined, token: Secret | undefined): void {
  if (token === undefined) return
  const given = /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
  if (given !== undefined && token.matches(given)) return
  const problem = given === undefined ? 'the bearer token is missing' : 'the bearer token is wrong'
  throw new FirebreakError('alert.unauthorised', problem, {
    remedy: 'Send "Authorization: Bearer TOKEN" with the token configured for this source.',
  })
}
