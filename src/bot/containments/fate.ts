import type { Containment } from '../../core/containment.ts'
import { isOver, isSettled, type RunState } from '../../core/run.ts'
import { stateOf } from '../decide.ts'
import type { BotParts } from '../parts.ts'
import type { Fate, Found } from './turn.ts'

/** What the run that puts a containment back has come to; undefined when none does. */
export async function fateOf(parts: BotParts, { lifting }: Containment): Promise<Fate | undefined> {
  if (lifting === undefined) return undefined
  const { undo, as } = lifting
  return { undo, ...fateIn(await stateOf(parts, undo), as) }
}

function fateIn(undo: RunState, as: string): Found {
  const { status } = undo.steps[as] ?? { status: 'pending' }
  // Also found as it was before the effect: somebody has put it back by hand.
  if (status === 'succeeded' || status === 'satisfied') return { kind: 'lifted' }
  if (undo.status === 'parked') return { kind: 'stuck', why: undo.problem?.message ?? 'it is parked' }
  const isEnded = isSettled(status) || isOver(undo.status)
  return isEnded ? { kind: 'ended', why: whyNot(undo, as) } : { kind: 'under-way' }
}

function whyNot(undo: RunState, as: string): string {
  const step = undo.steps[as]
  const why = step?.problem?.message ?? step?.reason ?? undo.problem?.message ?? undo.reason
  return why ?? `the run was ${undo.status}`
}
