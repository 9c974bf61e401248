import { describe, expect, it } from 'vitest'
import { ConfigFault } from '../../src/config/fault.ts'
import { lintConfig, outlineConfig, parseConfig, policyConfig } from '../../src/config/load.ts'
import { parsePolicyTable } from '../../src/config/policy-table.ts'

const env = { B: 'xoxb-1', A: 'xapp-1' }
const base = `
slack: { botToken: { env: B }, appToken: { env: A }, channel: C0X }
providers:
  kubernetes: { gpu: {}, lab: {} }
  aws: { main: {} }
people: [{ id: dee, name: Dee, roles: [approver] },
  { id: ann, name: Ann, roles: [approver], slack: U0ANN },
  { id: bob, name: Bob, roles: [responder], slack: U0BOB }]
`
const places = `environments: { production: [kubernetes/gpu, aws/main], lab: [kubernetes/lab] }\n`
const roles = `roles: { lead: { people: [ann, bob], slackGroups: [S0LEAD] } }\n`
const withRules = (...rules: string[]): string =>
  `${base}${places}${roles}permissions:\n  rules:\n${rules.map((rule) => `    - ${rule}\n`).join('')}`

/** Each fault or warning as `code line message`. */
function found(text: string): string[] {
  return lintConfig(text, 'firebreak.yaml').map(({ code, line, message }) => `${code} ${line} ${message}`)
}

describe('roles', () => {
  it('are one list, whether people or roles give them; groups stay groups', () => {
    const config = parseConfig(`${base}${roles}`, 'firebreak.yaml', env)
    expect(config.people.map((person) => person.roles)).toEqual([
      ['approver'],
      ['approver', 'lead'],
      ['responder', 'lead'],
    ])
    expect(config.groups).toEqual({ lead: ['S0LEAD'] })
  })

  it('by a group may be of whoever has a Slack account, for playbooks that count persons', () => {
    const text = `${base}roles: { boss: { slackGroups: [S0BOSS] } }\npermissions: { thaw: [boss] }`
    expect(outlineConfig(text, 'firebreak.yaml')?.roles).toMatchObject({ boss: 2, approver: 2 })
    expect(found(text)).toEqual([])
  })

  it.each<[string, string, RegExp]>([
    ['a person that is not there', 'roles: { lead: { people: [cleo] } }', /unknown-name .*no person cleo/],
    ['nobody', 'roles: { lead: {} }', /bad-value .*nobody/],
    ['a group by its handle', 'roles: { lead: { slackGroups: ["@lead"] } }', /bad-value .*S012AB3CD/],
    ['an on-call schedule, of which nothing is known', 'roles: { lead: { onCall: [x] } }', /unknown-key/],
  ])('are refused with %s', (_, text, fault) => {
    expect(found(`${base}${text}`)).toEqual([expect.stringMatching(fault)])
  })

  it('by a group need Slack', () => {
    const text = 'people: [{ id: ann, name: Ann }]\nroles: { lead: { slackGroups: [S0LEAD] } }'
    expect(found(text)[0]).toMatch(/there is no slack/)
  })
})

describe('environments', () => {
  it('are known by instance', () => {
    expect(parseConfig(`${base}${places}`, 'firebreak.yaml', env).environments).toEqual({
      'kubernetes/gpu': 'production',
      'aws/main': 'production',
      'kubernetes/lab': 'lab',
    })
  })

  it.each<[string, string, RegExp]>([
    ['an instance that is not there', 'environments: { lab: [aws/x] }', /no instance aws\/x/],
    [
      'an instance twice',
      'environments: { a: [aws/main], b: [aws/main, kubernetes/lab, kubernetes/gpu] }',
      /aws\/main is in a already/,
    ],
    ['an instance without its provider', 'environments: { a: [main] }', /PROVIDER\/NAME/],
  ])('are refused with %s', (_, text, fault) => {
    expect(found(`${base}${text}`)).toEqual([expect.stringMatching(fault)])
  })

  it('warn of an instance that is in none', () => {
    expect(found(`${base}environments: { production: [aws/main] }`)).toEqual([
      expect.stringMatching(/kubernetes\/gpu is in no environment/),
      expect.stringMatching(/kubernetes\/lab is in no environment/),
    ])
  })
})

