import type { KnownBlock } from '@slack/types'
import type { RunView } from '../../core/app.ts'
import { isOver } from '../../core/run.ts'
import { isReviewDue } from '../../core/run-approvals.ts'
import { buttonRow, type ButtonParts, confirm } from './button.ts'
import { actionIds, encodeShown } from './ids.ts'
import { shortDigest } from './words.ts'

/** On the card of a request: Approve and Reject while it waits, and what else people may do about it. */
export function decisionButtons(view: RunView): readonly KnownBlock[] {
  const parts = [...decisionParts(view), ...takeBackPart(view), detailsPart(view), ...breakGlassPart(view)]
  return buttonRow(`decide-${view.state.n}`, parts)
}

/** What else may be done about a request, where the message of the run is the card of its request as well. */
export function otherButtons(view: RunView): readonly KnownBlock[] {
  return buttonRow(`other-${view.state.n}`, [...takeBackPart(view), ...breakGlassPart(view)])
}

/** Under a request that is closed: nothing, once everything that it covers has begun. */
export function takeBackButton(view: RunView): readonly KnownBlock[] {
  return buttonRow(`back-${view.state.n}`, takeBackPart(view))
}

/** Also under the post that tells people of it. */
export function reviewButton(view: RunView): readonly KnownBlock[] {
  return buttonRow(`review-${view.state.n}`, reviewPart(view))
}

export function decisionParts(view: RunView): readonly ButtonParts[] {
  const { state, waitingFor, playbook } = view
  if (waitingFor === undefined || isOver(state.status)) return []
  const digest = shortDigest(waitingFor.digest)
  const value = encodeShown({ run: state.id, request: waitingFor.request, digest })
  return [
    {
      action: actionIds.approve,
      label: 'Approve',
      aloud: `Approve the plan of ${playbook.title}`,
      value,
      style: 'primary',
      confirm: confirm(
        'Approve this plan?',
        `You approve the plan ${digest} of ${playbook.title}.`,
        'Approve',
      ),
    },
    {
      action: actionIds.reject,
      label: 'Reject',
      aloud: `Reject the plan of ${playbook.title}`,
      value,
      style: 'danger',
      confirm: confirm('Reject this plan?', `The run of ${playbook.title} ends here.`, 'Reject'),
    },
  ]
}

function takeBackPart(view: RunView): readonly ButtonParts[] {
  if (isOver(view.state.status) || !canTakeBack(view)) return []
  return [
    {
      action: actionIds.withdraw,
      label: 'Take back',
      aloud: `Take back your approval of ${view.playbook.title}`,
      value: encodeURIComponent(view.state.id),
      confirm: confirm(
        'Take it back?',
        'What has not begun waits for people again. Only who has approved can do this.',
        'Take back',
      ),
    },
  ]
}

/** Somebody has approved something that has not begun. The app decides whether it was whoever presses. */
function canTakeBack({ state: { approvals, steps } }: RunView): boolean {
  return approvals.some(
    ({ status, given, lines }) =>
      (status === 'open' || status === 'satisfied') &&
      given.length > 0 &&
      Object.keys(lines).some((step) => (steps[step]?.status ?? 'pending') === 'pending'),
  )
}

/** Last, so that no thumb finds it first. It opens a form that asks for the reason, so it is not asked twice here. */
function breakGlassPart({ state, waitingFor, playbook }: RunView): readonly ButtonParts[] {
  if (waitingFor === undefined || isOver(state.status)) return []
  const { request, digest } = waitingFor
  return [
    {
      action: actionIds.breakGlass,
      label: 'Break-glass…',
      aloud: `Act alone on ${playbook.title}, with a reason, and a review due`,
      value: encodeShown({ run: state.id, request, digest: shortDigest(digest) }),
      style: 'danger',
    },
  ]
}

/** For others, while a review is due, also after the run has ended. */
export function reviewPart({ state, playbook }: RunView): readonly ButtonParts[] {
  if (!isReviewDue(state)) return []
  return [
    {
      action: actionIds.review,
      label: 'Review…',
      aloud: `Review that one person acted alone in ${playbook.title}`,
      value: encodeURIComponent(state.id),
    },
  ]
}

export function detailsPart(view: RunView): ButtonParts {
  const value = encodeURIComponent(view.state.id)
  return { action: actionIds.details, label: 'Details', aloud: `Details of ${view.playbook.title}`, value }
}
