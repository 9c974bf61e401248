import { describe, expect, it } from 'vitest'
import type { Window } from '../../src/core/rules.ts'
import { type Deed, guardBook, rulingOf, ruledGates } from '../../src/policy/ruling.ts'
import { approver, between, deed, guardrails, HOUR, window } from './guardrails.ts'

function ruling(windows: readonly Window[], moment: string, about: Deed = deed()) {
  return rulingOf(guardBook(guardrails({ windows })), about, Date.parse(moment))
}

const saturday = '2026-01-03T12:00:00Z'
const tuesday = '2026-01-06T12:00:00Z'
const none = { gates: [], counts: [] }

describe('a window', () => {
  it('holds an effect back until its end, in words by its own clock', () => {
    expect(ruling([window('weekend', {})], saturday)).toEqual({
      ...none,
      wait: {
        key: 'window/weekend',
        why: 'window/weekend holds this back until Mon 2026-01-05 08:00 Europe/Berlin',
        until: '2026-01-05T07:00:00.000Z',
      },
    })
  })

  it('does nothing at other times, nor to what it is not about', () => {
    expect(ruling([window('weekend', {})], tuesday)).toEqual(none)
    expect(ruling([window('weekend', { about: { severities: ['low'] } })], saturday)).toEqual(none)
  })

  it('refuses where it says so', () => {
    expect(ruling([window('weekend', { over: 'deny' })], saturday)).toEqual({
      ...none,
      deny: {
        key: 'window/weekend',
        why: 'window/weekend refuses this until Mon 2026-01-05 08:00 Europe/Berlin',
      },
    })
  })

  it('asks where it says so', () => {
    const gate = { scope: 'down', ...approver, rule: 'window/weekend' }
    const windows = [window('weekend', { over: approver })]
    expect(ruling(windows, saturday)).toEqual({ ...none, gates: [gate] })
    const book = guardBook(guardrails({ windows }))
    expect(ruledGates(book, [deed(), deed()], Date.parse(saturday))).toEqual([gate])
    expect(ruledGates(book, [deed()], Date.parse(tuesday))).toEqual([])
  })

  it('between two moments holds the first, and not the last', () => {
    const freeze = window('xmas', { during: between('2026-12-20T00:00:00Z', '2026-12-27T00:00:30Z') })
    expect(ruling([freeze], '2026-12-19T23:59:59.999Z')).toEqual(none)
    expect(ruling([freeze], '2026-12-20T00:00:00Z').wait?.until).toBe('2026-12-27T00:00:30.000Z')
    expect(ruling([freeze], '2026-12-27T00:00:29.999Z').wait?.why).toContain('until Sun 2026-12-27 00:01 UTC')
    expect(ruling([freeze], '2026-12-27T00:00:30Z')).toEqual(none)
  })
})

describe('a maintenance window', () => {
  const nights = window('nights', {
    outside: true,
    during: { cron: '0 2 * * *', forMs: 2 * HOUR, timezone: 'UTC' },
  })

  it('holds back what comes outside of it, until it begins', () => {
    expect(ruling([nights], tuesday).wait?.until).toBe('2026-01-07T02:00:00.000Z')
    expect(ruling([nights], '2026-01-07T02:00:00Z')).toEqual(none)
    expect(ruling([nights], '2026-01-07T03:59:59Z')).toEqual(none)
    expect(ruling([nights], '2026-01-07T04:00:00Z').wait?.until).toBe('2026-01-08T02:00:00.000Z')
  })

  it('that comes only once holds back before it, and refuses after it: waiting would never end', () => {
    const once = window('move', {
      outside: true,
      during: between('2026-01-06T14:00:00Z', '2026-01-06T16:00:00Z'),
    })
    expect(ruling([once], tuesday).wait?.until).toBe('2026-01-06T14:00:00.000Z')
    expect(ruling([once], '2026-01-06T15:00:00Z')).toEqual(none)
    const after = ruling([once], '2026-01-06T16:00:00Z')
    expect(after.wait).toBeUndefined()
    expect(after.deny).toEqual({
      key: 'window/move',
      why: 'window/move holds this back, and the time it leaves does not come again',
    })
    expect(ruling([{ ...once, over: 'deny' }], '2026-01-06T16:00:00Z').deny?.why).toBe(
      'window/move refuses this, and has no end',
    )
  })
})

