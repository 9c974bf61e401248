import type { ActionRegistry } from '../core/action.ts'
import type { Undo } from '../core/change.ts'
import type { FactData } from '../core/fact.ts'
import { stepOf } from '../core/plan.ts'
import type { PlaybookInfo } from '../core/playbook.ts'
import { isUnderWay, type RunState, type StepState } from '../core/run.ts'
import type { Expected } from './expect.ts'
import { isEffect } from './line.ts'

export type Undoable = StepState & { readonly undo: Undo & { readonly kind: 'inverse' } }

/** What of a run can be put back, newest first. */
export function undoable(run: RunState): Undoable[] {
  return (
    Object.values(run.steps)
      .filter((step): step is Undoable => step.status === 'succeeded' && step.undo?.kind === 'inverse')
      // That one is back already.
      .filter(({ containment }) => containment?.status !== 'lifted')
      // Of two that ended in the same millisecond the one that began later goes first.
      .toReversed()
      .toSorted((a, b) => (b.endedAt ?? '').localeCompare(a.endedAt ?? ''))
  )
}

type Stays = NonNullable<FactData<'run.requested'>['stays']>

/** What of a run cannot be put back, each with the reason. */
export function staysOf(run: RunState): Stays {
  return Object.values(run.steps).flatMap((step) => {
    const reason = whyStays(step)
    return reason === undefined ? [] : [{ step: step.id, reason }]
  })
}

function whyStays(step: StepState): string | undefined {
  const { status, undo, change, problem } = step
  const what = change?.target.name ?? 'its target'
  if (status === 'succeeded') return undo?.kind === 'never' ? undo.reason : undefined
  if (status === 'in-doubt' || isUnderWay(step)) return `it is not known whether it happened; look at ${what}`
  return problem?.code === 'step.changed'
    ? `something else was at ${what} while it happened; look at what is left of it`
    : undefined
}

/** What the undo of this step must find: what the effect has left, in the words of the journal. */
export function expectationOf(
  { id, change, intent }: StepState,
  { info, actions }: { readonly info: PlaybookInfo; readonly actions: ActionRegistry },
): Expected | undefined {
  if (change === undefined) return undefined
  const { target, before, after } = change
  const name = info.steps.find((step) => step.id === stepOf(id))?.action ?? ''
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined
  const known =
    intent === undefined || action === undefined || !isEffect(action)
      ? undefined
      : action.left?.(change, intent.key)
  return { target, before, after: { ...after, ...known } }
}
