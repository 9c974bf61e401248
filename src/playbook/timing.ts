import { parseDuration } from '../core/duration.ts'
import type { Document, StepText } from './document.ts'
import type { Playbook, Step } from './playbook.ts'

/** How long a step may take, how often it is tried, and how long its effect stays. */
export function timingOf({
  timeout,
  retry,
  ttl,
  onExpiry = 'ask',
}: StepText): Pick<Step, 'timeoutMs' | 'retry' | 'ttlMs' | 'onExpiry'> {
  return {
    ...(timeout === undefined ? {} : { timeoutMs: msOf(timeout) }),
    ...(retry === undefined
      ? {}
      : {
          retry: { attempts: retry.attempts, waitMs: msOf(retry.wait), longestMs: msOf(retry.longest) },
        }),
    ...(ttl === undefined ? {} : { ttlMs: msOf(ttl), onExpiry }),
  }
}

/** How long a whole run may take. */
export function endOf({ timeout }: Document): Pick<Playbook, 'timeoutMs'> {
  return timeout === undefined ? {} : { timeoutMs: msOf(timeout) }
}

/** Of a text that the schema of the document has taken as a duration. */
function msOf(text: string): number {
  return parseDuration(text) ?? 0
}
