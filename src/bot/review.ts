import type { DecisionOutcome, RunWish } from '../core/app.ts'
import { judgeReview } from '../policy/alone.ts'
import { refuseSigner } from './gate.ts'
import { judgedCommit } from './judged.ts'
import { actorOf, type BotParts } from './parts.ts'
import { pointsOfRun } from './points.ts'

/** Somebody else has looked at a run in which one person acted alone, however long it is over. */
export async function review(parts: BotParts, wish: RunWish): Promise<DecisionOutcome> {
  const { by: account, reason, evidence } = wish
  const left = await refuseSigner(parts, account)
  return judgedCommit(parts, { what: 'review', wish }, (run) => {
    if (left !== undefined) return left
    const authority = parts.authorities.now()
    const judged = judgeReview({ run, account, authority, points: pointsOfRun(parts, run) })
    if (judged.kind === 'refused') return judged
    const data = { person: judged.person.id, account, evidence, reason }
    return { facts: [{ type: 'run.reviewed', actor: actorOf(parts, account), data }] }
  })
}
