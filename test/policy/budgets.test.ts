import { describe, expect, it } from 'vitest'
import type { Breaker, Budget } from '../../src/core/rules.ts'
import { limitOf } from '../../src/policy/budgets.ts'
import { type Deed, guardBook, rulingOf } from '../../src/policy/ruling.ts'
import { approver, breaker, budget, deed, guardrails, HOUR } from './guardrails.ts'

const counts = (of: { budgets?: Budget[]; breakers?: Breaker[] }, about: Deed = deed()) =>
  rulingOf(guardBook(guardrails(of)), about, 0).counts

describe('a budget', () => {
  it('counts effects within a time under its name', () => {
    expect(counts({ budgets: [budget('gpu', { windowMs: HOUR })] })).toEqual([
      { key: 'budget/gpu', of: 'taken', limit: 10, windowMs: HOUR, why: 'budget/gpu allows 10 within 1h' },
    ])
  })

  it('without a time counts what is there at once', () => {
    const [count] = counts({ budgets: [budget('gpu', {})] })
    expect(count).toStrictEqual({
      key: 'budget/gpu',
      of: 'taken',
      limit: 10,
      why: 'budget/gpu allows 10 at once',
    })
  })

  it('asks where it says so, under the key that it counts under', () => {
    const [count] = counts({ budgets: [budget('gpu', { each: ['environment'], over: approver })] })
    expect(count).toMatchObject({
      key: 'budget/gpu/production',
      ask: { scope: 'down', ...approver, rule: 'budget/gpu/production' },
    })
  })

  it.each<[Budget['each'], Partial<Deed>, string]>([
    [['effect'], {}, 'budget/b/reversible'],
    [['provider'], {}, 'budget/b/kubernetes'],
    [['instance'], {}, 'budget/b/kubernetes/gpu'],
    [['environment'], {}, 'budget/b/production'],
    [['playbook'], {}, 'budget/b/compromised-endpoint'],
    [['route'], {}, 'budget/b/falco'],
    // In whatever order they stand, so that a change of the file starts no count anew.
    [['route', 'environment'], {}, 'budget/b/production/falco'],
    [['environment', 'route'], {}, 'budget/b/production/falco'],
  ])('counts apart by %j', (each, more, key) => {
    expect(counts({ budgets: [budget('b', { each })] }, deed(more))[0]?.key).toBe(key)
  })

  it('counts what no route began, and what is in no environment, by itself', () => {
    const { route: _, environment: __, ...bare } = deed()
    const [count] = counts({ budgets: [budget('b', { each: ['route', 'environment'] })] }, bare)
    expect(count?.key).toBe('budget/b/-/-')
  })

  it('that is about something else counts nothing', () => {
    expect(counts({ budgets: [budget('b', { about: { environments: ['lab'] } })] })).toEqual([])
  })
})

describe('a share', () => {
  it.each<[number, number, number]>([
    [20, 20, 4],
    [20, 19, 3],
    [20, 5, 1],
    [20, 4, 0],
    [33, 10, 3],
    [99, 1, 0],
    [100, 1, 1],
    [100, 7, 7],
    [0, 1000, 0],
    // 29 % of 100 is 28.999… in floating point.
    [29, 100, 29],
    [57, 100, 57],
    [1, Number.MAX_SAFE_INTEGER, 90_071_992_547_409],
    [100, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ])('of %i%% of %i is %i', (value, fleet, limit) => {
    expect(limitOf({ kind: 'percent', value }, fleet)).toBe(limit)
  })

  it('is never a count: 33% of ten is not 33', () => {
    expect(limitOf({ kind: 'count', value: 33 }, 10)).toBe(33)
    expect(limitOf({ kind: 'percent', value: 33 }, 10)).toBe(3)
  })

  const half = budget('half', { limit: { kind: 'percent', value: 50 } })
  const fallback = { scope: 'down', from: 'approver', count: 1, withinMs: 30 * 60_000, rule: 'budget/half' }

  it('says of how many', () => {
    const [count] = counts({ budgets: [half] }, deed({ risk: { fleet: 9 } }))
    expect(count).toMatchObject({ limit: 4, why: 'budget/half allows 4 at once: 50% of 9' })
    expect(count?.ask).toBeUndefined()
  })

  it('of nobody knows how many asks people, because waiting would never end', () => {
    const { fleet: _, ...unknown } = deed().risk
    const [count] = counts({ budgets: [half] }, { ...deed(), risk: unknown })
    expect(count).toMatchObject({ limit: 0, ask: fallback, why: expect.stringContaining('nobody can say') })
  })

  it('that is less than one asks people, as does a limit of none', () => {
    const [count] = counts({ budgets: [half] }, deed({ risk: { fleet: 1 } }))
    expect(count).toMatchObject({
      limit: 0,
      ask: fallback,
      why: expect.stringContaining('less than one of 1'),
    })
    const [none] = counts({ budgets: [budget('half', { limit: { kind: 'count', value: 0 } })] })
    expect(none).toMatchObject({ limit: 0, ask: fallback })
  })

  it('asks whom its budget names, where it names somebody', () => {
    const over = { from: 'lead', count: 2, withinMs: 1000 }
    const [count] = counts({ budgets: [{ ...half, over }] }, deed({ risk: { fleet: 1 } }))
    expect(count?.ask).toEqual({ scope: 'down', ...over, rule: 'budget/half' })
  })
})

describe('a breaker', () => {
  it('counts failures, and asks', () => {
    expect(counts({ breakers: [breaker('routes', { each: ['route'] })] })).toEqual([
      {
        key: 'breaker/routes/falco',
        of: 'failed',
        limit: 3,
        windowMs: HOUR,
        why: 'breaker/routes/falco opens after 3 runs that failed or were undone within 1h',
        ask: { scope: 'down', ...approver, rule: 'breaker/routes/falco' },
      },
    ])
  })

  it('opens after one, too', () => {
    const [count] = counts({ breakers: [breaker('b', { failures: 1 })] })
    expect(count).toMatchObject({ limit: 1, why: expect.stringContaining('after a run that failed or was') })
  })

  it('that is about something else counts nothing', () => {
    expect(counts({ breakers: [breaker('b', { about: { routes: ['leaks'] } })] })).toEqual([])
  })
})
