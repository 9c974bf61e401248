import type { DecisionOutcome } from '../../core/app.ts'
import type { Message } from './block.ts'
import { note, refusalCard } from './cards.ts'
import type { Clicker, Desk } from './desk.ts'
import { provenBy } from './desk.ts'
import { code } from './text.ts'

type Said = { readonly run: string; readonly reason: string }

/** Who has approved takes it back. The app knows whether it was they, and whether it is not too late. */
export async function takeBack(desk: Desk, user: Clicker, said: Said): Promise<Message> {
  const outcome = await desk.app.withdraw({ ...said, ...(await provenBy(desk, user)) })
  return cardOf(
    outcome,
    `↩️ Taken back: your approval in run ${code(said.run)} counts no more. What has not begun waits for people.`,
  )
}

/** Somebody else has looked at a run in which one person acted alone. */
export async function review(desk: Desk, user: Clicker, said: Said): Promise<Message> {
  return reviewedCard(await desk.app.review({ ...said, ...(await provenBy(desk, user)) }), said.run)
}

export function reviewedCard(outcome: DecisionOutcome, run: string): Message {
  return cardOf(outcome, `🔎 Reviewed: run ${code(run)} says so, with what you found.`)
}

export function alonenessCard(outcome: DecisionOutcome, run: string): Message {
  return cardOf(
    outcome,
    `🔨 You act alone in run ${code(run)}. Everybody who would have been asked is told; somebody else must review it.`,
  )
}

function cardOf(outcome: DecisionOutcome, done: string): Message {
  return outcome.kind === 'refused' ? refusalCard(outcome) : note(done)
}
