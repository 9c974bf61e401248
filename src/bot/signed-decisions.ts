import type { DecisionOutcome } from '../core/app.ts'
import type { SignedMessage } from '../core/wire.ts'
import { actAlone } from './alone.ts'
import { sayDone } from './by-hand.ts'
import { decide, stateOf } from './decide.ts'
import type { BotParts } from './parts.ts'
import { review } from './review.ts'
import type { Doers, SignedWish } from './signed.ts'
import { thaw } from './thaw.ts'
import { withdraw } from './withdraw.ts'

/** What is done once a signature under a decision, or under a word that others need as well, is verified. */
export function decisionDoers(
  parts: BotParts,
): Pick<Doers, 'approve' | 'reject' | 'break-glass' | 'withdraw' | 'review' | 'done' | 'thaw'> {
  return {
    approve: (said, wish) => decideSigned(parts, said, wish),
    reject: (said, wish) => decideSigned(parts, said, wish),
    'break-glass': async ({ run = '', digest = '' }, wish) =>
      actAlone(parts, { ...wish, run, digest, request: await requestOf(parts, { run, digest }) }),
    withdraw: ({ run = '' }, wish) => withdraw(parts, { ...wish, run }),
    review: ({ run = '' }, wish) => review(parts, { ...wish, run }),
    done: ({ run = '', step = '' }, { by, evidence }) => sayDone(parts, { run, step, by, evidence }),
    thaw: (_, wish) => thaw(parts, wish),
  }
}

async function decideSigned(
  parts: BotParts,
  { run = '', digest = '', decision, reason }: SignedMessage,
  { by, evidence }: SignedWish,
): Promise<DecisionOutcome> {
  return decide(parts, {
    run,
    request: await requestOf(parts, { run, digest }),
    digest,
    decision: decision === 'approve' ? 'approve' : 'reject',
    by,
    evidence,
    ...(reason === undefined ? {} : { reason }),
  })
}

/** The signed text names the plan by its digest; the request that shows this plan is the one that is decided. */
async function requestOf(
  parts: BotParts,
  { run, digest }: { readonly run: string; readonly digest: string },
): Promise<string> {
  const { approvals } = await stateOf(parts, run)
  const about = approvals.filter((approval) => approval.digest === digest)
  // Of two open requests about one plan people are shown the first (openRequest).
  const shown = about.find(({ status }) => status === 'open') ?? about.at(-1) ?? approvals.at(-1)
  return shown?.request ?? ''
}
