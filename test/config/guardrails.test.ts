import { describe, expect, it } from 'vitest'
import { lintConfig, parseConfig, policyConfig } from '../../src/config/load.ts'

const base = `
providers: { kubernetes: { gpu: {} }, aws: { main: {} } }
environments: { production: [kubernetes/gpu, aws/main] }
people: [{ id: ann, name: Ann, roles: [approver] },
  { id: bob, name: Bob, roles: [approver, security] },
  { id: cleo, name: Cleo, roles: [responder] }]
alerts:
  sources: { falco: { auth: none } }
  routes: [{ name: miners, source: falco, match: { rule: miner }, mode: ignore }]
`
/** The line of the first entry. */
const FIRST = 12

const in_ = (part: 'budgets' | 'breakers' | 'windows') => (entries: readonly string[]) =>
  `${base}guardrails:\n  ${part}:\n${entries.map((entry) => `    - ${entry}\n`).join('')}`
const approvals = (entries: readonly string[]) =>
  `${base}approvals:\n\n${entries.map((entry) => `    - ${entry}\n`).join('')}`
const [budgets, breakers, windows] = [in_('budgets'), in_('breakers'), in_('windows')]

/** Each fault or warning as `severity code line message`. */
function found(text: string): string[] {
  return lintConfig(text, 'firebreak.yaml').map(
    ({ severity, code, line, message }) => `${severity} ${code} ${line} ${message}`,
  )
}

function read(text: string) {
  const { guardrails } = parseConfig(text, 'firebreak.yaml', {})
  expect(policyConfig(text, 'firebreak.yaml').guardrails).toEqual(guardrails)
  return guardrails
}

const approver = { from: 'approver', count: 1, withinMs: 30 * 60_000 }

describe('guardrails', () => {
  it('of an empty file are none, and two people lift a freeze', () => {
    expect(read('')).toEqual({
      neverTouch: [],
      budgets: [],
      breakers: [],
      windows: [],
      approvals: [],
      thaw: { count: 2, withinMs: 30 * 60_000 },
    })
  })

  it('budgets are counts or shares, within a time or at once, and wait or ask', () => {
    const text = budgets([
      '{ name: everything, limit: 10 }',
      '{ name: gpu, providers: [kubernetes], effects: [irreversible, reversible], environments: [production], limit: 20%, per: 1h, each: [environment, route], over: { ask: { from: approver, count: 2, within: 5m } } }',
      '{ name: more, instances: [aws/main], playbooks: ["leaked-*"], because: [leak], severities: [low], actions: ["aws.*"], routes: [miners], limit: 0, over: wait }',
    ])
    expect(read(text).budgets).toEqual([
      {
        name: 'everything',
        line: FIRST,
        about: {},
        limit: { kind: 'count', value: 10 },
        each: [],
        over: 'wait',
      },
      {
        name: 'gpu',
        line: FIRST + 1,
        about: {
          providers: ['kubernetes'],
          effects: ['irreversible', 'reversible'],
          environments: ['production'],
        },
        limit: { kind: 'percent', value: 20 },
        windowMs: 3_600_000,
        each: ['environment', 'route'],
        over: { from: 'approver', count: 2, withinMs: 300_000 },
      },
      {
        name: 'more',
        line: FIRST + 2,
        about: {
          instances: ['aws/main'],
          playbooks: ['leaked-*'],
          because: ['leak'],
          severities: ['low'],
          actions: ['aws.*'],
          routes: ['miners'],
        },
        limit: { kind: 'count', value: 0 },
        each: [],
        over: 'wait',
      },
    ])
    expect(found(text)).toEqual([])
  })

  it('breakers ask one approver, unless they say whom', () => {
    const text = breakers([
      '{ name: routes, failures: 3, per: 1h, each: [route] }',
      '{ name: k8s, providers: [kubernetes], failures: 1, per: 1d, ask: { from: security } }',
    ])
    expect(read(text).breakers).toEqual([
      {
        name: 'routes',
        line: FIRST,
        about: {},
        failures: 3,
        windowMs: 3_600_000,
        each: ['route'],
        ask: approver,
      },
      {
        name: 'k8s',
        line: FIRST + 1,
        about: { providers: ['kubernetes'] },
        failures: 1,
        windowMs: 86_400_000,
        each: [],
        ask: { ...approver, from: 'security' },
      },
    ])
    expect(found(text)).toEqual([])
  })

  it('windows come back or come once, and wait, refuse or ask', () => {
    const text = windows([
      "{ name: weekend, during: { cron: '0 18 * * FRI', for: 62h, timezone: Europe/Berlin }, severities: [low, medium] }",
      "{ name: nights, during: { cron: '0 2 * * *', for: 2h }, outside: true, over: deny }",
      '{ name: xmas, during: { from: 2026-12-20T00:00:00Z, until: 2027-01-02T00:00:00+01:00 }, over: { ask: { from: approver } } }',
    ])
    expect(read(text).windows).toEqual([
      {
        name: 'weekend',
        line: FIRST,
        about: { severities: ['low', 'medium'] },
        during: { cron: '0 18 * * FRI', forMs: 62 * 3_600_000, timezone: 'Europe/Berlin' },
        outside: false,
        over: 'wait',
      },
      {
        name: 'nights',
        line: FIRST + 1,
        about: {},
        during: { cron: '0 2 * * *', forMs: 7_200_000, timezone: 'UTC' },
        outside: true,
        over: 'deny',
      },
      {
        name: 'xmas',
        line: FIRST + 2,
        about: {},
        during: { from: Date.parse('2026-12-20T00:00:00Z'), until: Date.parse('2027-01-01T23:00:00Z') },
        outside: false,
        over: approver,
      },
    ])
    expect(found(text)).toEqual([])
  })

  it('approvals name risks, and one group or several', () => {
    const text = approvals([
      '{ name: irreversible-production, effects: [irreversible], environments: [production], targets: 5, share: 10%, loses: true, noUndo: true, confidence: [predicted], ask: [{ from: approver }, { from: security, count: 1, within: 1h }] }',
      '{ name: all, ask: { from: approver } }',
    ])
    expect(read(text).approvals).toEqual([
      {
        name: 'irreversible-production',
        line: FIRST,
        about: { effects: ['irreversible'], environments: ['production'] },
        targets: 5,
        share: 10,
        loses: true,
        noUndo: true,
        confidence: ['predicted'],
        ask: [approver, { from: 'security', count: 1, withinMs: 3_600_000 }],
      },
      { name: 'all', line: FIRST + 1, about: {}, ask: [approver] },
    ])
    expect(found(text)).toEqual([])
  })
})

