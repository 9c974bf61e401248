import type { ContainmentWish, RunView } from '../../core/app.ts'
import { isLive } from '../../core/containment.ts'
import { durationText } from '../../core/duration.ts'
import { FirebreakError } from '../../core/errors.ts'
import { type Contained, isOver, liveContainments, type RunState } from '../../core/run.ts'
import type { Draft, DraftCommit } from '../../engine/journal.ts'
import { stateOf } from '../decide.ts'
import { actorOf, cut, recorded, type BotParts } from '../parts.ts'
import { pointsOfStep } from '../points.ts'
import { allow } from '../start.ts'
import { viewOf } from '../views.ts'
import { wished } from '../wish.ts'
import { writeTo } from '../run-journal.ts'
import { liftOf, refuseSecondLift } from './undo-run.ts'

/** As for the `ttl` of a step. */
const SHORTEST_MS = 60_000
const LONGEST_MS = 90 * 86_400_000

/** Gives it more time, from now on: as much as it had, or as much as is said. */
export function renew(parts: BotParts, wish: ContainmentWish & { readonly forMs?: number }): Promise<void> {
  const { run, step, by: account, forMs } = wish
  return recorded(parts, { command: `renew ${run} ${step}`, account }, async () => {
    await mayDecide(parts, 'renew', wish)
    if (forMs !== undefined && (forMs < SHORTEST_MS || forMs > LONGEST_MS)) throw badTime(forMs)
    await writeTo(parts, run, (state) => {
      const { containment } = openToPeople(state, step)
      const ttlMs = forMs ?? containment.ttlMs
      const until = new Date(parts.clock.now() + ttlMs).toISOString()
      if (until <= containment.until) throw notLonger(containment.until, until)
      return written(parts, wish, { type: 'containment.renewed', data: { until, ttlMs, ...wished(wish) } })
    })
  })
}

/** For good: nothing asks for it any more, and nothing undoes it by itself. */
export function keep(parts: BotParts, wish: ContainmentWish): Promise<void> {
  const { run, step, by: account } = wish
  return recorded(parts, { command: `keep ${run} ${step}`, account }, async () => {
    await mayDecide(parts, 'keep', wish)
    await writeTo(parts, run, (state) => {
      openToPeople(state, step)
      return written(parts, wish, { type: 'containment.kept', data: wished(wish) })
    })
  })
}

/** Starts the run that puts it back: planned, shown and approved like any undo. */
export function lift(parts: BotParts, wish: ContainmentWish): Promise<RunView> {
  const { run, step, by: account } = wish
  return recorded(parts, { command: `lift ${run} ${step}`, account }, async () => {
    await mayDecide(parts, 'undo', wish)
    const begun = await writeTo(parts, run, (state): DraftCommit => {
      if (!isOver(state.status)) throw stillRunning(run)
      const { facts, others } = liftOf(parts, state, {
        step: openToPeople(state, step),
        cause: { by: 'people', wish },
      })
      return { facts, others }
    })
    const undo = begun.find(({ type }) => type === 'run.requested')?.run
    if (undo === undefined) throw new Error(`the lifting of ${step} began no run`)
    parts.driver.take(undo)
    return viewOf(parts, await stateOf(parts, undo))
  })
}

async function mayDecide(
  parts: BotParts,
  verb: 'renew' | 'keep' | 'undo',
  { run, step, by }: ContainmentWish,
): Promise<void> {
  const points = pointsOfStep(parts, await stateOf(parts, run), step)
  await allow(parts, by, { verb, points })
}

type Said =
  | (Draft & { readonly type: 'containment.renewed' })
  | (Draft & { readonly type: 'containment.kept' })

function written(parts: BotParts, { step, by }: ContainmentWish, fact: Said): DraftCommit {
  return { facts: [{ ...fact, step, actor: actorOf(parts, by) }] }
}

/** Judged inside the commit: of a decision and an end at the same moment, one is first and the other sees it. */
function openToPeople(state: RunState, step: string): Contained {
  const found = liveContainments(state).find(({ id }) => id === step)
  if (found === undefined) throw notLive(state, step)
  refuseSecondLift(found)
  return found
}

function notLive(state: RunState, step: string): FirebreakError {
  const before = state.steps[step]?.containment
  const why = before !== undefined && !isLive(before) ? `was ${before.status}` : 'is in place for no set time'
  return new FirebreakError('containment.not-live', `${cut(step, 80)} of run ${state.id} ${why}`, {
    remedy: 'Look at `firebreak containments`.',
  })
}

function notLonger(until: string, wanted: string): FirebreakError {
  return new FirebreakError(
    'containment.not-longer',
    `It ends ${until} as it is, and ${wanted} is no later`,
    {
      remedy: 'Name more time (`--for 8h`), or lift it.',
    },
  )
}

function badTime(ms: number): FirebreakError {
  return new FirebreakError(
    'containment.bad-time',
    `${durationText(ms)} is no time that a containment can have`,
    {
      remedy: 'Name between 1 minute and 90 days, such as 2h.',
    },
  )
}

function stillRunning(run: string): FirebreakError {
  return new FirebreakError('run.not-over', `Run ${run} has not ended yet, and holds what it has touched`, {
    remedy: 'Cancel it or let it end, then lift the containment.',
  })
}