describe('of several windows', () => {
  const xmas = window('xmas', { during: between('2026-01-03T00:00:00Z', '2026-01-04T00:00:00Z') })
  const later = window('later', { during: between('2026-01-05T06:00:00Z', '2026-01-05T09:00:00Z') })
  const touching = window('touching', { during: between('2026-01-05T09:00:00Z', '2026-01-05T10:00:00Z') })
  const apart = window('apart', { during: between('2026-01-05T10:00:01Z', '2026-01-05T11:00:00Z') })

  it.each<[string, Window[], string, string]>([
    ['the one that ends last counts', [xmas, window('weekend', {})], 'weekend', '2026-01-05T07:00'],
    [
      'one that begins meanwhile counts as well',
      [window('weekend', {}), later],
      'weekend',
      '2026-01-05T09:00',
    ],
    [
      'and one that begins as the other ends',
      [window('weekend', {}), later, touching],
      'weekend',
      '2026-01-05T10:00',
    ],
    [
      'but not one after a gap',
      [window('weekend', {}), later, touching, apart],
      'weekend',
      '2026-01-05T10:00',
    ],
    [
      'of two that end together, the first name',
      [
        { ...xmas, name: 'b' },
        { ...xmas, name: 'a' },
      ],
      'a',
      '2026-01-04T00:00',
    ],
  ])('%s', (...[, windows, name, until]) => {
    for (const order of [windows, windows.toReversed()]) {
      const { wait } = ruling(order, saturday)
      expect(wait).toMatchObject({ key: `window/${name}`, until: expect.stringContaining(until) })
    }
  })

  it('one that refuses outweighs those that hold back; all that ask are asked', () => {
    const found = ruling(
      [
        xmas,
        window('no', { over: 'deny' }),
        window('one', { over: approver }),
        window('two', { over: { ...approver, count: 2 } }),
      ],
      saturday,
    )
    expect(found.deny?.key).toBe('window/no')
    expect(found.wait).toBeUndefined()
    expect(found.gates.map(({ rule }) => rule)).toEqual(['window/one', 'window/two'])
  })

  it('two that leave no time between them hold back for as far as anybody looks, and from then on again', () => {
    const night = window('night', { during: { cron: '0 0 * * *', forMs: 12 * HOUR, timezone: 'UTC' } })
    const day = window('day', { during: { cron: '0 12 * * *', forMs: 12 * HOUR, timezone: 'UTC' } })
    const until = ruling([night, day], saturday).wait?.until ?? ''
    expect(Date.parse(until)).toBeGreaterThan(Date.parse('2026-02-01T00:00:00Z'))
    expect(ruling([night, day], until).wait).toBeDefined()
  })

  it('one after the other is followed for a hundred, each to the millisecond', () => {
    const begin = Date.parse(saturday)
    const chain = (length: number) =>
      Array.from({ length }, (_, i) =>
        window(`w${i}`, { during: { from: begin + i * HOUR, until: begin + (i + 1) * HOUR } }),
      )
    const until = (length: number) => Date.parse(ruling(chain(length), saturday).wait?.until ?? '')
    expect(until(3)).toBe(begin + 3 * HOUR)
    expect(until(99)).toBe(begin + 99 * HOUR)
    expect(until(150)).toBe(begin + 100 * HOUR)
  })

  it('one that never opens again refuses, also where others come and go', () => {
    const gone = window('gone', {
      during: between('2025-01-01T00:00:00Z', '2025-02-01T00:00:00Z'),
      outside: true,
    })
    for (const order of [
      [gone, window('weekend', {})],
      [window('weekend', {}), gone],
    ])
      expect(ruling(order, saturday)).toMatchObject({ deny: { key: 'window/gone' } })
  })
})
