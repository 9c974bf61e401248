import { setTimeout as sleep } from 'node:timers/promises'
import type { AnyEffectAction } from '../core/action.ts'
import type { Change, Verdict } from '../core/change.ts'
import { FirebreakError, isFirebreakError, type ErrorCode } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import { callProbe, problemOf } from './call.ts'
import type { Outcome, Running, Start } from './running.ts'

const PROBE_TIMEOUT_MS = 15_000
const FIRST_PAUSE_MS = 40
const LONGEST_PAUSE_MS = 1000

export type Applied = {
  readonly action: AnyEffectAction
  readonly change: Change
  readonly client: unknown
  readonly input: JsonObject
  readonly key: string
  /** What `apply` threw, if it did. */
  readonly error?: unknown
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
  const verdict = await probeUntil(running, applied, refused ? 0 : lateCall + action.settleMs)
  if (verdict === 'applied') return succeed(running, start, { change: applied.change, inDoubt: false })
  // A refused call cannot land, so there is no doubt about it, even where the probe is refused as well.
  if (verdict === 'unknown' && !refused)
    return park(running, start, 'the probe could not tell whether the effect is in place')
  const why = error ?? (verdict === 'changed' ? changed(applied.change) : noEffect(applied.change))
  return failProbed(running, start, { verdict, error: why })
}

/** What the probe saw and what follows from it are one commit: a crash in between would leave the verdict without its end. */
async function failProbed(
  { parts, journal }: Running,
  { instance: step }: Start,
  { verdict, error }: { verdict: Verdict; error: unknown },
): Promise<Outcome> {
  parts.log.error({ err: error, run: journal.state().id, step }, 'step failed')
  await journal.commit(() => ({
    facts: [
      { type: 'step.probed', step, data: { verdict, inDoubt: false } },
      { type: 'step.failed', step, data: problemOf(error) },
    ],
  }))
  return 'settled'
}

/** Probes with growing pauses until the effect is in place or the time is over; the last verdict counts. */
export async function probeUntil({ parts }: Running, applied: Applied, ms: number): Promise<Verdict> {
  const until = performance.now() + ms
  let pause = FIRST_PAUSE_MS
  let before: Verdict | undefined
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- one look after the other is the point
    const verdict = await look(parts, applied)
    const left = until - performance.now()
    // Seen twice, somebody else's change is no passing state: waiting would only keep people waiting. Unless the call had
    // no answer: then what is seen may be half of it, and the rest can still land.
    const seenTwice = verdict === 'changed' && before === 'changed' && applied.error === undefined
    const settled = verdict === 'applied' || seenTwice
    if (settled || left <= 0) return verdict
    before = verdict
    // oxlint-disable-next-line no-await-in-loop
    await sleep(Math.min(pause, left), undefined, { signal: parts.stopping })
    pause = Math.min(pause * 1.6, LONGEST_PAUSE_MS)
  }
}

async function look(parts: Running['parts'], applied: Applied): Promise<Verdict> {
  try {
    return await callProbe(applied.action, applied.change, { ...applied, timeoutMs: PROBE_TIMEOUT_MS })
  } catch (error) {
    // A probe that cannot answer is asked again until its time is over.
    parts.log.error({ err: error }, 'a probe failed')
    return 'unknown'
  }
}

export async function succeed(
  { journal }: Running,
  { instance }: Start,
  { change, inDoubt }: { change: Change; inDoubt: boolean },
): Promise<Outcome> {
  await journal.commit(() => ({
    facts: [
      { type: 'step.probed', step: instance, data: { verdict: 'applied', inDoubt } },
      { type: 'step.succeeded', step: instance, data: { output: change.output } },
    ],
  }))
  return 'settled'
}

/** Hands the step to a human with what is known (P5). The run waits. */
export async function park({ journal }: Running, { instance }: Start, why: string): Promise<Outcome> {
  const problem = problemOf(
    new FirebreakError('step.in-doubt', `${instance}: ${why}`, {
      remedy: 'Look at the target yourself. Then cancel this run, and start again what is still missing.',
    }),
  )
  await journal.commit(() => ({
    facts: [
      { type: 'step.in-doubt', step: instance, data: problem },
      { type: 'run.parked', data: problem },
    ],
  }))
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
