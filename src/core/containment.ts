import { durationText } from './duration.ts'
import type { Fact, FactData } from './fact.ts'
import type { OnExpiry } from './playbook.ts'

/**
 * The life of a containment: an effect that is in place for a time (DESIGN section 6). It goes on after its run has ended,
 * so it is a fold of its own. A time that is over ends nothing by itself: an undo that succeeded lifts it, people keep it.
 */
export const containmentStates = {
  active: ['active', 'expiring', 'lifted', 'kept'],
  expiring: ['active', 'lifted', 'kept'],
  lifted: [],
  kept: [],
} as const satisfies Record<string, readonly string[]>

export type ContainmentStatus = keyof typeof containmentStates

export type Containment = {
  readonly status: ContainmentStatus
  /** Its end, as last set. */
  readonly until: string
  readonly ttlMs: number
  readonly onExpiry: OnExpiry
  /** People have been told of this end. */
  readonly announced?: string
  /** People have been asked what shall become of it, and why. */
  readonly asked?: { readonly at: string; readonly why: string }
  /** The run that puts it back, and the step of that run which does. */
  readonly lifting?: FactData<'containment.lifting'> & { readonly at: string }
  /** Who kept it, or renewed it last, and why. */
  readonly reason?: string
  readonly endedAt?: string
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** How long before its end people are told: a tenth of its time, within bounds, and never before half of it has passed. */
export function noticeMs(ttlMs: number): number {
  return Math.min(Math.max(ttlMs / 10, MINUTE), HOUR, ttlMs / 2)
}

/** When people are to be told. */
export function noticeAt({ until, ttlMs }: Pick<Containment, 'until' | 'ttlMs'>): string {
  return new Date(Date.parse(until) - noticeMs(ttlMs)).toISOString()
}

/** `2 h`, `10 min`. */
export function timeText(ms: number): string {
  return durationText(ms)
    .replace(/m$/, ' min')
    .replace(/(?<=\d)(?=[shd])/, ' ')
}

/** What a line of a plan, or of a list, says of it. */
export function lifeText({ ttlMs, onExpiry }: Pick<Containment, 'ttlMs' | 'onExpiry'>): string {
  return `for ${timeText(ttlMs)}, then ${onExpiry === 'undo' ? 'undoes itself' : 'asks'}`
}

/** Nobody has ended it. */
export function isLive({ status }: Pick<Containment, 'status'>): boolean {
  return containmentStates[status].length > 0
}

/** What a fact makes of the containment of its step. */
export function applyToContainment(before: Containment | undefined, fact: Fact): Containment | undefined {
  if (fact.type === 'containment.started') return { status: 'active', ...fact.data }
  if (before === undefined || !isLive(before)) return before
  switch (fact.type) {
    case 'containment.announced':
      return { ...before, until: fact.data.until, announced: fact.time }
    case 'containment.expired':
      return { ...before, status: 'expiring' }
    case 'containment.asked':
      return { ...before, asked: { at: fact.time, why: fact.data.why } }
    case 'containment.lifting':
      return { ...before, lifting: { ...fact.data, at: fact.time } }
    case 'containment.not-lifted':
      return notLifted(before)
    default:
      return decided(before, fact)
  }
}

function notLifted(before: Containment): Containment {
  const { lifting: _, ...rest } = before
  return rest
}

function decided(before: Containment, fact: Fact): Containment {
  switch (fact.type) {
    case 'containment.renewed': {
      const { until, ttlMs, reason } = fact.data
      return { status: 'active', until, ttlMs, onExpiry: before.onExpiry, reason }
    }
    case 'containment.lifted':
      return { ...before, status: 'lifted', endedAt: fact.time }
    case 'containment.kept':
      return { ...before, status: 'kept', reason: fact.data.reason, endedAt: fact.time }
    default:
      return before
  }
}

/**
 * What a fact makes of the row of live containments: from when on somebody must look at it; `null`, it lives no longer;
 * undefined, the fact is about something else. Both stores derive their rows by this.
 */
export function dueAfter(fact: Fact): string | null | undefined {
  switch (fact.type) {
    case 'containment.started':
    case 'containment.renewed':
      return noticeAt(fact.data)
    case 'containment.announced':
      return fact.data.until
    case 'containment.lifted':
    case 'containment.kept':
      return null
    case 'containment.expired':
    case 'containment.asked':
    case 'containment.lifting':
    case 'containment.not-lifted':
      return fact.time
    default:
      return undefined
  }
}
