import type { Counted, FactData } from '../core/fact.ts'
import type { Refused } from '../core/ports.ts'
import type { RunState, StepState } from '../core/run.ts'
import type { RuledCount, Ruling } from '../core/ruling.ts'
import type { Draft } from './journal.ts'
import type { Outcome, Running, Start } from './running.ts'

type Held = FactData<'step.held'>

type Wanted = { readonly instance: string; readonly counts: readonly RuledCount[] }

/**
 * An effect that a guardrail refuses for now waits, and says for what; nothing is lost. Undefined where it is not one to wait
 * for: people are asked, or the step fails. Also where the log says so already.
 */
export function holdOf(run: RunState, { instance, counts }: Wanted, refused: Refused): Draft | undefined {
  // At the end of a containment's time nobody expects an undo any more that waits: the effect stays, and people are asked.
  if (run.requested.expiry !== undefined) return undefined
  const held = heldBy(counts, refused)
  if (held === undefined || isSame(run.steps[instance]?.held, held)) return undefined
  return { type: 'step.held', step: instance, data: held }
}

function heldBy(counts: readonly RuledCount[], { error, key = '', run, until }: Refused): Held | undefined {
  const why = error.message
  if (error.code === 'guardrail.claimed')
    return { by: 'claim', key, why, ...(run === undefined ? {} : { run }) }
  const count = counts.find((candidate) => candidate.key === key)
  if (count === undefined || count.ask !== undefined) return undefined
  return { by: 'count', key, why, ...(until === undefined ? {} : { until }) }
}

function isSame(held: Held | undefined, { by, key, run, until }: Held): boolean {
  return held?.by === by && held.key === key && held.run === run && held.until === until
}

export function countedOf({ key, of, limit, windowMs, waived }: RuledCount): Counted {
  return {
    key,
    of,
    limit,
    ...(windowMs === undefined ? {} : { windowMs }),
    ...(waived === undefined ? {} : { waived }),
  }
}

/** It waits for the end of a window. */
export async function holdForWindow(
  { journal }: Running,
  { instance }: Start,
  { key, why, until }: NonNullable<Ruling['wait']>,
): Promise<Outcome> {
  const held: Held = { by: 'window', key, why, until }
  await journal.commit((run) =>
    isSame(run.steps[instance]?.held, held)
      ? undefined
      : { facts: [{ type: 'step.held', step: instance, data: held }] },
  )
  return 'asleep'
}

/** The log says already that it waits for this. */
export function isHeldBy(step: StepState | undefined, key: string | undefined): boolean {
  return key !== undefined && step?.held?.key === key
}

/** How a step that is held waits: for its time, or for somebody to call. */
export function waitOf(run: RunState, instance: string): Outcome {
  return run.steps[instance]?.held?.until === undefined ? 'blocked' : 'asleep'
}
