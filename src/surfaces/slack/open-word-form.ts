import type { RunView } from '../../core/app.ts'
import { FirebreakError } from '../../core/errors.ts'
import type { Message } from './block.ts'
import { note, refusalCard } from './cards.ts'
import type { Desk } from './desk.ts'
import type { ShownRequest } from './ids.ts'
import { modelOf } from './model.ts'
import { showView } from './show-view.ts'
import { breakGlassForm, reviewForm, type Waiting } from './word-form.ts'
import { shortDigest } from './words.ts'

/** By button with what its message showed; by a typed word with the run and perhaps the reason. */
export type Wanted =
  | { readonly shown: ShownRequest | undefined }
  | { readonly run: string; readonly typed?: string | undefined }

/** The form shows the plan that waits now, and the act is bound to what it shows. */
export async function openBreakGlass(
  desk: Desk,
  trigger: string,
  wanted: Wanted,
): Promise<Message | undefined> {
  const shown = 'shown' in wanted ? wanted.shown : undefined
  const run = 'run' in wanted ? wanted.run : shown?.run
  if (run === undefined) return note('🙅 This button is damaged. Use the newest message of the run.')
  const opened = await showView(desk, trigger, async () => {
    const model = await modelOf(desk.app, run)
    const typed = 'typed' in wanted ? wanted.typed : undefined
    return breakGlassForm(model, waitingNow(model.view, shown), typed)
  })
  return opened ? undefined : notOpened(`/firebreak break-glass ${run} <reason>`)
}

/** What was pressed is about another request, or another plan, than the one that waits: that one is read first. */
function waitingNow({ state, waitingFor }: RunView, shown: ShownRequest | undefined): Waiting {
  const remedy = `Look at run ${state.id}: it shows what it waits for.`
  if (waitingFor === undefined || (shown !== undefined && shown.request !== waitingFor.request))
    throw new FirebreakError('approval.not-open', 'This request is not open any more', { remedy })
  if (shown !== undefined && shown.digest !== shortDigest(waitingFor.digest))
    throw new FirebreakError('approval.other-plan', 'This button is about another plan', { remedy })
  return waitingFor
}

export async function openReview(desk: Desk, trigger: string, run: string): Promise<Message | undefined> {
  const opened = await showView(desk, trigger, async () => {
    const model = await modelOf(desk.app, run)
    const { review } = model.view.state
    if (review === undefined || review.reviewed !== undefined)
      throw new FirebreakError('review.not-due', `Run ${run} waits for no review`, {
        remedy: 'Nothing to do.',
      })
    return reviewForm(model, review)
  })
  return opened ? undefined : notOpened(`/firebreak review ${run} <what you found>`)
}

function notOpened(command: string): Message {
  return refusalCard({
    code: '',
    message: 'Slack did not open the form in time.',
    remedy: `Try again, or type it: ${command}`,
  })
}
