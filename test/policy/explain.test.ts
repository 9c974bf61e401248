import { describe, expect, it } from 'vitest'
import type { Guardrails } from '../../src/core/rules.ts'
import { explain } from '../../src/policy/explain.ts'
import { guarded, type Said } from '../../src/policy/explain-guardrails.ts'
import { guardBook } from '../../src/policy/ruling.ts'
import { type Point } from '../../src/policy/rules.ts'
import { approver, between, breaker, budget, guardrails, risky, window } from './guardrails.ts'
import { permissionsWith, person, rule } from './rules.ts'

const scaling: Point = {
  step: 'down',
  effect: 'reversible',
  instance: 'kubernetes/gpu',
  environment: 'production',
}

function judged(some: Partial<Guardrails>, said: Partial<Said> = {}, point: Point = scaling) {
  const book = guardBook(guardrails(some))
  return guarded({ book, neverTouch: () => undefined, said: { risk: {}, ...said } }, point)
}

describe('what guardrails say of an effect that somebody asks about', () => {
  const always = between('2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z')
  const noon = Date.parse('2026-01-10T12:00:00Z')

  it('is open where nothing is said of the time, of the risk, or can be said of what is counted', () => {
    const some = {
      windows: [window('w', { line: 3 })],
      approvals: [risky('r', { targets: 1, share: 5, loses: true, noUndo: true, confidence: ['unknown'] })],
      budgets: [budget('b', {})],
      breakers: [breaker('c', {})],
    }
    const on = 'what is counted at the moment of effect'
    expect(judged(some)).toEqual({
      findings: [],
      open: [
        { rule: 'window/w', on: 'when' },
        { rule: 'approvals/r', on: 'targets, share, loses, noUndo, confidence' },
        { rule: 'budget/b', on },
        { rule: 'breaker/c', on },
      ],
    })
  })

  it.each<[keyof Said['risk'], Said['risk'], string]>([
    ['targets', { targets: 9 }, 'share, loses, noUndo, confidence'],
    ['touched', { touched: 9, fleet: 9 }, 'targets, loses, noUndo, confidence'],
    ['touched', { touched: 9 }, 'targets, share, loses, noUndo, confidence'],
    ['fleet', { fleet: 9 }, 'targets, share, loses, noUndo, confidence'],
    ['loses', { loses: true }, 'targets, share, noUndo, confidence'],
    ['undo', { undo: false }, 'targets, share, loses, confidence'],
    ['confidence', { confidence: 'unknown' }, 'targets, share, loses, noUndo'],
  ])('is less open where %s is said: %j', (_, risk, on) => {
    const approvals = [
      risky('r', { targets: 1, share: 5, loses: true, noUndo: true, confidence: ['unknown'] }),
    ]
    expect(judged({ approvals }, { risk }).open).toEqual([{ rule: 'approvals/r', on }])
  })

  it('is nothing where one thing that is said is not as the rule has it, whatever is not said', () => {
    for (const risk of [
      { targets: 1 },
      { touched: 1, fleet: 20 },
      { loses: false },
      { undo: true },
    ] as const) {
      const approvals = [risky('r', { targets: 1, share: 5, loses: true, noUndo: true })]
      expect(judged({ approvals }, { risk })).toEqual({ findings: [], open: [] })
    }
  })

  it('does not take for said what is not: a rule that names one thing only depends on that', () => {
    for (const rule of [{ loses: true }, { noUndo: true }, { confidence: ['unknown' as const] }] as const)
      expect(judged({ approvals: [risky('r', rule)] }, { risk: { targets: 1 } }).open).toHaveLength(1)
  })

  it('is a window with its end, or that it has none, and its line', () => {
    const asking = window('w', { line: 3, during: always, over: approver })
    const until = 'window/w until Sun 2026-02-01 00:00 UTC asks 1 of approver'
    const found = { outcome: 'ask', rule: 'window/w', line: 3, asks: [approver] }
    expect(judged({ windows: [asking] }, { when: noon }).findings).toEqual([{ ...found, why: until }])
    const past = { ...asking, during: between('2025-01-01T00:00:00Z', '2025-02-01T00:00:00Z'), outside: true }
    expect(judged({ windows: [past] }, { when: noon }).findings).toEqual([
      { ...found, why: 'window/w asks 1 of approver' },
    ])
    const [shut] = judged({ windows: [window('w', { line: 7, during: always })] }, { when: noon }).findings
    expect(shut).toMatchObject({ outcome: 'wait', rule: 'window/w', line: 7, asks: [] })
    expect(judged({ windows: [asking] }, { when: Date.parse('2026-03-01T00:00:00Z') })).toEqual({
      findings: [],
      open: [],
    })
  })

  it('is about the action and the route that are said', () => {
    const windows = [
      window('a', { about: { actions: ['kubernetes.scale'] } }),
      window('r', { about: { routes: ['falco'] } }),
    ]
    const open = (said: Partial<Said>) => judged({ windows }, said).open.map((one) => one.rule)
    // What nobody says may be so; that no route began it is an answer.
    expect(open({})).toEqual(['window/a'])
    expect(open({ action: 'aws.x', route: 'falco' })).toEqual(['window/r'])
    expect(open({ action: 'kubernetes.scale', route: 'other' })).toEqual(['window/a'])
  })
})

