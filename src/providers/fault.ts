import { type ErrorCode, FirebreakError } from '../core/errors.ts'

/** A kind of failure in our words: what a provider says itself is never shown (P9). */
export type Fault = { readonly code: ErrorCode; readonly says: string; readonly remedy: string }

export const timeout: Fault = {
  code: 'provider.timeout',
  says: 'no answer in time',
  remedy: 'The call may have had its effect: probe before doing anything again.',
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
