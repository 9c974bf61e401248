import type { Button, KnownBlock } from '@slack/types'
import type { RunView } from '../../core/app.ts'
import type { RunStatus } from '../../core/run.ts'
import { isOver } from '../../core/run.ts'
import { button, buttonRow, type ButtonParts, confirm } from './button.ts'
import { actionIds, encodeTask } from './ids.ts'
import { decisionParts, detailsPart, reviewPart } from './request-buttons.ts'

/** At most five buttons with labels of at most 20 characters: more are cut on a phone. */
export function runButtons(view: RunView): readonly KnownBlock[] {
  const parts = [...decisionParts(view), ...reviewPart(view), ...lifeParts(view), detailsPart(view)]
  return buttonRow(`run-${view.state.n}`, parts)
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
