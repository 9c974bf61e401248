import { describe, expect, it } from 'vitest'
import type { PermissionRule, RuleVerb } from '../../src/core/rules.ts'
import {
  type Asked,
  type Asker,
  decide,
  gatesOf,
  pointWords,
  type Source,
  sourceWords,
  whoMay,
} from '../../src/policy/decision.ts'
import { explain } from '../../src/policy/explain.ts'
import type { Point } from '../../src/policy/rules.ts'
import { permissionsWith, person, rule } from './rules.ts'

const production = rule('production', { environments: ['production'], who: ['lead'] })
const wipes = rule('wipes', {
  environments: ['production'],
  effects: ['irreversible'],
  who: ['lead'],
  ask: { who: ['responder'], approve: { from: 'approver', count: 2, withinMs: 60_000 } },
})
const gpu = rule('gpu', { instances: ['kubernetes/gpu'], who: ['responder'] })
const drills = rule('drills', { playbooks: ['drill-*'], who: ['intern', 'lead'], verbs: ['plan', 'run'] })
const drillOne = rule('drill-one', { playbooks: ['drill-one'], who: [] })
const payments = rule('payments', { playbooks: ['*payments*'], verbs: ['approve'], who: ['lead'] })
const all = [production, wipes, gpu, drills, drillOne, payments]

const inProduction: Point = { step: 'a', effect: 'reversible', environment: 'production' }
const wiping: Point = { step: 'b', effect: 'irreversible', environment: 'production' }

type Row = [why: string, asker: Asker, asked: Asked, outcome: string, by: string]

const rows: Row[] = [
  ['the table decides where no rule fits', person('responder'), { verb: 'run' }, 'allow', 'permissions.run'],
  ['nobody by default', person('intern'), { verb: 'run' }, 'deny', 'permissions.run'],
  ['nobody at all by default', person(), { verb: 'freeze' }, 'deny', 'permissions.freeze'],
  [
    'a rule lets who it names',
    person('lead'),
    { verb: 'run', points: [inProduction] },
    'allow',
    'production',
  ],
  [
    'a rule takes away what the table gives',
    person('responder'),
    { verb: 'run', points: [inProduction] },
    'deny',
    'production',
  ],
  [
    'a rule is about its verbs only',
    person('responder'),
    { verb: 'plan', points: [inProduction] },
    'allow',
    'permissions.plan',
  ],
  ['the more specific rule asks', person('responder'), { verb: 'run', points: [wiping] }, 'ask', 'wipes'],
  [
    'who may without asking is not asked',
    person('lead', 'responder'),
    { verb: 'run', points: [wiping] },
    'allow',
    'wipes',
  ],
  [
    'an instance beats an environment and an effect',
    person('responder'),
    { verb: 'run', points: [{ ...wiping, instance: 'kubernetes/gpu' }] },
    'allow',
    'gpu',
  ],
  [
    'a pattern fits',
    person('intern'),
    { verb: 'run', points: [{ playbook: 'drill-two' }] },
    'allow',
    'drills',
  ],
  [
    'in either case',
    person('intern'),
    { verb: 'run', points: [{ playbook: 'Drill-TWO' }] },
    'allow',
    'drills',
  ],
  [
    'the exact name beats a pattern',
    person('lead'),
    { verb: 'run', points: [{ playbook: 'drill-one' }] },
    'deny',
    'drill-one',
  ],
  [
    'a place beats a playbook',
    person('intern'),
    { verb: 'run', points: [{ ...inProduction, playbook: 'drill-two' }] },
    'deny',
    'production',
  ],
  [
    'the strictest of all points counts',
    person('intern'),
    { verb: 'run', points: [{ playbook: 'drill-two' }, wiping] },
    'deny',
    'wipes',
  ],
  [
    'asking beats allowing',
    person('responder'),
    { verb: 'run', points: [{ effect: 'read' }, wiping] },
    'ask',
    'wipes',
  ],
  [
    'what changes nothing asks nobody',
    person('responder'),
    { verb: 'run', points: [{ ...wiping, effect: 'read' }] },
    'deny',
    'production',
  ],
  [
    'an approval is the gate’s, where no rule fits',
    person(),
    { verb: 'approve', points: [wiping] },
    'allow',
    'the role of the gate',
  ],
  [
    'a rule narrows who approves',
    person('approver'),
    { verb: 'approve', points: [{ playbook: 'x-payments' }] },
    'deny',
    'payments',
  ],
  [
    'what is not known fits no rule that names it',
    person('responder'),
    { verb: 'run', points: [{ effect: 'irreversible' }] },
    'allow',
    'permissions.run',
  ],
]

