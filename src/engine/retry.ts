import { type ErrorCode, FirebreakError, isFirebreakError } from '../core/errors.ts'
import type { Retry } from '../core/playbook.ts'
import type { RunState } from '../core/run.ts'
import { problemOf } from './call.ts'
import { failStep } from './fail.ts'
import type { Draft } from './journal.ts'
import type { Outcome, Running, Start } from './running.ts'

/** Failures that may pass. A refusal for what was asked, or for who asked, never does. */
const passing: readonly ErrorCode[] = ['provider.throttled', 'provider.unavailable', 'provider.timeout']

/** Of a call with an effect only what was refused as a whole is tried again: of any other nobody knows what it has done. */
const refusedForNow: readonly ErrorCode[] = ['provider.throttled', 'provider.conflict']

/** A provider may ask for more patience than the playbook has, but not for more than this. */
const LONGEST_RETRY_AFTER_MS = 3_600_000

type Next = { readonly tries: number; readonly random: () => number; readonly retryAfterMs?: number }

/**
 * Exponential back-off with full jitter: anywhere below a bound that doubles, so that what failed together is not tried
 * again together (AWS Architecture Blog, "Exponential Backoff And Jitter"). Never before the provider wants it.
 */
export function pauseMs({ waitMs, longestMs }: Retry, { tries, random, retryAfterMs }: Next): number {
  const bound = Math.min(longestMs, waitMs * 2 ** (tries - 1))
  const asked = retryAfterMs !== undefined && Number.isFinite(retryAfterMs) ? retryAfterMs : 0
  return Math.round(Math.max(random() * bound, Math.min(asked, LONGEST_RETRY_AFTER_MS)))
}

type Failure = { readonly error: unknown; readonly what: 'read' | 'effect' }

/** The fact that the step is tried again, or undefined: it has failed. */
export function retryOf(
  { parts }: Running,
  { state, start: { step, instance } }: { readonly state: RunState; readonly start: Start },
  { error, what }: Failure,
): Draft | undefined {
  const tries = (state.steps[instance]?.retrying?.tries ?? 0) + 1
  const codes = what === 'read' ? passing : refusedForNow
  if (step.retry === undefined || tries >= step.retry.attempts) return undefined
  if (!codes.some((code) => isFirebreakError(error, code))) return undefined
  const asked = error instanceof FirebreakError ? error.retryAfterMs : undefined
  const retryAfter = asked === undefined ? {} : { retryAfterMs: asked }
  const ms = pauseMs(step.retry, { tries, random: Math.random, ...retryAfter })
  const until = new Date(parts.clock.now() + ms).toISOString()
  return { type: 'step.retrying', step: instance, data: { tries, until, problem: problemOf(error) } }
}

/** What could not be read is tried again, or the step has failed. Nothing is under way in the world. */
export async function retryOrFail(running: Running, start: Start, error: unknown): Promise<Outcome> {
  const { journal } = running
  const retry = retryOf(running, { state: journal.state(), start }, { error, what: 'read' })
  if (retry === undefined) return failStep(running, start, error)
  await journal.commit(() => ({ facts: [retry] }))
  return 'asleep'
}
