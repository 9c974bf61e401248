import type { Button, ConfirmationDialog, KnownBlock } from '@slack/types'
import type { RunView } from '../../core/app.ts'
import type { RunStatus } from '../../core/run.ts'
import { isOver } from '../../core/run.ts'
import { plainText } from './block.ts'
import { actionIds, encodeShown, encodeTask } from './ids.ts'
import { shortDigest } from './words.ts'

type ButtonParts = {
  readonly action: string
  readonly label: string
  /** What a screen reader says: the label alone lacks the context. */
  readonly aloud: string
  readonly value: string
  readonly style?: 'primary' | 'danger'
  readonly confirm?: ConfirmationDialog
}

/** At most five buttons with labels of at most 20 characters: more are cut on a phone. */
export function runButtons(view: RunView): readonly KnownBlock[] {
  const buttons = [...decisionParts(view), ...lifeParts(view), detailsPart(view)].map(button)
  // A new block id with every state, so that no client merges the old block's state into the new one.
  return [{ type: 'actions', block_id: `run-${view.state.n}`, elements: buttons }] satisfies KnownBlock[]
}

/** Approve and Reject, when the run waits for a decision. */
export function decisionButtons(view: RunView): readonly KnownBlock[] {
  const parts = [...decisionParts(view), detailsPart(view)]
  return [
    { type: 'actions', block_id: `decide-${view.state.n}`, elements: parts.map(button) },
  ] satisfies KnownBlock[]
}

export function detailsButton(view: RunView): Button {
  return button(detailsPart(view))
}

/** For a step that people do by hand. */
export function doneButton(view: RunView, step: string): Button {
  return button({
    action: actionIds.done,
    label: 'Done',
    aloud: `Say that ${step} of ${view.playbook.title} is done`,
    value: encodeTask({ run: view.state.id, step }),
    style: 'primary',
    confirm: confirm('Is it done?', 'Firebreak looks whether it is. If not, it asks again.', 'It is done'),
  })
}

export function button(parts: ButtonParts): Button {
  return {
    type: 'button',
    action_id: parts.action,
    text: plainText(parts.label, 20),
    accessibility_label: parts.aloud.slice(0, 75),
    value: parts.value,
    ...(parts.style === undefined ? {} : { style: parts.style }),
    ...(parts.confirm === undefined ? {} : { confirm: parts.confirm }),
  }
}

function decisionParts(view: RunView): readonly ButtonParts[] {
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

const undoable: ReadonlySet<RunStatus> = new Set(['succeeded', 'failed', 'cancelled', 'rejected', 'expired'])

function lifeParts(view: RunView): readonly ButtonParts[] {
  const { state, playbook } = view
  const value = encodeURIComponent(state.id)
  if (!isOver(state.status)) {
    const dialog = confirm(
      'Cancel this run?',
      'Steps that are under way finish. Nothing else starts.',
      'Cancel the run',
    )
    const aloud = `Cancel the run of ${playbook.title}`
    const cancel = { action: actionIds.cancel, label: 'Cancel', aloud, value, style: 'danger' } as const
    return [...(state.status === 'parked' ? [resumePart(view)] : []), { ...cancel, confirm: dialog }]
  }
  if (state.status === 'planned') {
    const dialog = confirm(
      'Run this for real?',
      'It is planned again first, and approved where that is needed.',
      'Run',
    )
    const aloud = `Run ${playbook.title} for real`
    return [{ action: actionIds.runThis, label: 'Run this', aloud, value, style: 'primary', confirm: dialog }]
  }
  if (!undoable.has(state.status) || !hasInverse(view)) return []
  const dialog = confirm('Undo this run?', 'It is planned, shown and approved like any other run.', 'Undo')
  return [
    {
      action: actionIds.undo,
      label: 'Undo',
      aloud: `Undo the run of ${playbook.title}`,
      value,
      confirm: dialog,
    },
  ]
}

function resumePart({ state, playbook }: RunView): ButtonParts {
  return {
    action: actionIds.resume,
    label: 'Look again',
    aloud: `Look again at what is in doubt in ${playbook.title}, and go on`,
    value: encodeURIComponent(state.id),
    confirm: confirm(
      'Look again and go on?',
      'What is in doubt is looked at again, and never repeated unseen. Where it is clear, the run goes on.',
      'Look again',
    ),
  }
}

/** Something was done that can be put back. */
function hasInverse(view: RunView): boolean {
  if (view.state.mode !== 'run') return false
  return Object.values(view.state.steps).some(
    (step) => step.status === 'succeeded' && step.undo?.kind === 'inverse',
  )
}

function detailsPart(view: RunView): ButtonParts {
  const value = encodeURIComponent(view.state.id)
  return { action: actionIds.details, label: 'Details', aloud: `Details of ${view.playbook.title}`, value }
}

/** Slack: title 100, text 300, labels 30 characters. */
export function confirm(title: string, text: string, yes: string): ConfirmationDialog {
  return {
    title: plainText(title, 100),
    text: plainText(text, 300),
    confirm: plainText(yes, 30),
    deny: plainText('Go back', 30),
  }
}
