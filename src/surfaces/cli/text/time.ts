export { moment } from '../../../core/moment.ts'

/** `90 s`, `30 min`, `2 h`: whole units, for limits that people set. */
export function span(ms: number): string {
  const seconds = ms / 1000
  if (seconds < 120) return `${Number(seconds.toFixed(1))} s`
  const minutes = seconds / 60
  return minutes < 120 ? `${Number(minutes.toFixed(1))} min` : `${Number((minutes / 60).toFixed(1))} h`
}
