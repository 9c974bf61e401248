import { describe, expect, it } from 'vitest'
import { refuseSkew } from '../../../src/store/postgres/replicas.ts'
import { codeOf } from '../../audit/code-of.ts'

const now = Date.parse('2026-01-01T00:00:00Z')

describe('a clock that is asked at `now`, and answered 100 ms later', () => {
  const asked = { before: now, after: now + 100 }

  it.each([0, 50, 100, 1100, -1000])('may differ from the server by what a second explains (%i ms)', (ms) => {
    expect(() => refuseSkew({ ...asked, theirs: now + ms })).not.toThrow()
  })

  it.each([1101, 60_000, -1001, -3_600_000])('is refused when it is further away (%i ms)', (ms) => {
    expect(codeOf(() => refuseSkew({ ...asked, theirs: now + ms }))).toBe('store.clock-skew')
  })
})
