import { timeText } from '../core/containment.ts'
import { FirebreakError } from '../core/errors.ts'
import type { Counted } from '../core/fact.ts'
import type { Counting, Guards, Refused } from '../core/ports.ts'
import type { Step } from './consequences.ts'

type Spend = NonNullable<Guards['spend']>

/** What is taken up now. A step counts once, so that its own row is left out where it asks itself. */
export type Tally = {
  /** Steps that take it up: when, the oldest first. */
  readonly times: (count: Counting, except: Step) => readonly string[]
  /** So many of them. */
  readonly taken: (count: Counting, except: Step) => number
  /** So many runs have failed. */
  readonly failed: (count: Counting) => number
  /** Steps that have waited for longer than this one. */
  readonly ahead: (key: string, step: Step) => number
}

/** The first count that has no room. All are judged before any is taken up. */
export function overOf({ run, step, counts }: Spend, tally: Tally): Refused | undefined {
  for (const count of counts) {
    if (count.waived) continue
    const refused = count.of === 'taken' ? tooMany(count, tally, { run, step }) : tripped(count, tally)
    if (refused !== undefined) return refused
  }
  return undefined
}

function tooMany(count: Counted, tally: Tally, step: Step): Refused | undefined {
  const { key, limit, windowMs } = count
  const has = tally.taken(count, step)
  if (has < limit) return undefined
  const within = windowMs === undefined ? 'at once' : `within ${timeText(windowMs)}`
  const error = new FirebreakError('guardrail.over', `${key} has ${has} of ${limit} ${within}`, {
    remedy: 'It goes on when there is room. `firebreak guardrails` shows what is taken up.',
  })
  const until = roomAt(count, tally, step)
  return { error, key, ...(until === undefined ? {} : { until }) }
}

function tripped(count: Counted, tally: Tally): Refused | undefined {
  const { key, limit, windowMs } = count
  const has = tally.failed(count)
  if (has < limit) return undefined
  const within = windowMs === undefined ? '' : ` within ${timeText(windowMs)}`
  const error = new FirebreakError(
    'guardrail.tripped',
    `${key} has ${has} of ${limit} failed runs${within}`,
    {
      remedy: 'Find out why before more is done. `firebreak guardrails` shows when it closes again.',
    },
  )
  return { error, key }
}

/**
 * When time alone makes room, also for those who waited before: each place that falls free goes to the first of them, and
 * falls free again a whole window later.
 */
function roomAt(count: Counted, tally: Tally, step: Step): string | undefined {
  const { key, limit, windowMs } = count
  if (windowMs === undefined || limit === 0) return undefined
  const [times, ahead] = [tally.times(count, step), tally.ahead(key, step)]
  const leaves = times[times.length - limit + (ahead % limit)]
  if (leaves === undefined) return undefined
  const windows = 1 + Math.floor(ahead / limit)
  return new Date(Date.parse(leaves) + windows * windowMs).toISOString()
}

/** What lies after this counts; undefined where there is no window. */
export function sinceOf({ windowMs }: Counting, time: string): string | undefined {
  return windowMs === undefined ? undefined : new Date(Date.parse(time) - windowMs).toISOString()
}

const DAY = 86_400_000

/** Rows that are closed and older than this say nothing any more. */
export function forgottenBefore({ windowMs = 0 }: Counting, time: string): string {
  return new Date(Date.parse(time) - Math.max(31 * DAY, windowMs)).toISOString()
}
