import type { Account } from '../../core/person.ts'
import type { Message } from './block.ts'
import { note } from './cards.ts'
import type { Desk } from './desk.ts'
import { code } from './text.ts'

/**
 * Takes a parked run on; what is in doubt is looked at again. To say what one has seen of it needs a signature: a thumb
 * on a phone must not be what makes an effect happen twice.
 */
export async function lookAgain(
  desk: Desk,
  run: string,
  { by, reason }: { readonly by: Account; readonly reason: string },
): Promise<Message> {
  await desk.app.resume(run, by, { reason })
  const answer = `firebreak runs resume ${run} --applied STEP`
  return note(
    `🔁 Run ${code(run)} goes on: what is in doubt is looked at again. To say yourself what you have seen, use the command line: ${code(answer, 200)}, or --absent STEP.`,
  )
}