describe('who may do what, by the most specific rule', () => {
  it.each(rows)('%s', (...[, asker, asked, outcome, by]) => {
    const found = explain(permissionsWith(...all), asker, asked)
    expect([found.outcome, found.rule]).toEqual([outcome, by])
  })

  it('of a rule with several patterns only the one that fits gives it weight', () => {
    const many = rule('many', { playbooks: ['exact', 'a-*'], who: ['intern'] })
    const longer = rule('longer', { playbooks: ['a-longer-*'], who: ['lead'] })
    const found = (playbook: string) =>
      explain(permissionsWith(many, longer), person(), { verb: 'run', points: [{ playbook }] }).rule
    expect(['exact', 'a-x', 'a-longer-x'].map(found)).toEqual(['many', 'many', 'longer'])
  })

  it('an answer names the rule, its line, who it names, and what lost', () => {
    const found = explain(
      permissionsWith(...all.map((one, i) => ({ ...one, line: 10 + i }))),
      person('approver'),
      {
        verb: 'run',
        points: [wiping],
      },
    )
    expect(found).toMatchObject({ outcome: 'deny', rule: 'wipes', line: 11 })
    expect(found.why).toMatch(/wipes \(line 11\) names lead, responder; who asks has approver/)
    expect(found.points[0]?.lost).toEqual(['production', 'permissions.run'])
  })

  it('who is asked to agree is asked about the steps that need it, and about no other', () => {
    const points: Point[] = [{ ...inProduction, environment: 'lab' }, wiping]
    const verdict = decide(permissionsWith(...all), person('responder'), { verb: 'run', points })
    expect(gatesOf(verdict)).toEqual([
      { scope: 'b', from: 'approver', count: 2, withinMs: 60_000, rule: 'permissions/wipes' },
    ])
  })
})

describe('a rule that asks, about a step that changes nothing', () => {
  const asking = rule('asking', {
    environments: ['production'],
    who: [],
    ask: { who: ['responder'], approve: { from: 'approver', count: 1, withinMs: 1000 } },
  })

  it.each(['read', 'notify', 'wait', 'manual'] as const)('asks nobody: %s', (effect) => {
    const points = [{ step: 'a', effect, environment: 'production' }]
    expect(decide(permissionsWith(asking), person('responder'), { verb: 'run', points }).outcome).toBe(
      'allow',
    )
    expect(decide(permissionsWith(asking), person('intern'), { verb: 'run', points }).outcome).toBe('deny')
  })
})

function route(authority?: object): Asker {
  return { kind: 'route', name: 'gpu-alert', ...(authority && { authority }) }
}

function gatesFor(asker: Asker) {
  return gatesOf(decide(permissionsWith(), asker, { verb: 'run', points: [wiping] }))
}

describe('an alert acts with what its route was given', () => {
  const named = { ...production, routes: ['gpu-alert'] }

  it.each<[string, Asker, readonly PermissionRule[], Point, string]>([
    ['everything, where nothing restricts it', route(), [], wiping, 'allow'],
    ['an effect that it was not given asks', route({ effects: ['reversible'] }), [], wiping, 'ask'],
    ['one that it was given does not', route({ effects: ['reversible'] }), [], inProduction, 'allow'],
    ['no effect at all: every one asks', route({ effects: [] }), [], inProduction, 'ask'],
    ['a place that it was not given asks', route({ environments: ['lab'] }), [], inProduction, 'ask'],
    ['a place that is unknown asks', route({ environments: ['lab'] }), [], { effect: 'reversible' }, 'ask'],
    ['reading is never beyond it', route({ effects: [], environments: [] }), [], { effect: 'read' }, 'allow'],
    ['a rule that does not name it asks', route(), [production], inProduction, 'ask'],
    ['a rule that names it lets it', route(), [named], inProduction, 'allow'],
    ['a rule gives no more than the route has', route({ effects: [] }), [named], inProduction, 'ask'],
    ['where nobody may, it may not', route(), [rule('never', { effects: ['irreversible'] })], wiping, 'deny'],
    [
      'nor may the owner of the state folder',
      { kind: 'owner' },
      [rule('never', { effects: ['irreversible'] })],
      wiping,
      'deny',
    ],
    ['who asks where a rule lets others', { kind: 'owner' }, [production], inProduction, 'ask'],
    ['and is free where no rule is', { kind: 'owner' }, [], wiping, 'allow'],
  ])('%s', (...[, asker, rules, point, outcome]) => {
    expect(decide(permissionsWith(...rules), asker, { verb: 'run', points: [point] }).outcome).toBe(outcome)
  })

  it('it says itself who is asked; otherwise one approver is', () => {
    const ask = { from: 'lead', count: 2, withinMs: 1000 }
    expect(gatesFor(route({ effects: [], ask }))).toEqual([{ scope: 'b', ...ask, rule: 'route/gpu-alert' }])
    expect(gatesFor(route({ effects: [] }))).toMatchObject([{ scope: 'b', from: 'approver', count: 1 }])
  })
})

