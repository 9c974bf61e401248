import { FirebreakError } from '../../core/errors.ts'

/** A fault that `tsc` would have found, or that it cannot find, in the use of a definition. */
export function definitionFault(message: string, remedy: string): FirebreakError {
  return new FirebreakError('playbook.definition', message, { remedy })
}
