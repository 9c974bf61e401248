import { describe, expect, it } from 'vitest'
import type { RiskRule } from '../../src/core/rules.ts'
import { conditions, risksOf, type Risk } from '../../src/policy/risk.ts'
import { guardBook, ruledGates, rulingOf } from '../../src/policy/ruling.ts'
import { approver, deed, guardrails, line, risky } from './guardrails.ts'

const asked = (rule: Partial<RiskRule>, of: Partial<Risk> = {}): boolean => {
  const book = guardBook(guardrails({ approvals: [risky('r', rule)] }))
  const gates = ruledGates(book, [deed({ risk: of })], 0)
  expect(rulingOf(book, deed({ risk: of }), 0).gates).toEqual(gates)
  return gates.length > 0
}

/** Undefined stands for what is not known. */
function unknown(...names: ('targets' | 'touched' | 'fleet')[]): Partial<Risk> {
  return Object.fromEntries(names.map((name) => [name, undefined]))
}

describe('a rule of risk asks', () => {
  it.each<[string, Partial<RiskRule>, Partial<Risk>, boolean]>([
    ['whatever it is about', {}, {}, true],
    ['nothing of what it is not about', { about: { effects: ['irreversible'] } }, {}, false],
    ['for more targets', { targets: 5 }, { targets: 6 }, true],
    ['not for as many targets', { targets: 5 }, { targets: 5 }, false],
    ['for any target', { targets: 0 }, { targets: 1 }, true],
    ['for targets that cannot be counted', { targets: 5 }, unknown('targets'), true],
    ['for a larger share', { share: 10 }, { touched: 3, fleet: 20 }, true],
    ['not for the same share', { share: 10 }, { touched: 2, fleet: 20 }, false],
    ['for a share that is larger by less than a percent', { share: 33 }, { touched: 1, fleet: 3 }, true],
    ['never for more than all', { share: 100 }, { touched: 20, fleet: 20 }, false],
    ['for a share of an unknown whole', { share: 100 }, unknown('fleet'), true],
    ['for an unknown part', { share: 100 }, unknown('touched'), true],
    ['for a loss', { loses: true }, { loses: true }, true],
    ['not without a loss', { loses: true }, { loses: false }, false],
    ['for what nothing puts back', { noUndo: true }, { undo: false }, true],
    ['not for what something puts back', { noUndo: true }, { undo: true }, false],
    ['for a guess', { confidence: ['predicted', 'unknown'] }, { confidence: 'predicted' }, true],
    ['not for what is verified', { confidence: ['predicted'] }, { confidence: 'verified' }, false],
    ['where all of it holds', { targets: 1, loses: true }, { targets: 2, loses: true }, true],
    ['not where a part of it does not', { targets: 1, loses: true }, { targets: 2 }, false],
  ])('%s: %j of %j', (...[, rule, of, expected]) => {
    expect(asked(rule, of)).toBe(expected)
  })

  it('all its groups, each by its name, once for all items of a step', () => {
    const ask = [
      { ...approver, count: 2 },
      { from: 'security', count: 1, withinMs: 1000 },
    ]
    const book = guardBook(guardrails({ approvals: [risky('big', { ask }), risky('other', {})] }))
    expect(ruledGates(book, [deed(), deed(), deed({ step: 'up' })], 0)).toEqual(
      ['down', 'up'].flatMap((scope) => [
        { scope, ...approver, count: 2, rule: 'approvals/big' },
        { scope, from: 'security', count: 1, withinMs: 1000, rule: 'approvals/big' },
        { scope, ...approver, rule: 'approvals/other' },
      ]),
    )
  })
})

/** Of the first line, in the plan that all of them make. */
function of(...lines: Parameters<typeof risksOf>[0]): Risk {
  const [first] = lines
  if (first === undefined) throw new Error('no line')
  return risksOf(lines)(first)
}

describe('the risk of a line', () => {
  it('counts different targets of the whole plan, branches for failures too', () => {
    const risk = of(line('a'), line('b'), line('c', { id: 'b' }), line('d', { onFailure: true }))
    expect(risk).toMatchObject({ targets: 3, touched: 3 })
  })

  it('counts the same name in two places twice, and only what is of its kind in its place as part of the share', () => {
    const elsewhere = line('b', { id: 'a', instance: 'lab' })
    const other = line('c', { action: 'aws.deactivate-access-key' })
    const node = line('d')
    if (node.change) node.change.target.kind = 'kubernetes.node'
    expect(of(line('a'), elsewhere, other, node, line('e'))).toMatchObject({ targets: 5, touched: 2 })
  })

  it('does not count what changes nothing', () => {
    const quiet = (['read', 'notify', 'wait', 'manual', 'satisfied', 'skip'] as const).map((kind) =>
      line(kind, { kind }),
    )
    expect(of(line('a'), ...quiet)).toMatchObject({ targets: 1 })
  })

  it('of a line that says of no change is not counted, and it counts for none', () => {
    const { change: _, ...empty } = line('b')
    expect(of(line('a'), empty)).toMatchObject({ targets: 1, touched: 1 })
    expect(of(empty, line('a'))).toEqual({ loses: false, undo: true, confidence: 'verified' })
  })

  it('tells two providers apart, however their names begin', () => {
    expect(of(line('a', { action: 'aws.x' }), line('b', { id: 'a', action: 'azure.x' }))).toMatchObject({
      targets: 2,
      touched: 1,
    })
  })

  it.each(['unknown', 'fails'] as const)('counts nothing while a line is %s that may act', (kind) => {
    const risk = of(line('a', { fleet: 10 }), line('b', { kind }))
    expect(risk.targets).toBeUndefined()
    expect(risk.touched).toBeUndefined()
    expect(of(line('a'), line('b', { kind, effect: 'irreversible' })).targets).toBeUndefined()
    expect(of(line('a'), line('b', { kind, effect: 'read' }))).toMatchObject({ targets: 1, touched: 1 })
  })

  it('takes the smallest fleet of its kind, and of none that it does not tell itself', () => {
    expect(of(line('a', { fleet: 10 }), line('b', { fleet: 8 }), line('c')).fleet).toBe(8)
    expect(of(line('a'), line('b', { fleet: 8 })).fleet).toBeUndefined()
  })

  it('of a line that is not in the plan is not counted', () => {
    const risk = risksOf([line('a')])(line('x', { instance: 'lab', fleet: 4 }))
    expect(risk).toMatchObject({ fleet: 4 })
    expect(risk.targets).toBeUndefined()
  })

  it('knows losses, undo and confidence', () => {
    expect(of(line('a'))).toMatchObject({ loses: false, undo: true, confidence: 'verified' })
    const { undo: _, ...bare } = line('b', { confidence: 'predicted' })
    if (bare.change) bare.change.loses = 'what is in memory'
    expect(of(bare)).toMatchObject({ loses: true, undo: false, confidence: 'predicted' })
    expect(of(line('c', { undo: { kind: 'never', reason: 'a leak' } })).undo).toBe(false)
  })
})

it('a condition that a rule does not name holds of nothing that is known', () => {
  const rule = risky('r', {})
  const risk: Risk = { targets: 0, touched: 0, fleet: 1, loses: false, undo: true, confidence: 'unknown' }
  for (const condition of ['targets', 'share', 'confidence'] as const)
    expect(conditions[condition](rule, risk), condition).toBe(false)
})
