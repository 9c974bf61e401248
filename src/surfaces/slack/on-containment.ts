import type { ContainmentWish } from '../../core/app.ts'
import type { Message } from './block.ts'
import { note } from './cards.ts'
import type { Desk } from './desk.ts'
import { provenBy } from './desk.ts'
import { actionIds, decodeTask } from './ids.ts'
import { startedCard } from './on-start.ts'
import type { ButtonPayload } from './payload.ts'
import { code } from './text.ts'

type Choice = 'renew' | 'lift' | 'keep'

export function isAboutContainment(id: string): id is (typeof actionIds)[Choice] {
  return id === actionIds.renew || id === actionIds.lift || id === actionIds.keep
}

/** Somebody decides about an effect that is in place for a time. The app decides whether they may. */
export async function onContainment(
  desk: Desk,
  { user }: ButtonPayload,
  { id, value }: { readonly id: (typeof actionIds)[Choice]; readonly value: string },
): Promise<Message> {
  const about = decodeTask(value)
  if (about === undefined) return note('🙅 This button is damaged. Use the newest message of the run.')
  const wish: ContainmentWish = {
    ...about,
    ...(await provenBy(desk, user)),
    reason: 'by button in Slack',
  }
  switch (id) {
    case actionIds.renew:
      await desk.app.renew(wish)
      return note(
        `⏳ Renewed: ${code(about.step, 40)} of run ${code(about.run)}. Its message shows until when.`,
      )
    case actionIds.lift:
      return startedCard(await desk.app.lift(wish))
    case actionIds.keep:
      await desk.app.keep(wish)
      return note(`📌 Kept for good: ${code(about.step, 40)} of run ${code(about.run)}.`)
  }
}
