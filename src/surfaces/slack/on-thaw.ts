import type { DecisionOutcome } from '../../core/app.ts'
import type { Message } from './block.ts'
import { note, refusalCard } from './cards.ts'
import type { Clicker, Desk } from './desk.ts'
import { provenBy } from './desk.ts'
import type { ButtonPayload } from './payload.ts'
import { prose } from './text.ts'

/** Somebody says that the freeze is to be lifted: with enough people it is. */
export async function thaw(desk: Desk, user: Clicker, reason: string): Promise<Message> {
  const { by, evidence } = await provenBy(desk, user)
  return thawCard(await desk.app.thaw(by, reason, evidence))
}

/** The button is about the freeze that its message shows, and about no other that was set since. */
export async function thawToo(desk: Desk, { user }: ButtonPayload, since: string): Promise<Message> {
  const freeze = await desk.app.frozen()
  if (freeze === undefined || freeze.since !== since) {
    return refusalCard({
      code: 'guardrail.not-frozen',
      message: 'The freeze of this message is not set any more.',
      remedy: 'Look at “/firebreak status”: it says whether something is frozen now.',
    })
  }
  return await thaw(desk, user, 'agreed, by button in Slack')
}

function thawCard(outcome: DecisionOutcome): Message {
  switch (outcome.kind) {
    case 'refused':
      return refusalCard(outcome)
    case 'done':
      return note('💧 Thawed: steps may change things again.')
    case 'counted': {
      const still = outcome.still.map((part) => prose(part, 150)).join('; ')
      return note(`🧊 Your word counts, and Firebreak is frozen still: ${still}. The channel is told.`)
    }
  }
}
