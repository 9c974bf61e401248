import { type ErrorCode, FirebreakError } from '../core/errors.ts'
import { retryAfterMs } from '../core/retry-after.ts'

/** A kind of failure in our words: what a provider says itself is never shown (P9). */
export type Fault = { readonly code: ErrorCode; readonly says: string; readonly remedy: string }

export const timeout: Fault = {
  code: 'provider.timeout',
  says: 'no answer in time',
  remedy: 'The call may have had its effect: probe before doing anything again.',
}

/** How long whoever answered with these headers asks to wait, as an error of ours holds it. */
export function patience(headers: { readonly [name: string]: unknown } = {}): { retryAfterMs?: number } {
  const ms = retryAfterMs(headers['retry-after'])
  return ms === undefined ? {} : { retryAfterMs: ms }
}

/** Names the operation in whatever goes wrong inside. */
export type Calling = <T>(operation: string, call: () => Promise<T>) => Promise<T>

export function callingWith(toError: (operation: string, error: unknown) => FirebreakError): Calling {
  return async (operation, call) => {
    try {
      return await call()
    } catch (error) {
      throw error instanceof FirebreakError ? error : toError(operation, error)
    }
  }
}
