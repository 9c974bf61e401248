import type { Evidence } from '../core/fact.ts'
import type { Account } from '../core/person.ts'

/** Who wants something, why, and the signature where there is one. */
export type Wish = { readonly by: Account; readonly reason: string; readonly evidence?: Evidence }

/** What a fact keeps of a wish. */
export function wished({ reason, evidence }: Wish): { reason: string; evidence?: Evidence } {
  return { reason, ...(evidence === undefined ? {} : { evidence }) }
}
