import type { Change } from '../core/change.ts'
import { FirebreakError } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import type { RunState } from '../core/run.ts'
import { expectedOf, isSame } from './expect.ts'
import type { Draft } from './journal.ts'
import { lifeOf } from './line.ts'
import type { Start } from './running.ts'

/**
 * With the success of a step whose effect is to stay for a time. Its time counts from the intent: the effect is in place
 * since. Where the clock was ahead then and has been set right, the intent is later than now.
 */
export function startedFacts(run: RunState, { step, instance }: Start, now: number): Draft[] {
  const life = lifeOf(step)
  const since = run.steps[instance]?.intent?.at
  if (life === undefined || since === undefined) return []
  const until = new Date(Math.min(Date.parse(since), now) + life.ttlMs).toISOString()
  return [{ type: 'containment.started', step: instance, data: { until, ...life } }]
}

/**
 * The undo at the end of a containment's time is covered by the approval of the step, which has seen one inverse: from
 * exactly what the effect has left to exactly what it had found. Throws `containment.other-plan` for anything else.
 */
export function refuseUncovered(run: RunState, instance: string, change: Change): void {
  if (run.requested.expiry === undefined) return
  const expected = expectedOf(run, instance)
  const exact =
    expected !== undefined &&
    change.target.id === expected.target.id &&
    isPart(change.before, expected.after) &&
    isPart(change.after, expected.before)
  if (exact) return
  const { target, before, after } = change
  const words = `${target.name} would go from ${say(before)} to ${say(after)}`
  const known =
    expected === undefined
      ? 'nothing is recorded of it'
      : `${say(expected.after)} to ${say(expected.before)} is covered`
  throw new FirebreakError('containment.other-plan', `${words}, and ${known}`, {
    remedy:
      'Look at the target. Lift the containment, whose plan is then shown and approved, put it back by hand, or renew or keep it.',
  })
}

/** Every field that is touched, and it holds what was recorded of it. */
function isPart(fields: JsonObject, recorded: JsonObject): boolean {
  const names = Object.keys(fields)
  return (
    names.length > 0 &&
    names.every((name) => Object.hasOwn(recorded, name) && isSame(fields[name], recorded[name]))
  )
}

function say(fields: JsonObject): string {
  return JSON.stringify(fields).slice(0, 200).toWellFormed()
}

/** A freeze at the end of a containment's time: the undo does not wait for the thaw, when nobody would expect it any more. */
export function waitsForThaw({ requested }: RunState): boolean {
  return requested.expiry === undefined
}
