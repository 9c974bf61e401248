import { isFirebreakError } from '../../src/core/errors.ts'

/** The code of the error that a call ends with, `none` without one. Errors of other kinds pass through. */
export function codeOf(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    if (isFirebreakError(error)) return error.code
    throw error
  }
  return 'none'
}