describe('a decision about several things, or about nothing in particular', () => {
  it('is the strictest of them, with each beside it', () => {
    const points: Point[] = [{ step: 'a', effect: 'read' }, wiping]
    const verdict = decide(permissionsWith(...all), person('responder'), { verb: 'run', points })
    expect(verdict).toMatchObject({ outcome: 'ask', point: wiping, by: { kind: 'rule', rule: wipes } })
    expect(verdict.each.map(({ outcome }) => outcome)).toEqual(['allow', 'ask'])
  })

  it('is one all the same where there are no points', () => {
    for (const none of [{}, { points: [] }])
      expect(decide(permissionsWith(), person('intern'), { verb: 'run', ...none }).each).toMatchObject([
        { outcome: 'deny', point: {}, by: { kind: 'table', verb: 'run' } },
      ])
  })

  it('asks nobody about what is no step', () => {
    const points: Point[] = [{ effect: 'irreversible', environment: 'production' }]
    const verdict = decide(permissionsWith(...all), person('responder'), { verb: 'run', points })
    expect(verdict.outcome).toBe('ask')
    expect(gatesOf(verdict)).toEqual([])
  })

  it.each(['freeze', 'thaw'] as const)('to %s is the table’s, whatever a rule says', (verb) => {
    // The configuration refuses such a rule; here it is slipped in.
    const slipped = rule('slipped', { verbs: [verb as RuleVerb], who: ['intern'] })
    const { outcome, by } = decide(permissionsWith(slipped), person('intern'), { verb })
    expect([outcome, by.kind]).toEqual(['deny', 'table'])
  })
})

/** The decision about wiping, what made it, and who is asked. */
function byWhat(asker: Asker, rules: readonly PermissionRule[] = []) {
  const asked: Asked = { verb: 'run', points: [wiping] }
  const { outcome, by, approve } = decide(permissionsWith(...rules), asker, asked)
  return [outcome, sourceWords(by), approve?.from]
}

describe('what decides where no person asks', () => {
  const never = rule('never', { effects: ['irreversible'] })
  const asking = rule('asking', {
    effects: ['irreversible'],
    ask: { who: ['responder'], approve: { from: 'lead', count: 3, withinMs: 1000 } },
  })
  it('is the route, the owner, or the rule, and it says who is asked', () => {
    expect(byWhat(route())).toEqual(['allow', 'alerts.routes gpu-alert', undefined])
    expect(byWhat({ kind: 'owner' })).toEqual(['allow', 'whoever may open the state folder', undefined])
    expect(byWhat(route({ effects: [] }))).toEqual(['ask', 'alerts.routes gpu-alert', 'approver'])
    expect(byWhat(route(), [asking])).toEqual(['ask', 'permissions.rules asking (line 1)', 'lead'])
    expect(byWhat({ kind: 'owner' }, [production])).toEqual([
      'ask',
      'permissions.rules production (line 1)',
      'approver',
    ])
  })

  it('is never less strict because the route was given less', () => {
    expect(byWhat(route({ effects: [] }), [never])).toEqual([
      'deny',
      'permissions.rules never (line 1)',
      undefined,
    ])
    expect(byWhat(route({ effects: [] }), [asking])).toEqual([
      'ask',
      'permissions.rules asking (line 1)',
      'lead',
    ])
  })
})

describe('in words', () => {
  it.each<[string, readonly string[], Source]>([
    ['permissions.rules wipes (line 1)', ['lead', 'responder'], { kind: 'rule', rule: wipes }],
    ['permissions.rules gpu (line 1)', ['responder'], { kind: 'rule', rule: gpu }],
    ['permissions.thaw', ['approver'], { kind: 'table', verb: 'thaw', roles: ['approver'] }],
    ['the role of the gate', [], { kind: 'gate' }],
    ['alerts.routes falco', [], { kind: 'route', name: 'falco' }],
    ['whoever may open the state folder', [], { kind: 'owner' }],
  ])('%s decides, and names %j', (words, roles, by) => {
    expect([sourceWords(by), whoMay(by)]).toEqual([words, roles])
  })

  it.each<[string, Point]>([
    ['', {}],
    ['a', { step: 'a' }],
    ['(read)', { effect: 'read' }],
    ['of leaked-key', { playbook: 'leaked-key' }],
    ['on kubernetes/gpu', { instance: 'kubernetes/gpu' }],
    ['on something of production', { environment: 'production' }],
    [
      'a (irreversible) on kubernetes/gpu of lab of leaked-key',
      {
        step: 'a',
        effect: 'irreversible',
        instance: 'kubernetes/gpu',
        environment: 'lab',
        playbook: 'leaked-key',
      },
    ],
  ])('“%s” is what it is about', (words, point) => {
    expect(pointWords(point)).toBe(words)
  })
})
