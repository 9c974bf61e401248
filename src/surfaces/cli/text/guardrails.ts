import type { GuardrailView } from '../../../core/app.ts'
import { clean } from './clean.ts'
import type { Paint } from './paint.ts'
import { table } from './table.ts'

/** So many steps that wait are named; the others are counted. */
const NAMED = 3

export function guardrailsTable(views: readonly GuardrailView[], paint: Paint): string {
  const rows = views.map(({ key, says, closed, waiting }) =>
    [key, closed ? 'closed' : 'open', says, waitingText(waiting)].map(clean),
  )
  const decorate = (cell: string, column: number): string =>
    column === 1 && cell === 'closed' ? paint('yellow', cell) : cell
  return table(['GUARDRAIL', 'STATE', 'NOW', 'WAITING'], rows, { paint, decorate })
}

function waitingText(waiting: GuardrailView['waiting']): string {
  const named = waiting.slice(0, NAMED).map(({ run, step }) => `${step} of ${run}`)
  const more = waiting.length > NAMED ? [`${waiting.length - NAMED} more`] : []
  return [...named, ...more].join(', ')
}
