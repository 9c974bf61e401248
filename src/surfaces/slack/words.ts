import type { RunStatus, StepStatus } from '../../core/run.ts'

/** A state in a sign and in words: nothing is said by colour or emoji alone (facts: accessibility). */
type Sign = { readonly emoji: string; readonly word: string }

export const runSigns: { readonly [status in RunStatus]: Sign } = {
  requested: { emoji: '⏳', word: 'Requested' },
  planning: { emoji: '🔎', word: 'Planning' },
  planned: { emoji: '📋', word: 'Dry run, nothing changed' },
  'awaiting-approval': { emoji: '✋', word: 'Needs approval' },
  running: { emoji: '▶️', word: 'Running' },
  parked: { emoji: '⏸️', word: 'Parked, needs a person' },
  succeeded: { emoji: '✅', word: 'Succeeded' },
  failed: { emoji: '❌', word: 'Failed' },
  cancelled: { emoji: '🚫', word: 'Cancelled' },
  rejected: { emoji: '⛔', word: 'Rejected' },
  expired: { emoji: '⌛', word: 'Expired, nobody decided' },
}

export const stepSigns: { readonly [status in StepStatus]: Sign } = {
  pending: { emoji: '▫️', word: 'waiting' },
  intended: { emoji: '🔄', word: 'now' },
  applied: { emoji: '🔄', word: 'now, checking' },
  'in-doubt': { emoji: '❓', word: 'in doubt' },
  succeeded: { emoji: '✅', word: 'done' },
  satisfied: { emoji: '☑️', word: 'already so' },
  skipped: { emoji: '➖', word: 'skipped' },
  failed: { emoji: '❌', word: 'failed' },
}

/** `3 s`, `4 min 5 s`, `2 h 10 min`. */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** `14:03 UTC`, for texts that Slack does not localise. */
export function clock(time: string | number): string {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? 'an unknown time' : `${date.toISOString().slice(11, 16)} UTC`
}

/** The reader's own local time where Slack renders it, UTC elsewhere. */
export function localClock(time: string): string {
  const seconds = Math.floor(Date.parse(time) / 1000)
  return Number.isNaN(seconds)
    ? 'an unknown time'
    : `<!date^${seconds}^{date_short_pretty} {time}|${clock(time)}>`
}

/** The first 12 hex digits of a digest: what a person compares, and what a button proves it showed. */
export function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12)
}
