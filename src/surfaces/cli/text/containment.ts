import type { ContainmentView } from '../../../core/app.ts'
import type { Containment } from '../../../core/containment.ts'
import { type Contained, liveContainments, type RunState } from '../../../core/run.ts'
import { clean } from './clean.ts'
import type { Paint } from './paint.ts'
import { table } from './table.ts'
import { moment } from './time.ts'

/** How a containment stands, in words. */
export function standingText({ status, until, onExpiry, lifting, asked, reason }: Containment): string {
  if (status === 'lifted') return 'lifted'
  if (status === 'kept') return `kept for good: ${reason ?? ''}`
  const parts = [
    ...(status === 'active' ? [`until ${moment(until)}, then ${thenText(onExpiry)}`] : []),
    ...(lifting === undefined ? [] : [`being put back by run ${lifting.undo}`]),
    ...(asked === undefined ? [] : [`waits for people: ${asked.why}`]),
  ]
  return parts.length === 0 ? 'its time is over; it is put back when its run has ended' : parts.join('; ')
}

function thenText(onExpiry: Containment['onExpiry']): string {
  return onExpiry === 'undo' ? 'undoes itself' : 'asks'
}

/** The lines of a run about what is in place for a time. */
export function containmentLines(state: RunState): readonly string[] {
  return liveContainments(state).map((step) => clean(lineOf(state, step)))
}

function lineOf(state: RunState, { id, change, containment }: Contained): string {
  const target = change === undefined ? '' : ` (${change.target.name})`
  return `in place, ${id}${target}: ${standingText(containment)}; firebreak containments renew|lift|keep ${state.id} ${id}`
}

export function containmentsTable(views: readonly ContainmentView[], paint: Paint): string {
  const rows = views.map(({ run, step, target, playbook, containment }) =>
    [run, step, target?.name ?? '', playbook.name, standingText(containment)].map(clean),
  )
  return table(['RUN', 'STEP', 'TARGET', 'PLAYBOOK', 'IN PLACE'], rows, { paint, decorate: (cell) => cell })
}
