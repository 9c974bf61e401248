import { FirebreakError } from '../core/errors.ts'
import type { Evidence, NewFact } from '../core/fact.ts'
import type { Account } from '../core/person.ts'
import { actorOf, commit, type BotParts } from './parts.ts'

/** Who wants something, why, and the signature where there is one. */
export type Wish = { readonly by: Account; readonly reason: string; readonly evidence?: Evidence }

/** What a fact keeps of a wish. */
export function wished({ reason, evidence }: Wish): { reason: string; evidence?: Evidence } {
  return { reason, ...(evidence === undefined ? {} : { evidence }) }
}

/** Does it, or records that it was refused and why (P13). A store that cannot write can record nothing either. */
export async function orRecord<T>(
  parts: BotParts,
  { command, by }: { readonly command: string; readonly by: Account },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof FirebreakError && !error.code.startsWith('store.')) {
      await recordRefusal(parts, { command, by, error })
    }
    throw error
  }
}

type Refused = {
  readonly command: string
  readonly by: Account
  readonly error: { readonly code: string; readonly message: string }
}

export async function recordRefusal(parts: BotParts, { command, by, error }: Refused): Promise<void> {
  const data = { command: command.slice(0, 200), code: error.code, message: error.message.slice(0, 1000) }
  const fact: NewFact = { type: 'command.refused', actor: actorOf(parts, by), data }
  await commit(parts, { facts: [fact] })
}
