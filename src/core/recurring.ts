import { Cron } from 'croner'
import { durationText } from './duration.ts'

// Times that come back, by a cron pattern and the clock of a time zone: one reading for who checks the configuration and
// for who decides by it.

/** It begins whenever the pattern fits the clock of the time zone, and lasts so long, as time passes: not as clocks show. */
export type Recurring = { readonly cron: string; readonly forMs: number; readonly timezone: string }

/** As long as nothing changes: from a moment on, until before another one (milliseconds since 1970). */
export type Stretch = { readonly inside: boolean; readonly from: number; readonly until: number }

/** Times without end that touch each other are looked at only so far: who waits until then looks again. */
const MOST_LINKS = 100

/** Tells of any moment whether it lies inside such a time, and for how long that is so. */
export function stretchesOf({ cron, forMs, timezone }: Recurring): (now: number) => Stretch {
  const job = open(cron, timezone)
  return (now) => {
    const latest = latestUpTo(job, now)
    const end = latest === undefined ? -Infinity : latest + forMs
    if (latest === undefined || now >= end)
      return { inside: false, from: end, until: nextAfter(job, now) ?? Infinity }
    return { inside: true, from: latest, until: endOf(job, latest, forMs) }
  }
}

/** Where the next one begins before this one is over, as when clocks are set forward, both are one. */
function endOf(job: Cron, begin: number, forMs: number): number {
  let last = begin
  for (let i = 0; i < MOST_LINKS; i += 1) {
    const next = nextAfter(job, last)
    if (next === undefined || next > last + forMs) break
    last = next
  }
  return last + forMs
}

function latestUpTo(job: Cron, now: number): number | undefined {
  // What is looked for lies before the moment that is given, and begins with a minute.
  return job.previousRuns(1, new Date(now + 1))[0]?.getTime()
}

function nextAfter(job: Cron, now: number): number | undefined {
  return job.nextRun(new Date(now))?.getTime()
}

/**
 * Paused, it only calculates. With *no-wildcard*, a fixed time of day that clocks jump over begins at the first moment after
 * the gap, also one of several: a time set aside is never left out. What occurs twice begins once (croner, README, Pattern).
 */
function open(cron: string, timezone: string): Cron {
  return new Cron(cron, { timezone, paused: true, mode: '5-part', fixedTimeRule: 'no-wildcard' })
}

export type RecurringFault = {
  readonly part: 'cron' | 'for' | 'timezone'
  readonly says: string
  readonly remedy: string
}

const fields = 'minute, hour, day of the month, month, day of the week'

/** What keeps it from being a time that comes and goes. */
export function recurringFault({ cron, forMs, timezone }: Recurring): RecurringFault | undefined {
  if (!isZone(timezone)) {
    const remedy = 'Write a name of the IANA database, such as Europe/Berlin, or UTC.'
    return { part: 'timezone', says: `there is no time zone ${timezone}`, remedy }
  }
  const job = tryOpen(cron, timezone)
  const remedy = `Write five fields: ${fields}; such as 0 18 * * FRI.`
  if (typeof job === 'string')
    return { part: 'cron', says: `the cron pattern cannot be read: ${job}`, remedy }
  const gap = shortestGap(job, forMs)
  if (gap === undefined) return { part: 'cron', says: 'the cron pattern never fits any day', remedy }
  if (forMs < gap) return undefined
  const says = `it begins again after ${durationText(gap)}, before it is over, so that it never ends`
  return { part: 'for', says, remedy: `Say less than ${durationText(gap)}.` }
}

function isZone(timezone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: timezone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** Dates and nicknames such as @daily are no patterns here: they have no five fields. */
function tryOpen(cron: string, timezone: string): Cron | string {
  if (cron.trim().split(/\s+/).length !== 5) return 'it has not five fields'
  try {
    return open(cron, timezone)
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).replace(/^CronPattern: /, '')
  }
}

/** Three years of months, or the turns of more than a week of hours. The moment is no matter, as long as it is always the same. */
const SAMPLES = 40
const SAMPLED_FROM = Date.UTC(2024, 0, 1)

/** The shortest time between two beginnings, or one that is no longer than `enough`; undefined: it never begins. */
function shortestGap(job: Cron, enough: number): number | undefined {
  let last = nextAfter(job, SAMPLED_FROM)
  if (last === undefined) return undefined
  let shortest = Infinity
  for (let i = 0; i < SAMPLES && shortest > enough; i += 1) {
    const next = nextAfter(job, last)
    if (next === undefined) break
    shortest = Math.min(shortest, next - last)
    last = next
  }
  return shortest
}