describe('guardrails are refused that', () => {
  it.each<[string, string, RegExp]>([
    [
      'name an unknown environment',
      budgets(['{ name: a, environments: [moon], limit: 1 }']),
      /unknown-name 12 .*no environment moon/,
    ],
    [
      'name an unknown instance',
      breakers(['{ name: a, instances: [aws/x], failures: 1, per: 1h }']),
      /unknown-name 12 .*no instance aws\/x/,
    ],
    [
      'name an unknown route',
      budgets(['{ name: a, routes: [x], limit: 1 }']),
      /unknown-name 12 .*no route x/,
    ],
    [
      'name an unknown provider',
      budgets(['{ name: a, providers: [gcp], limit: 1 }']),
      /unknown-name 12 .*no provider gcp/,
    ],
    [
      'name actions of no provider',
      budgets(['{ name: a, actions: ["gcp.*"], limit: 1 }']),
      /unknown-name 12 no action has a name like gcp/,
    ],
    [
      'name playbooks that nothing can be called',
      budgets(['{ name: a, playbooks: ["my playbook"], limit: 1 }']),
      /bad-value 12 .*wildcards/,
    ],
    ['are about reads', budgets(['{ name: a, effects: [read], limit: 1 }']), /bad-value 12/],
    [
      'have a name that another one has',
      budgets(['{ name: a, limit: 1 }', '{ name: a, limit: 2 }']),
      /duplicate 13 there are two rules a/,
    ],
    ['have a share of more than all', budgets(['{ name: a, limit: 101% }']), /bad-value 12 .*0% to 100%/],
    ['have a share of a half percent', budgets(['{ name: a, limit: 0.5% }']), /bad-value 12/],
    ['have a negative limit', budgets(['{ name: a, limit: -1 }']), /bad-value 12/],
    [
      'count apart by one thing twice',
      budgets(['{ name: a, limit: 1, each: [route, route] }']),
      /bad-value 12 each names one thing twice/,
    ],
    [
      'count apart by nothing that there is',
      budgets(['{ name: a, limit: 1, each: [moon] }']),
      /bad-value 12/,
    ],
    ['refuse what a budget has no room for', budgets(['{ name: a, limit: 1, over: deny }']), /bad-value 12/],
    ['break after no failure', breakers(['{ name: a, failures: 0, per: 1h }']), /bad-value 12/],
    ['never forget a failure', breakers(['{ name: a, failures: 1 }']), /bad-value 12/],
    [
      'have a pattern that cannot be read',
      windows(["{ name: a, during: { cron: '61 * * * *', for: 1h } }"]),
      /bad-value 12 the cron pattern cannot be read/,
    ],
    [
      'never begin',
      windows(["{ name: a, during: { cron: '0 0 30 2 *', for: 1h } }"]),
      /bad-value 12 the cron pattern never fits/,
    ],
    [
      'never end',
      windows(["{ name: a, during: { cron: '0 18 * * FRI', for: 7d } }"]),
      /bad-value 12 it begins again after 7d/,
    ],
    [
      'are in no time zone',
      windows(["{ name: a, during: { cron: '0 18 * * FRI', for: 7h, timezone: Mars } }"]),
      /bad-value 12 there is no time zone Mars/,
    ],
    [
      'end before they begin',
      windows(['{ name: a, during: { from: 2026-12-20T00:00:00Z, until: 2026-12-20T00:00:00Z } }']),
      /bad-value 12 it ends before it begins/,
    ],
    [
      'say no time zone of a moment',
      windows(['{ name: a, during: { from: 2026-12-20T00:00:00, until: 2026-12-21T00:00:00Z } }']),
      /bad-value 12/,
    ],
    [
      'come back and come once',
      windows(["{ name: a, during: { cron: '0 18 * * FRI', for: 7h, from: 2026-12-20T00:00:00Z } }"]),
      /unknown-key 12 .*from/,
    ],
    ['ask nobody', approvals(['{ name: a, targets: 5 }']), /bad-value 12/],
    ['ask no group', approvals(['{ name: a, targets: 5, ask: [] }']), /bad-value 12/],
    [
      'name a risk that is none',
      approvals(['{ name: a, loses: false, ask: { from: approver } }']),
      /bad-value 12/,
    ],
    ['have an unknown key', approvals(['{ name: a, target: 5, ask: { from: approver } }']), /unknown-key 12/],
    ['let nobody lift a freeze', `${base}guardrails: { thaw: { count: 0 } }`, /bad-value 10/],
  ])('%s', (_, text, fault) => {
    expect(found(text)).toEqual([expect.stringMatching(fault)])
    expect(found(text)[0]).toMatch(/^error/)
  })
})

