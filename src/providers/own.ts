import { FirebreakError } from '../core/errors.ts'
import type { OwnAnswer } from '../core/provider.ts'

export const nothing: OwnAnswer = { needs: [], unknown: [] }

export function together(answers: readonly OwnAnswer[]): OwnAnswer {
  return {
    needs: answers.flatMap(({ needs }) => needs),
    unknown: answers.flatMap(({ unknown }) => unknown),
  }
}

/** What cannot be read is said, and keeps nothing else from being found out. */
export async function known(what: string, find: () => Promise<OwnAnswer>): Promise<OwnAnswer> {
  try {
    return await find()
  } catch (error) {
    if (!(error instanceof FirebreakError)) throw error
    return { needs: [], unknown: [`${what}: ${error.message}`] }
  }
}
