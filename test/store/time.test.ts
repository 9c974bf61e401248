import { describe, expect, it } from 'vitest'
import { nextTime } from '../../src/store/time.ts'

const last = '2026-01-01T12:00:00.000Z'
const at = (ms: number) => Date.parse(last) + ms

describe('the time of the next entry', () => {
  it.each([
    ['is that of the clock', 5, '2026-01-01T12:00:00.005Z'],
    ['stands still while a clock is a little behind', -1, last],
    ['stands still up to a minute', -59_999, last],
    ['is right again at once where the clock was wrong before', -60_000, '2026-01-01T11:59:00.000Z'],
  ])('%s (%i ms later)', (_, ms, expected) => {
    expect(nextTime(last, at(ms))).toBe(expected)
  })

  it('is that of the clock in an empty log', () => {
    expect(nextTime('', at(0))).toBe(last)
  })
})
