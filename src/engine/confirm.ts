import { setTimeout as sleep } from 'node:timers/promises'
import type { AnyEffectAction } from '../core/action.ts'
import type { Change, Verdict } from '../core/change.ts'
import { FirebreakError, isFirebreakError, type ErrorCode } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import { at } from './boundary.ts'
import { callProbe, problemOf } from './call.ts'
import { startedFacts } from './containment.ts'
import { retryOf } from './retry.ts'
import type { Outcome, Running, Start } from './running.ts'

const PROBE_TIMEOUT_MS = 15_000
/** A probe that cannot answer is asked again for at least as long as the effect itself may take, but not longer than this. */
const LONGEST_PATIENCE_MS = 15_000
const FIRST_PAUSE_MS = 40
const LONGEST_PAUSE_MS = 1000

export type Applied = {
  /** Of the step. */
  readonly instance: string
  readonly action: AnyEffectAction
  readonly change: Change
  readonly client: unknown
  readonly input: JsonObject
  readonly key: string
  /** What `apply` threw, if it did. */
  readonly error?: unknown
  /** For one look at the world; the timeout of the step where that is less. */
  readonly lookMs: number
}

/** How long one look of a probe may take. */
export function lookMsOf({ step }: Start): number {
  return Math.min(PROBE_TIMEOUT_MS, step.timeoutMs ?? PROBE_TIMEOUT_MS)
}

/** Answers that mean that the request was refused as a whole: no call is under way that could still land. */
const refusals: readonly ErrorCode[] = [
  'provider.denied',
  'provider.invalid',
  'provider.not-found',
  'provider.conflict',
  'provider.refused',
  'provider.throttled',
]

/** P6: done means that a probe says so, not that an API answered. Looks until the effect could not come any more. */
export async function confirm(running: Running, start: Start, applied: Applied): Promise<Outcome> {
  const { action, error } = applied
  const refused = refusals.some((code) => isFirebreakError(error, code))
  const lateCall = error === undefined ? 0 : action.deadlineMs
  const landsMs = lateCall + action.settleMs
  const how = { answered: error === undefined, patienceMs: patienceOf(action) }
  const verdict = await probeUntil(running, applied, refused ? onceOnly : { ...how, landsMs })
  if (verdict === 'applied') return succeed(running, start, { change: applied.change, inDoubt: false })
  if (refused && (await retries(running, start, { verdict, error }))) return 'asleep'
  // A refused call cannot land, so there is no doubt about it, even where the probe is refused as well.
  if (verdict === 'unknown' && !refused)
    return park(running, start, 'the probe could not tell whether the effect is in place')
  const why = error ?? (verdict === 'changed' ? changed(applied.change) : noEffect(applied.change))
  return failProbed(running, start, { verdict, error: why })
}

/** Refused as a whole for a reason that may pass, the step is tried again, where it says so. */
async function retries(
  running: Running,
  start: Start,
  { verdict, error }: { verdict: Verdict; error: unknown },
): Promise<boolean> {
  const retry = retryOf(running, { state: running.journal.state(), start }, { error, what: 'effect' })
  if (retry === undefined) return false
  const probed = { type: 'step.probed', step: start.instance, data: { verdict, inDoubt: false } } as const
  const about = { run: running.journal.state().id, step: start.instance }
  await at(running.parts, 'before-retry', about)
  await running.journal.commit(() => ({ facts: [probed, retry] }))
  await at(running.parts, 'after-retry', about)
  return true
}

/** What the probe saw and what follows from it are one commit: a crash in between would leave the verdict without its end. */
async function failProbed(
  { parts, journal }: Running,
  { instance: step }: Start,
  { verdict, error }: { verdict: Verdict; error: unknown },
): Promise<Outcome> {
  parts.log.error({ err: error, run: journal.state().id, step }, 'step failed')
  const about = { run: journal.state().id, step }
  await at(parts, 'before-outcome', about)
  await journal.commit(() => ({
    facts: [
      { type: 'step.probed', step, data: { verdict, inDoubt: false } },
      { type: 'step.failed', step, data: problemOf(error) },
    ],
  }))
  await at(parts, 'after-outcome', about)
  return 'settled'
}

