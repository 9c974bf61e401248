/** A whole number with a unit; at most a year, so that sums stay exact. */
export const durationPattern = /^[1-9]\d{0,5}[smhd]$/

const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** A duration as people write it, in the largest unit that has no rest. */
export function durationText(ms: number): string {
  const unit = (['d', 'h', 'm', 's'] as const).find((candidate) => ms % units[candidate] === 0) ?? 's'
  return `${Math.ceil(ms / units[unit])}${unit}`
}

/** Milliseconds of `10s`, `30m`, `2h`, `1d`; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  if (!durationPattern.test(text)) return undefined
  const unit = text.at(-1)
  if (unit !== 's' && unit !== 'm' && unit !== 'h' && unit !== 'd') return undefined
  return Number(text.slice(0, -1)) * units[unit]
}
