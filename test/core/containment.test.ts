import { describe, expect, it } from 'vitest'
import {
  applyToContainment,
  dueAfter,
  lifeText,
  noticeMs,
  type Containment,
} from '../../src/core/containment.ts'
import type { Fact, FactData, FactType } from '../../src/core/fact.ts'
import { system } from '../../src/core/person.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

const time = '2026-01-01T00:00:00.000Z'
const at = (ms: number) => new Date(Date.parse(time) + ms).toISOString()

function fact<T extends FactType>(type: T, data: FactData<T>): Fact {
  return { type, data, run: 'r', step: 's', actor: system, seq: 0, n: 1, time } as Fact
}

const started = fact('containment.started', { until: at(2 * HOUR), ttlMs: 2 * HOUR, onExpiry: 'undo' })
const lifting = fact('containment.lifting', { undo: 'u', as: 'undo_1', by: 'expiry' })
const story = (...facts: Fact[]) => facts.reduce<Containment | undefined>(applyToContainment, undefined)

describe('the life of a containment', () => {
  it.each<[string, Fact[], object]>([
    ['begins', [], { status: 'active', until: at(2 * HOUR) }],
    [
      'is told of',
      [fact('containment.announced', { until: at(3 * HOUR) })],
      { status: 'active', until: at(3 * HOUR), announced: time },
    ],
    ['is over', [fact('containment.expired', {})], { status: 'expiring' }],
    [
      'is put back',
      [fact('containment.expired', {}), lifting, fact('containment.lifted', { undo: 'u' })],
      { status: 'lifted', endedAt: time },
    ],
    [
      'is asked about',
      [fact('containment.expired', {}), fact('containment.asked', { why: 'x' })],
      { status: 'expiring', asked: { why: 'x' } },
    ],
    [
      'begins again when it is renewed',
      [
        fact('containment.announced', { until: at(HOUR) }),
        fact('containment.expired', {}),
        fact('containment.asked', { why: 'x' }),
        fact('containment.renewed', { until: at(5 * HOUR), ttlMs: HOUR, reason: 'y' }),
      ],
      {
        status: 'active',
        until: at(5 * HOUR),
        ttlMs: HOUR,
        reason: 'y',
        announced: undefined,
        asked: undefined,
      },
    ],
    ['is kept', [fact('containment.kept', { reason: 'z' })], { status: 'kept', reason: 'z' }],
    [
      'does not begin again once it has ended',
      [
        fact('containment.kept', { reason: 'z' }),
        fact('containment.renewed', { until: at(HOUR), ttlMs: HOUR, reason: 'y' }),
      ],
      { status: 'kept' },
    ],
    [
      'goes on where putting it back has failed',
      [lifting, fact('containment.not-lifted', { undo: 'u', why: 'x' })],
      { status: 'active', lifting: undefined },
    ],
  ])('%s', (_, facts, expected) => {
    expect({
      announced: undefined,
      asked: undefined,
      lifting: undefined,
      ...story(started, ...facts),
    }).toMatchObject(expected)
  })

  it('is nothing without its beginning', () => {
    expect(story(fact('containment.expired', {}))).toBeUndefined()
  })
})

describe('when people are told', () => {
  it.each([
    ['a tenth of its time before', 5 * HOUR, 30 * MINUTE],
    ['at most an hour', 90 * 24 * HOUR, HOUR],
    ['at least a minute', 5 * MINUTE, MINUTE],
    ['and no sooner than after half of it', 90 * SECOND, 45 * SECOND],
  ])('%s', (_, ttl, notice) => {
    expect(noticeMs(ttl)).toBe(notice)
  })
})

describe('when somebody must look at it', () => {
  it('is when people are to be told, then its end, then at once, until it has ended', () => {
    expect(dueAfter(started)).toBe(at(2 * HOUR - 12 * MINUTE))
    expect(dueAfter(fact('containment.announced', { until: at(HOUR) }))).toBe(at(HOUR))
    for (const now of [fact('containment.expired', {}), fact('containment.asked', { why: 'x' }), lifting])
      expect(dueAfter(now)).toBe(time)
    expect(dueAfter(fact('containment.lifted', { undo: 'u' }))).toBeNull()
    expect(dueAfter(fact('containment.kept', { reason: 'x' }))).toBeNull()
    expect(dueAfter(fact('run.succeeded', {}))).toBeUndefined()
  })
})

describe('the line of a plan', () => {
  it('says how long, and what then', () => {
    expect(lifeText({ ttlMs: 2 * HOUR, onExpiry: 'ask' })).toBe('for 2 h, then asks')
    expect(lifeText({ ttlMs: 90 * MINUTE, onExpiry: 'undo' })).toBe('for 90 min, then undoes itself')
  })
})
