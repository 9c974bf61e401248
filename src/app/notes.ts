import { isOver } from '../core/run.ts'
import type { BotParts } from '../bot/parts.ts'
import type { BreakGlass } from './break-glass.ts'
import { PROTOCOL } from '../engine/drivers/workflows.ts'
import type { Journal } from './journal.ts'

/** What people must know of a run besides its own state. */
export function createNotes(journal: Journal, breakGlass: BreakGlass | undefined): BotParts['notes'] {
  const ours = breakGlass === undefined ? [] : [`BREAK-GLASS, not the usual log: ${breakGlass.reason}`]
  return async ({ id, status }) => {
    const protocol = isOver(status) ? undefined : await journal.foreign(id)
    if (protocol === undefined) return ours
    return [
      ...ours,
      `This process leaves the run to those that speak protocol ${protocol}; it speaks ${PROTOCOL}.`,
    ]
  }
}
