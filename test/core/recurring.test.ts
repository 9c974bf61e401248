import { describe, expect, it } from 'vitest'
import { recurringFault, stretchesOf } from '../../src/core/recurring.ts'

const HOUR = 3_600_000
const berlin = (cron: string, hours: number) => ({ cron, forMs: hours * HOUR, timezone: 'Europe/Berlin' })

/** `in` or `out`, from and until, as people read them. */
function at(of: ReturnType<typeof berlin>, moment: string): string {
  const { inside, from, until } = stretchesOf(of)(Date.parse(moment))
  const words = [from, until].map((ms) =>
    Number.isFinite(ms) ? new Date(ms).toISOString().slice(0, 16) : '-',
  )
  return [inside ? 'in' : 'out', ...words].join(' ')
}

const weekend = berlin('0 18 * * FRI', 62)

describe('a time that comes back', () => {
  it.each<[string, string, string]>([
    ['before it', '2026-01-02T16:59:59.999Z', 'out 2025-12-29T07:00 2026-01-02T17:00'],
    ['its first moment', '2026-01-02T17:00:00Z', 'in 2026-01-02T17:00 2026-01-05T07:00'],
    ['within it', '2026-01-04T00:00:00Z', 'in 2026-01-02T17:00 2026-01-05T07:00'],
    ['its last moment', '2026-01-05T06:59:59.999Z', 'in 2026-01-02T17:00 2026-01-05T07:00'],
    ['the first moment after it', '2026-01-05T07:00:00Z', 'out 2026-01-05T07:00 2026-01-09T17:00'],
    // In summer 18:00 in Berlin is an hour earlier.
    ['in summer', '2026-07-04T00:00:00Z', 'in 2026-07-03T16:00 2026-07-06T06:00'],
    // 62 hours pass, whatever clocks show: it ends at 9:00 on the day after clocks were set forward, and at 7:00 in autumn.
    ['as clocks are set forward', '2026-03-29T12:00:00Z', 'in 2026-03-27T17:00 2026-03-30T07:00'],
    ['as clocks are set back', '2026-10-25T12:00:00Z', 'in 2026-10-23T16:00 2026-10-26T06:00'],
  ])('%s', (_, moment, expected) => {
    expect(at(weekend, moment)).toBe(expected)
  })

  it.each<[string, string, string, string]>([
    // 2:30 does not exist on that night: it begins with the first moment after the gap, at 3:00.
    ['a fixed time in the gap', '30 2 * * *', '2026-03-29T01:00:00Z', 'in 2026-03-29T01:00 2026-03-29T02:00'],
    ['just before that', '30 2 * * *', '2026-03-29T00:59:59Z', 'out 2026-03-28T02:30 2026-03-29T01:00'],
    // One of several fixed times as well: what is set aside is never left out.
    ['one of two times', '30 2,14 * * *', '2026-03-29T01:30:00Z', 'in 2026-03-29T01:00 2026-03-29T02:00'],
    // 2:30 comes twice on that night: it begins the first time, and only then.
    ['a time that comes twice', '30 2 * * *', '2026-10-25T00:30:00Z', 'in 2026-10-25T00:30 2026-10-25T01:30'],
    ['its second coming', '30 2 * * *', '2026-10-25T01:30:00Z', 'out 2026-10-25T01:30 2026-10-26T01:30'],
    ['the night after', '30 2 * * *', '2026-10-26T01:30:00Z', 'in 2026-10-26T01:30 2026-10-26T02:30'],
  ])('at a change of clocks: %s', (...[, cron, moment, expected]) => {
    expect(at(berlin(cron, 1), moment)).toBe(expected)
  })

  it('is one with the next where that begins as it ends', () => {
    // The day on which clocks are set forward has 23 hours.
    const daily = berlin('0 1 * * *', 23)
    expect(at(daily, '2026-03-28T12:00:00Z')).toBe('in 2026-03-28T00:00 2026-03-28T23:00')
    expect(at(daily, '2026-03-29T12:00:00Z')).toBe('in 2026-03-29T00:00 2026-03-30T22:00')
  })

  it('ends somewhere even where it never does', () => {
    const { inside, until } = stretchesOf(berlin('* * * * *', 1))(Date.UTC(2026, 0, 1))
    expect(inside).toBe(true)
    expect(until).toBeGreaterThan(Date.UTC(2026, 0, 1, 2))
  })

  it('that never comes is never', () => {
    expect(at(berlin('0 0 30 2 *', 1), '2026-01-01T00:00:00Z')).toBe('out - -')
  })

  it('of every moment it is told alike, whichever was asked about before', () => {
    const of = stretchesOf(weekend)
    for (let hour = 0; hour < 24 * 400; hour += 7) {
      const now = Date.UTC(2026, 0, 1) + hour * HOUR
      const { inside, from, until } = of(now)
      expect(from <= now && now < until).toBe(true)
      expect(of(from)).toMatchObject({ inside, until })
      expect(of(until - 1)).toMatchObject({ inside })
      expect(of(until).inside).toBe(!inside)
    }
  })
})

describe('what is no time that comes and goes', () => {
  it.each<[string, string, RegExp]>([
    ['61 * * * *', 'cron', /cannot be read: Invalid value for minute/],
    ['0 18 * * FRIDAY', 'cron', /cannot be read/],
    ['@daily', 'cron', /five fields/],
    ['0 0 18 * * FRI', 'cron', /five fields/],
    ['2026-01-01T00:00:00', 'cron', /five fields/],
    ['', 'cron', /five fields/],
    ['0 0 30 2 *', 'cron', /never fits any day/],
  ])('the pattern %j', (cron, part, says) => {
    expect(recurringFault(berlin(cron, 1))).toMatchObject({ part, says: expect.stringMatching(says) })
  })

  it.each<[string, number, string]>([
    ['* * * * *', 1, '1m'],
    ['0 18 * * *', 24, '1d'],
    ['0 18 * * MON,FRI', 73, '3d'],
    ['0 18 * * FRI', 168, '7d'],
    ['0 0 1 * *', 24 * 28, '28d'],
  ])('%s for %i hours begins again before it is over', (cron, hours, gap) => {
    const fault = recurringFault({ ...berlin(cron, hours), timezone: 'UTC' })
    expect(fault).toMatchObject({ part: 'for', says: expect.stringContaining(`after ${gap},`) })
  })

  it.each<[string, number]>([
    ['0 18 * * FRI', 62],
    ['0 18 * * FRI', 167],
    ['0 18 * * MON-FRI', 14],
    ['0 9 1 * *', 24 * 27],
    ['0 0 29 2 *', 24 * 1460],
    ['0 18 * * FRI#L', 1],
  ])('%s for %i hours is one', (cron, hours) => {
    expect(recurringFault({ ...berlin(cron, hours), timezone: 'UTC' })).toBeUndefined()
  })

  it('a time zone that nobody knows', () => {
    expect(recurringFault({ ...weekend, timezone: 'Mars/Olympus' })).toMatchObject({ part: 'timezone' })
    expect(recurringFault({ ...weekend, timezone: '' })).toMatchObject({ part: 'timezone' })
  })
})
