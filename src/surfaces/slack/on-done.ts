import type { Message } from './block.ts'
import { note, refusalCard } from './cards.ts'
import type { Desk } from './desk.ts'
import { provenBy } from './desk.ts'
import { decodeTask } from './ids.ts'
import type { ButtonPayload } from './payload.ts'

/** Somebody says that a step is done by hand. The app decides whether they may, and its probe whether it is. */
export async function onDone(desk: Desk, { user }: ButtonPayload, value: string): Promise<Message> {
  const task = decodeTask(value)
  if (task === undefined) return note('🙅 This button is damaged. Use the newest message of the run.')
  const outcome = await desk.app.done({ ...task, ...(await provenBy(desk, user)) })
  return outcome.kind === 'refused'
    ? refusalCard(outcome)
    : note('🔎 Noted. Firebreak is looking whether it is done; the message of the run says what it finds.')
}
