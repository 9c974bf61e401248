import { canonicalJson } from '../core/canonical.ts'
import type { Change } from '../core/change.ts'
import { FirebreakError } from '../core/errors.ts'
import type { FactData } from '../core/fact.ts'
import type { JsonObject } from '../core/json.ts'
import type { RunState } from '../core/run.ts'

export type Expected = NonNullable<FactData<'run.requested'>['expects']>[string]

/** What a step of an undo expects to find; undefined for a step of any other run. */
export function expectedOf({ requested }: RunState, instance: string): Expected | undefined {
  const { expects } = requested
  return expects !== undefined && Object.hasOwn(expects, instance) ? expects[instance] : undefined
}

/**
 * Three ways: what the effect had found, what it had left, what is there now. An undo puts back what it knows, and
 * throws `undo.changed` where somebody else has been at it since: nothing of theirs is overwritten unseen (P7).
 */
export function refuseChanged(run: RunState, instance: string, change: Change): void {
  const expected = expectedOf(run, instance)
  if (expected === undefined) return
  const { target, before, after } = expected
  if (change.target.id !== target.id)
    throw changed(`${target.name} is another ${target.kind} now than the one that was changed`)
  const shared = Object.keys(after).filter((field) => Object.hasOwn(change.before, field))
  const differ = shared.filter((field) => !isSame(after[field], change.before[field]))
  if (differ.length === 0) return
  const words = differ.map(
    (field) =>
      `${field} was ${say(before, field)}, was set to ${say(after, field)}, is ${say(change.before, field)} now`,
  )
  throw changed(`something else changed ${target.name} since: ${words.join('; ')}`)
}

export function isSame(a: unknown, b: unknown): boolean {
  return canonicalJson(a ?? null) === canonicalJson(b ?? null)
}

function say(fields: JsonObject, field: string): string {
  const text = Object.hasOwn(fields, field) ? JSON.stringify(fields[field]) : 'nothing'
  return text.slice(0, 200).toWellFormed()
}

function changed(message: string): FirebreakError {
  return new FirebreakError('undo.changed', message, {
    remedy: 'Look at it, and change it by hand if it should be as it was before.',
  })
}
