import { FirebreakError } from '../../core/errors.ts'
import type { FactData, NewFact } from '../../core/fact.ts'
import { system } from '../../core/person.ts'
import { type Contained, liveContainments, type RunState } from '../../core/run.ts'
import type { Draft } from '../../engine/journal.ts'
import { expectationOf } from '../../engine/put-back.ts'
import { undoName, undoPlaybook, undoSteps } from '../../engine/undo.ts'
import { keptPlaybook } from '../library.ts'
import { actorOf, type BotParts } from '../parts.ts'
import { originOf } from '../points.ts'
import { newRunId, requestFact } from '../start.ts'
import { wished, type Wish } from '../wish.ts'

/** Why a containment is lifted: its time is over, or somebody wants it. */
type Cause =
  | { readonly by: 'expiry'; readonly covered: NonNullable<FactData<'run.requested'>['expiry']> }
  | { readonly by: 'people'; readonly wish: Wish }

type Wanted = { readonly step: Contained; readonly cause: Cause }

export type Lift = {
  readonly undo: string
  readonly facts: readonly Draft[]
  readonly others: readonly NewFact[]
}

/**
 * The run that puts back one step, and the fact that it begins: one commit writes both. What people want is planned, shown
 * and approved like any undo; at the end of its time the step's own approval covers it, and nobody is asked again.
 */
export function liftOf(parts: BotParts, run: RunState, { step, cause }: Wanted): Lift {
  const { info } = keptPlaybook(parts, run)
  const text = undoPlaybook(run, info, { only: step.id, asks: cause.by === 'people' })
  const undo = newRunId()
  const playbook = parts.library.load(text, `undo-${run.id}.yaml`)
  const expects = expectationOf(step, { info, actions: parts.actions })
  const request = requestFact(parts, undo, {
    playbook,
    inputs: {},
    mode: 'run',
    actor: cause.by === 'people' ? actorOf(parts, cause.wish.by) : system,
    undoes: run.id,
    origin: originOf(run),
    ...(expects === undefined ? {} : { expects: { [AS]: expects } }),
    ...(cause.by === 'people'
      ? wished(cause.wish)
      : { expiry: cause.covered, reason: `the time of ${step.id} is over` }),
  })
  return { undo, facts: [liftingFact(parts, step.id, { undo, as: AS, cause })], others: [request] }
}

/** The only step of such a run. */
const AS = undoName(0)

/** The undo of a whole run puts back what is in place for a time, too: the commit that begins it says so. */
export function liftsOf(
  parts: BotParts,
  run: RunState,
  { undo, wish }: { undo: string; wish: Wish },
): Draft[] {
  const steps = undoSteps(run)
  return liveContainments(run).flatMap((step) => {
    const as = steps.get(step.id)
    if (as === undefined) return []
    refuseSecondLift(step)
    return [liftingFact(parts, step.id, { undo, as, cause: { by: 'people', wish } })]
  })
}

/** One run at a time puts an effect back. */
export function refuseSecondLift({ id, containment: { lifting } }: Contained): void {
  if (lifting === undefined) return
  throw new FirebreakError('containment.being-lifted', `Run ${lifting.undo} is putting ${id} back`, {
    remedy: `Look at \`firebreak runs show ${lifting.undo}\`; cancel it if the effect is to stay.`,
  })
}

function liftingFact(
  parts: BotParts,
  step: string,
  { undo, as, cause }: { readonly undo: string; readonly as: string; readonly cause: Cause },
): Draft {
  const data = { undo, as, by: cause.by }
  if (cause.by === 'expiry') return { type: 'containment.lifting', step, data }
  return {
    type: 'containment.lifting',
    step,
    actor: actorOf(parts, cause.wish.by),
    data: { ...data, ...wished(cause.wish) },
  }
}
