/** A clock that is corrected by less than this does not reorder the log. */
const SMOOTHED_MS = 60_000

/**
 * The time of the next entry: the clock's, but not before the last entry's. Where the clock lies further back than a
 * correction explains, it was the earlier one that was wrong: deadlines that are told from later entries must hold again,
 * and not only once the clock has caught up.
 */
export function nextTime(last: string, now: number): string {
  const time = new Date(now).toISOString()
  return time < last && now > Date.parse(last) - SMOOTHED_MS ? last : time
}