describe('guardrails are warned of that', () => {
  it.each<[string, string, RegExp]>([
    [
      'ask more persons than have the role',
      budgets(['{ name: a, limit: 1, over: { ask: { from: security, count: 2 } } }']),
      /12 too few persons have the role security/,
    ],
    [
      'ask a role that nobody has',
      breakers(['{ name: a, failures: 1, per: 1h, ask: { from: lead } }']),
      /12 too few persons have the role lead/,
    ],
    [
      'ask a role at a time when nobody has it',
      windows(["{ name: a, during: { cron: '0 18 * * FRI', for: 7h }, over: { ask: { from: lead } } }"]),
      /12 too few/,
    ],
    [
      'ask groups that are the same few persons',
      approvals(['{ name: a, ask: [{ from: approver, count: 2 }, { from: security }] }']),
      /12 3 distinct persons must agree, and fewer have the roles approver, security/,
    ],
    [
      'let one person lift a freeze',
      `${base}guardrails: { thaw: { count: 1 } }`,
      /10 one person alone can lift a freeze/,
    ],
    [
      'need more people to lift a freeze than may',
      `${base}guardrails: { thaw: { count: 3 } }`,
      /10 3 people lift a freeze together, and 2 may/,
    ],
  ])('%s', (_, text, fault) => {
    expect(found(text)).toEqual([expect.stringMatching(fault)])
    expect(found(text)[0]).toMatch(/^warning config\.unknown-name/)
  })
})

it.each([
  [budgets(['{ name: a, limit: 1, over: { ask: { from: lead } } }']), '{ ask: { from: lead } } }'],
  [breakers(['{ name: a, failures: 1, per: 1h, ask: { from: lead } }']), '{ from: lead } }'],
  [windows(["{ name: a, during: { cron: '0 18 * * FRI', for: 7d } }"]), '7d } }'],
])('a fault points at what is wrong', (text, rest) => {
  const [fault] = lintConfig(text, 'firebreak.yaml')
  const line = text.split('\n')[(fault?.line ?? 0) - 1]
  expect(line?.slice((fault?.column ?? 0) - 1)).toBe(rest)
})

describe('permissions', () => {
  it('let whoever is on call freeze, and approvers act alone and review', () => {
    const { permissions } = parseConfig('', 'firebreak.yaml', {})
    expect(permissions).toMatchObject({
      freeze: ['responder', 'approver', 'oncall'],
      breakGlass: ['approver'],
      review: ['approver'],
    })
  })

  it('say otherwise', () => {
    const text = 'permissions: { breakGlass: [lead], review: [lead, approver], freeze: [lead] }'
    expect(parseConfig(text, 'firebreak.yaml', {}).permissions).toMatchObject({
      freeze: ['lead'],
      breakGlass: ['lead'],
      review: ['lead', 'approver'],
    })
  })
})