export type Probing = {
  /** The call was answered: nothing of it is under way that could still land. */
  readonly answered: boolean
  /** How long the effect may still become visible. */
  readonly landsMs: number
  /** How long a probe that cannot answer is asked again. */
  readonly patienceMs: number
}

const onceOnly: Probing = { answered: true, landsMs: 0, patienceMs: 0 }

export function patienceOf({ deadlineMs }: AnyEffectAction): number {
  return Math.min(deadlineMs, LONGEST_PATIENCE_MS)
}

/** Probes with growing pauses until the effect is in place or the time is over; the last verdict counts. */
export async function probeUntil(
  running: Running,
  applied: Applied,
  { answered, landsMs, patienceMs }: Probing,
): Promise<Verdict> {
  const began = performance.now()
  let pause = FIRST_PAUSE_MS
  let before: Verdict | undefined
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- one look after the other is the point
    const verdict = await look(running, applied)
    const left = began + (verdict === 'unknown' ? Math.max(landsMs, patienceMs) : landsMs) - performance.now()
    // Seen twice, somebody else's change is no passing state: waiting would only keep people waiting. Unless the call had
    // no answer: then what is seen may be half of it, and the rest can still land.
    const seenTwice = verdict === 'changed' && before === 'changed' && answered
    const settled = verdict === 'applied' || seenTwice
    if (settled || left <= 0) return verdict
    before = verdict
    // oxlint-disable-next-line no-await-in-loop
    await sleep(Math.min(pause, left), undefined, { signal: running.parts.stopping })
    pause = Math.min(pause * 1.6, LONGEST_PAUSE_MS)
  }
}

async function look({ parts, journal }: Running, applied: Applied): Promise<Verdict> {
  const about = { run: journal.state().id, step: applied.instance }
  await at(parts, 'before-probe', about)
  try {
    const verdict = await callProbe(applied.action, applied.change, { ...applied, timeoutMs: applied.lookMs })
    await at(parts, 'after-probe', about)
    return verdict
  } catch (error) {
    // A probe that cannot answer is asked again until its time is over.
    parts.log.error({ err: error }, 'a probe failed')
    return 'unknown'
  }
}

export async function succeed(
  { parts, journal }: Running,
  start: Start,
  { change, inDoubt }: { change: Change; inDoubt: boolean },
): Promise<Outcome> {
  const { instance } = start
  const about = { run: journal.state().id, step: instance }
  await at(parts, 'before-outcome', about)
  await journal.commit((run) => ({
    facts: [
      { type: 'step.probed', step: instance, data: { verdict: 'applied', inDoubt } },
      { type: 'step.succeeded', step: instance, data: { output: change.output } },
      ...startedFacts(run, start, parts.clock.now()),
    ],
  }))
  await at(parts, 'after-outcome', about)
  return 'settled'
}

/** Hands the step to a human with what is known (P5). The run waits. */
export async function park({ parts, journal }: Running, { instance }: Start, why: string): Promise<Outcome> {
  const problem = problemOf(
    new FirebreakError('step.in-doubt', `${instance}: ${why}`, {
      remedy:
        'Look at the target yourself. Then resume the run and say what you saw, or cancel it and start again what is still missing.',
    }),
  )
  const about = { run: journal.state().id, step: instance }
  await at(parts, 'before-outcome', about)
  await journal.commit(() => ({
    facts: [
      { type: 'step.in-doubt', step: instance, data: problem },
      { type: 'run.parked', data: problem },
    ],
  }))
  await at(parts, 'after-outcome', about)
  return 'settled'
}

function noEffect({ target }: Change): FirebreakError {
  return new FirebreakError(
    'step.no-effect',
    `the provider said yes, but ${target.name} is as it was before`,
    {
      remedy: 'Look at the target; ask whether the provider is degraded; then run the playbook again.',
    },
  )
}

function changed({ target }: Change): FirebreakError {
  return new FirebreakError('step.changed', `something else changed ${target.name} since`, {
    remedy: 'Find who or what did it, such as an autoscaler or another operator, and stop that first.',
  })
}
