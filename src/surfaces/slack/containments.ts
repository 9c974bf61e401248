import type { KnownBlock } from '@slack/types'
import type { RunView } from '../../core/app.ts'
import { lifeText, timeText } from '../../core/containment.ts'
import { type Contained, liveContainments } from '../../core/run.ts'
import { mrkdwn, section } from './block.ts'
import { actionIds, encodeTask } from './ids.ts'
import { button, confirm } from './button.ts'
import { code, prose } from './text.ts'
import { localClock } from './words.ts'

/** More stand in the list of steps; each would be two blocks of its own. */
const MAX_SHOWN = 4

/** What is in place for a time: until when, what then, and the buttons for whoever decides otherwise. */
export function containments(view: RunView): readonly KnownBlock[] {
  const live = liveContainments(view.state)
  const rest = live.length - MAX_SHOWN
  return [
    ...live.slice(0, MAX_SHOWN).flatMap((step, at) => blocks(view, step, at)),
    ...(rest > 0
      ? [section(`⏳ and ${rest} more in place for a time: ${code('firebreak containments')}`)]
      : []),
  ]
}

/** The buttons under a message about one of them; none when it has ended. */
export function containmentActions(view: RunView, id: string): readonly KnownBlock[] {
  const step = liveContainments(view.state).find((candidate) => candidate.id === id)
  return step === undefined || step.containment.lifting !== undefined
    ? []
    : [actions(view, step, `told-${id}`)]
}

function blocks(view: RunView, step: Contained, at: number): readonly KnownBlock[] {
  const about = {
    type: 'section',
    block_id: `held-${at}-${view.state.n}`,
    text: mrkdwn(`⏳ *In place for a time* (${code(step.id, 40)})${targetOf(step)}: ${standing(step)}`),
  } satisfies KnownBlock
  return step.containment.lifting === undefined ? [about, actions(view, step, `${at}`)] : [about]
}

function targetOf({ change }: Contained): string {
  return change === undefined ? '' : ` ${code(change.target.name, 80)}`
}

function standing({ containment }: Contained): string {
  const { status, until, onExpiry, lifting, asked } = containment
  const then = onExpiry === 'undo' ? 'then it undoes itself' : 'then you are asked'
  const end = status === 'active' ? `until ${localClock(until)}, ${then}` : 'its time is over'
  if (lifting !== undefined) return `${end}. ↩️ Run ${code(lifting.undo)} is putting it back`
  return asked === undefined ? end : `🙋 it stays until you decide: ${prose(asked.why, 400)}`
}

function actions(view: RunView, { id, containment }: Contained, at: string): KnownBlock {
  const value = encodeTask({ run: view.state.id, step: id })
  const { title } = view.playbook
  const time = timeText(containment.ttlMs)
  const undone = 'Its undo is planned, shown and approved like any other run.'
  const kept = 'Nothing undoes it by itself, and nobody is asked again.'
  return {
    type: 'actions',
    block_id: `decide-held-${at}-${view.state.n}`.slice(0, 255),
    elements: [
      button({
        action: actionIds.renew,
        label: `Renew ${time}`,
        aloud: `Give ${id} of ${title} ${time} more`,
        value,
        confirm: confirm('Renew it?', `It is in place ${lifeText(containment)}, from now on.`, 'Renew'),
      }),
      button({
        action: actionIds.lift,
        label: 'Lift now',
        aloud: `Put back ${id} of ${title} now`,
        value,
        confirm: confirm('Lift it now?', undone, 'Lift'),
      }),
      button({
        action: actionIds.keep,
        label: 'Keep for good',
        aloud: `Keep ${id} of ${title} for good`,
        value,
        style: 'danger',
        confirm: confirm('Keep it for good?', kept, 'Keep'),
      }),
    ],
  } satisfies KnownBlock
}