describe('rules', () => {
  it('keep their line, and durations become milliseconds', () => {
    const text = withRules(
      '{ name: one, verbs: [run, plan], playbooks: ["a-*"], who: [] }',
      '{ name: two, verbs: [run], environments: [lab], who: [lead], ask: { who: [responder], approve: { from: approver, within: 5m } } }',
    )
    const { rules } = parseConfig(text, 'firebreak.yaml', env)
    expect(rules).toEqual([
      { name: 'one', line: 13, verbs: ['run', 'plan'], playbooks: ['a-*'], who: [], routes: [] },
      {
        name: 'two',
        line: 14,
        verbs: ['run'],
        environments: ['lab'],
        who: ['lead'],
        routes: [],
        ask: { who: ['responder'], approve: { from: 'approver', count: 1, withinMs: 300_000 } },
      },
    ])
    expect(policyConfig(text, 'firebreak.yaml').rules).toEqual(rules)
  })

  it.each<[string, string[], RegExp]>([
    [
      'is about everything',
      ['{ name: a, verbs: [run], who: [] }'],
      /bad-value 13 rule a is about everything/,
    ],
    ['is about freezing', ['{ name: a, verbs: [freeze], effects: [read], who: [] }'], /bad-value 13/],
    ['does not say who', ['{ name: a, verbs: [run], effects: [read] }'], /bad-value 13/],
    [
      'names an unknown environment',
      ['{ name: a, verbs: [run], environments: [moon], who: [] }'],
      /no environment moon/,
    ],
    [
      'names an unknown instance',
      ['{ name: a, verbs: [run], instances: [aws/x], who: [] }'],
      /no instance aws\/x/,
    ],
    [
      'names an unknown route',
      ['{ name: a, verbs: [run], effects: [read], who: [], routes: [x] }'],
      /no route x/,
    ],
    ['names an unknown effect', ['{ name: a, verbs: [run], effects: [destroy], who: [] }'], /bad-value 13/],
    [
      'has an unknown key',
      ['{ name: a, verbs: [run], effects: [read], who: [], when: now }'],
      /unknown-key 13/,
    ],
    [
      'asks about more than a run',
      [
        '{ name: a, verbs: [run, undo], effects: [read], who: [], ask: { who: [lead], approve: { from: approver } } }',
      ],
      /asks people about more than a run/,
    ],
    [
      'has a name that another one has',
      [
        '{ name: a, verbs: [run], effects: [read], who: [] }',
        '{ name: a, verbs: [plan], effects: [read], who: [] }',
      ],
      /duplicate 14 there are two rules a/,
    ],
    [
      'ties with another one',
      [
        '{ name: a, verbs: [run], playbooks: ["leak-*"], who: [] }',
        '{ name: b, verbs: [run, plan], playbooks: ["*-leak"], who: [lead] }',
      ],
      /ambiguous 14 rules a and b fit the same requests/,
    ],
    [
      'names only roles that nobody has',
      ['{ name: a, verbs: [run], effects: [read], who: [boss] }'],
      /only roles that nobody has/,
    ],
  ])('that %s is refused or warned of, with its line', (_, rules, fault) => {
    expect(found(withRules(...rules))).toEqual([expect.stringMatching(fault)])
  })

  it('of routes name environments that are there', () => {
    const route =
      'alerts: { sources: { s: { auth: none } }, routes: [{ name: r, source: s, match: { a: b }, mode: auto, playbook: p, authority: { environments: [moon], effects: [reversible] } }] }'
    expect(found(`${base}${places}${route}`)).toEqual([expect.stringMatching(/no environment moon/)])
    const fine = route.replace('moon', 'lab')
    const [read] = parseConfig(`${base}${places}${fine}`, 'firebreak.yaml', env).alerts.routes
    expect(read).toMatchObject({ authority: { environments: ['lab'], effects: ['reversible'] } })
  })

  it('a thousand of them are read in a moment', () => {
    const many = Array.from(
      { length: 1000 },
      (_, i) => `{ name: r${i}, verbs: [run], playbooks: ["p${i}-*"], who: [] }`,
    )
    const began = performance.now()
    expect(parseConfig(withRules(...many), 'firebreak.yaml', env).rules).toHaveLength(1000)
    expect(performance.now() - began).toBeLessThan(5000)
  })
})

function placesIn(table: string): string[] {
  try {
    parsePolicyTable(table, 'policy-tests.yaml')
    return []
  } catch (error) {
    if (!(error instanceof ConfigFault)) throw error
    return error.diagnostics.map(({ code, line }) => `${code} ${line}`)
  }
}

describe('a table of expectations', () => {
  it('keeps the line of each', () => {
    const { tests } = parsePolicyTable(
      'tests:\n  - { who: ann, verb: run, expect: allow }\n  - { who: { route: r }, verb: run, expect: ask }\n',
      'policy-tests.yaml',
    )
    expect(tests.map(({ line }) => line)).toEqual([2, 3])
  })

  it.each<[string, string]>([
    ['tests:\n  - { who: ann, verb: fly, expect: allow }', 'config.bad-value 2'],
    ['tests:\n  - { who: ann, verb: run, expect: maybe }', 'config.bad-value 2'],
    ['tests:\n  - { who: ann, verb: run, expect: allow, wy: x }', 'config.unknown-key 2'],
    ['tests:\n  - who: { person: ann, role: x }\n    verb: run\n    expect: deny', 'config.unknown-key 2'],
    ['tests: []', 'config.bad-value 1'],
    ['tests:\n  - &a { who: ann }\n  - *a', 'yaml.forbidden 2'],
  ])('%s', (text, fault) => {
    expect(placesIn(text)[0]).toBe(fault)
  })
})