describe('a decision in words', () => {
  const wide = rule('wide', { line: 9, effects: ['reversible'], who: ['lead', 'responder'] })
  const asks = rule('asks', {
    effects: ['reversible'],
    ask: { who: ['intern'], approve: { from: 'approver', count: 2, withinMs: 1000 } },
  })
  const nobody = rule('nobody', { effects: ['reversible'] })
  const whyOf = (...[asker, ...rules]: [Parameters<typeof explain>[1], ...(typeof wide)[]]) =>
    explain(permissionsWith(...rules), asker, { verb: 'run', points: [scaling] }).why

  it('says what decided, whom that names, and what the asker has', () => {
    expect(whyOf(person('approver', 'x'), wide)).toBe(
      'permissions.rules wide (line 9) names lead, responder; who asks has approver, x',
    )
    expect(whyOf(person(), nobody)).toBe(
      'permissions.rules nobody (line 1) names nobody; who asks has no role',
    )
    expect(whyOf(person('intern'), asks)).toBe('permissions.rules asks (line 1) asks 2 of approver')
    expect(whyOf(person('intern'))).toBe('permissions.run names responder, approver; who asks has intern')
    expect(whyOf({ kind: 'owner' })).toBe('whoever may open the state folder decides')
    expect(whyOf({ kind: 'route', name: 'falco' }, { ...wide, routes: ['falco'] })).toBe(
      'permissions.rules wide (line 9) lets it',
    )
    expect(whyOf({ kind: 'route', name: 'falco' }, nobody)).toBe(
      'permissions.rules nobody (line 1) names nobody, and lets nobody in its place',
    )
  })

  it('has a line where a rule decided, and none where another thing did', () => {
    const of = (...rules: (typeof wide)[]) =>
      explain(permissionsWith(...rules), person('lead'), { verb: 'run', points: [scaling] })
    expect(of(wide).line).toBe(9)
    expect(Object.hasOwn(of(), 'line')).toBe(false)
  })

  it('names what lost: other rules, then the table, or the gate where somebody approves', () => {
    const narrow = rule('narrow', { instances: ['kubernetes/gpu'], verbs: ['run', 'approve'], who: ['lead'] })
    const both = { ...wide, verbs: ['run', 'approve'] as const }
    const lost = (verb: 'run' | 'approve' | 'freeze' | 'thaw', ...rules: (typeof wide)[]) =>
      explain(permissionsWith(...rules), person('lead'), { verb, points: [scaling] }).points[0]?.lost
    expect(lost('run', narrow, both)).toEqual(['wide', 'permissions.run'])
    expect(lost('approve', narrow, both)).toEqual(['wide', 'the role of the gate'])
    expect(lost('run')).toEqual([])
    expect(lost('approve')).toEqual([])
    for (const verb of ['freeze', 'thaw'] as const) expect(lost(verb, narrow, both)).toEqual([])
  })

  it('leaves guardrails out of what changes nothing, and holds them against what may change something', () => {
    const windows = [window('w', {})]
    const guarding = {
      book: guardBook(guardrails({ windows })),
      neverTouch: () => undefined,
      said: { risk: {} },
    }
    const open = (verb: 'run' | 'undo' | 'plan', point: Point) =>
      explain({ ...permissionsWith(), guarding }, person('lead'), { verb, points: [point] }).open
    const found = [{ rule: 'window/w', on: 'when' }]
    expect(open('run', scaling)).toEqual(found)
    expect(open('undo', { effect: 'irreversible' })).toEqual(found)
    // Of which effect it is, nothing is said.
    expect(open('run', {})).toEqual(found)
    expect(open('run', { effect: 'read' })).toEqual([])
    expect(open('plan', scaling)).toEqual([])
  })
})
