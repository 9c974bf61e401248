import type { DecisionOutcome, RunWish } from '../core/app.ts'
import { judgeWithdrawal } from '../policy/withdrawal.ts'
import { judgedCommit } from './judged.ts'
import { actorOf, type BotParts } from './parts.ts'

/** Who has approved takes it back, before the effect. What it was enough for is not any more: people are asked anew. */
export function withdraw(parts: BotParts, wish: RunWish): Promise<DecisionOutcome> {
  const { by: account, reason, evidence } = wish
  return judgedCommit(parts, { what: 'withdraw', wish }, (run) => {
    const judged = judgeWithdrawal({ run, account, authority: parts.authorities.now() })
    if ('code' in judged) return judged
    const { person, requests } = judged
    const actor = actorOf(parts, account)
    return {
      facts: requests.map((request) => ({
        type: 'approval.withdrawn',
        actor,
        data: { request, person, account, evidence, reason },
      })),
    }
  })
}
