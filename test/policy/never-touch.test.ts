import { describe, expect, it } from 'vitest'
import type { Target } from '../../src/core/change.ts'
import type { OwnNeed } from '../../src/core/provider.ts'
import type { NeverTouchRule } from '../../src/core/rules.ts'
import { globMatches } from '../../src/policy/glob.ts'
import { neverTouch } from '../../src/policy/never-touch.ts'

describe('globs', () => {
  it.each<[string, string, boolean]>([
    ['prod-*', 'prod-1', true],
    ['prod-*', 'PROD-1', true],
    ['prod-*', 'preprod-1', false],
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['*a*b*c', 'xxaxxbxxc', true],
    ['*a*b*c', 'xxaxxbxx', false],
    ['arn:aws:iam::*:user/root*', 'arn:aws:iam::1:user/rooted', true],
    ['a.c', 'abc', false],
    ['[a]', 'a', false],
    ['ab**', 'ab', true],
  ])('%s against %s: %s', (pattern, text, expected) => {
    expect(globMatches(pattern, text)).toBe(expected)
  })

  it('hostile patterns take no time', () => {
    const start = performance.now()
    expect(globMatches('*a'.repeat(500), `${'a'.repeat(5000)}b`)).toBe(false)
    expect(performance.now() - start).toBeLessThan(1000)
  })
})

const workload = {
  kind: 'Deployment',
  id: '3f0c7c1e-uid',
  name: 'models/llm',
  namespace: 'models',
  labels: { app: 'llm', tier: 'Gold', 'app.kubernetes.io/part-of': 'payments' },
}
const user = 'arn:aws:iam::123456789012:user/ml/ci-deployer'
const key = {
  kind: 'aws.access-key',
  id: `${user}#AKIAIOSFODNN7EXAMPLE`,
  name: 'AKIAIOSFODNN7EXAMPLE of ci-deployer',
  account: '123456789012',
  labels: { team: 'ci' },
}
const secret = {
  kind: 'aws.secret',
  id: 'arn:aws:secretsmanager:eu-central-1:012345678901:secret:prod/db-AbCdEf',
  name: 'prod/db',
  account: '012345678901',
}
const bare = { kind: 'Deployment', id: 'uid', name: 'models/llm' }

const guard = (rule: NeverTouchRule) => ({ rules: [rule], own: [] })

describe('rules of the configuration', () => {
  it.each<[string, NeverTouchRule, Target, boolean]>([
    ['a kind', { kind: 'Deployment' }, workload, true],
    ['another kind', { kind: 'StatefulSet' }, workload, false],
    ['a kind by pattern', { kind: 'aws.*' }, secret, true],
    ['a uid', { id: '3f0c7c1e-*' }, workload, true],
    ['the id of a key', { id: 'AKIAIOSFODNN7EXAMPLE' }, key, true],
    ['the ARN of the user whose key it is', { id: user }, key, true],
    ['the ARN of another user', { id: `${user}s` }, key, false],
    ['a whole ARN', { id: secret.id }, secret, true],
    ['an ARN without the six characters that the service adds', { id: secret.id.slice(0, -7) }, secret, true],
    ['the ARN of another secret that begins alike', { id: secret.id.slice(0, -8) }, secret, false],
    ['an ARN by pattern', { id: 'arn:aws:secretsmanager:*:secret:prod/*' }, secret, true],
    ['an ARN of any partition', { id: 'arn:*:secretsmanager:*:secret:prod/*' }, secret, true],
    ['a name with its namespace', { name: 'models/*' }, workload, true],
    ['a name without its namespace', { name: 'llm' }, workload, true],
    ['a part of a name', { name: 'll' }, workload, false],
    ['the name of the user whose key it is', { name: 'ci-deployer' }, key, true],
    ['a name with a slash of its own', { name: 'prod/db' }, secret, true],
    ['the last part of such a name alone', { name: 'db' }, secret, false],
    ['a namespace', { namespace: 'models' }, workload, true],
    ['a namespace by pattern', { namespace: 'mod??s' }, workload, true],
    [
      'another namespace that begins alike',
      { namespace: 'models' },
      { ...workload, namespace: 'models-2' },
      false,
    ],
    [
      'a namespace, and the namespace itself is the target',
      { namespace: 'models' },
      { kind: 'Namespace', id: 'u', name: 'models' },
      true,
    ],
    ['a namespace, of a target that has none', { namespace: '*' }, secret, false],
    ['an account', { account: '123456789012' }, key, true],
    ['an account with a leading zero', { account: '012345678901' }, secret, true],
    ['an account by pattern', { account: '1234????9012' }, key, true],
    ['another account', { account: '123456789013' }, key, false],
    ['an account that only the ARN tells', { account: '123456789012' }, { ...key, account: undefined }, true],
    ['a label', { labels: { app: 'llm' } }, workload, true],
    ['a label by pattern', { labels: { 'app.kubernetes.io/part-of': 'pay*' } }, workload, true],
    ['a label with another value', { labels: { app: 'llama' } }, workload, false],
    ['all labels', { labels: { app: 'llm', tier: '*' } }, workload, true],
    ['two labels of which it has one', { labels: { app: 'llm', region: '*' } }, workload, false],
    ['a label that must be there but empty', { labels: { app: '' } }, workload, false],
    ['a tag', { labels: { team: 'ci' } }, key, true],
    ['a label, of a target that nothing is known of', { labels: { app: '*' } }, bare, false],
    [
      'everything at once',
      { kind: 'Deployment', namespace: 'models', name: 'llm', labels: { tier: 'gold' } },
      workload,
      true,
    ],
    [
      'everything but one',
      { kind: 'Deployment', namespace: 'models', name: 'llm', labels: { tier: 'tin' } },
      workload,
      false,
    ],
    ['nothing', {}, workload, false],
    ['no label', { labels: {} }, workload, false],
  ])('%s', (...[, rule, target, expected]) => {
    expect(neverTouch(target, { rules: [rule], own: [] }) !== undefined).toBe(expected)
  })

  it('say what they are, in the reason', () => {
    const rules = [{ namespace: 'models', labels: { tier: 'g*' } }]
    expect(neverTouch(workload, { rules, own: [] })?.reason).toBe(
      'models/llm is never touched: namespace models, label tier=g*',
    )
  })

  it('a star alone is anything, and an empty text is not said at all', () => {
    for (const rule of [{ kind: 'Deployment', name: '*' }, { kind: 'Deployment', name: '' }, { id: '*' }])
      expect(neverTouch(workload, { rules: [rule], own: [] }), JSON.stringify(rule)).toBeDefined()
    expect(neverTouch(workload, { rules: [{ name: '' }], own: [] })).toBeUndefined()
  })

  // In mutation testing every rule is slowed down by all its mutants.
  it.skipIf(process.env['STRYKER_MUTATOR_WORKER'] !== undefined)('a thousand of them take no time', () => {
    const rules = Array.from({ length: 1000 }, (_, i) => ({
      kind: 'Deployment',
      name: `models-${i}/*`,
      labels: { app: 'l*' },
    }))
    const judge = () => neverTouch(workload, { rules, own: [] })
    for (let i = 0; i < 200; i++) judge()
    const start = performance.now()
    for (let i = 0; i < 500; i++) judge()
    // The budget of a decision is 0.2 ms; twenty times that on a machine that does other things.
    expect((performance.now() - start) / 500).toBeLessThan(4)
  })
})

describe('a target that is spelled in another way', () => {
  it.each([
    ['capitals', 'MODELS/LLM'],
    ['a full-width letter', 'models/\uFF4Clm'],
    ['a Cyrillic letter', 'm\u043Edels/llm'],
    ['a Greek letter', 'm\u03BFdels/llm'],
    ['a capital Cyrillic letter', '\u041Codels/llm'],
    ['a mathematical letter', 'models/ll\u{1D426}'],
    ['an accent', 'mode\u0301ls/llm'],
    ['a soft hyphen', 'mod\u00ADels/llm'],
    ['a zero-width space', 'mod\u200Bels/llm'],
    ['a mark that turns the direction', 'models/\u202Ellm'],
    ['a variation selector', 'models/llm\uFE0F'],
    ['a trailing dot', 'models/llm.'],
    ['a trailing dot of its namespace', 'models./llm'],
    ['blanks around it', ' models / llm \u00A0'],
    ['a control character', 'mod\u0007els/llm'],
  ])('%s', (_, name) => {
    const target = { kind: 'Deployment', id: 'uid', name }
    expect(neverTouch(target, guard({ name: 'models/llm' }))).toBeDefined()
    expect(neverTouch({ ...workload, name: 'models/llm' }, guard({ name }))).toBeDefined()
  })

  it.each(['\u2010', '\u2011', '\u2013', '\u2212', '\uFE63', '\uFF0D'])(
    'a dash that is none of ours: %j',
    (dash) => {
      expect(
        neverTouch({ kind: 'Deployment', id: 'u', name: `kube${dash}system/dns` }, { rules: [], own: [] }),
      ).toBeDefined()
    },
  )

  it.each([
    ['another partition', 'arn:aws-us-gov:iam::123456789012:user/ml/ci-deployer'],
    ['the partition of China', 'arn:aws-cn:iam::123456789012:user/ml/ci-deployer'],
    ['no partition', 'arn::iam::123456789012:user/ml/ci-deployer'],
    ['capitals', 'ARN:AWS:IAM::123456789012:USER/ML/CI-DEPLOYER'],
  ])('an ARN with %s', (_, arn) => {
    expect(neverTouch(key, guard({ id: arn }))).toBeDefined()
    expect(neverTouch({ ...key, id: `${arn}#AKIAIOSFODNN7EXAMPLE` }, guard({ id: user }))).toBeDefined()
  })

  it('what looks like nothing of ours stays what it is', () => {
    const target = { kind: 'Deployment', id: 'uid', name: 'модели/ллм' }
    expect(neverTouch(target, guard({ name: 'models/llm' }))).toBeUndefined()
    expect(neverTouch(target, guard({ name: 'модели/*' }))).toBeDefined()
    for (const [one, other] of [
      ['l1m', 'llm'],
      ['m0dels', 'models'],
      ['a.b', 'ab'],
      ['a-b', 'ab'],
    ] as const)
      expect(neverTouch({ ...target, name: one }, guard({ name: other }))).toBeUndefined()
  })

  it('hostile names take no time', () => {
    const start = performance.now()
    for (const name of [
      '. '.repeat(1000),
      `${'.'.repeat(2000)}x`,
      'a of '.repeat(400),
      '\u0301'.repeat(2000),
    ])
      neverTouch({ kind: 'Deployment', id: name, name }, guard({ name: '*x*y*', id: '*x*y*' }))
    expect(performance.now() - start).toBeLessThan(500)
  })
})

describe('what is guarded whatever is configured', () => {
  it.each<[string, Partial<Target>]>([
    ['by its name', { name: 'kube-system/coredns' }],
    ['with the cluster in front', { name: 'main/kube-system/coredns' }],
    ['in capitals', { name: 'KUBE-SYSTEM/x' }],
    ['by its namespace', { name: 'coredns', namespace: 'kube-system' }],
    ['the namespace itself', { kind: 'Namespace', name: 'kube-system' }],
    [
      'the namespace itself, with the cluster in front',
      { kind: 'kubernetes.namespace', name: 'main/kube-system' },
    ],
  ])('the system namespace, %s', (_, more) => {
    expect(neverTouch({ ...bare, ...more }, { rules: [], own: [] })?.reason).toContain('kube-system')
  })

  it.each(['kube-public', 'kube-node-lease', 'kube-systems', 'my-kube-system'])(
    '%s is not: an intruder may hide a workload there',
    (namespace) => {
      const target = { ...bare, name: `${namespace}/x`, namespace }
      expect(neverTouch(target, { rules: [], own: [] })).toBeUndefined()
    },
  )
})

describe('what the bot lives on', () => {
  const own: readonly OwnNeed[] = [
    { id: 'AKIAFIREBREAKSOWNKEY', why: 'it signs with this key' },
    { id: 'arn:aws:iam::123456789012:user/firebreak', why: 'it acts as it' },
    { id: 'arn:aws:iam::123456789012:role/*/firebreak-role', why: 'it acts as it' },
    { namespace: 'firebreak', why: 'it runs there' },
    { kind: 'StatefulSet', id: 'uid-pg', name: 'data/pg', namespace: 'data', why: 'its journal is there' },
    { kind: 'Node', name: 'node-7', why: 'it runs on it' },
    { name: '', why: 'nothing' },
  ]
  // A new list each time: what was made of one before would be found again, and tests are to see it made.
  const lives = {
    rules: [],
    get own(): readonly OwnNeed[] {
      return [...own]
    },
  }

  it.each<[string, Target, boolean]>([
    ['its key', { ...key, id: 'arn:aws:iam::123456789012:user/x#AKIAFIREBREAKSOWNKEY' }, true],
    ['its key, in small letters', { ...key, id: 'akiafirebreaksownkey' }, true],
    ['another key of its user', { ...key, id: 'arn:aws:iam::123456789012:user/firebreak#AKIAANOTHER' }, true],
    [
      'its user by capitals and another partition',
      { ...key, id: 'arn:aws-cn:iam::123456789012:user/FIREBREAK' },
      true,
    ],
    [
      'the user of that name of another account',
      { ...key, id: 'arn:aws:iam::999999999999:user/firebreak' },
      false,
    ],
    ['its role, with a path', { ...key, id: 'arn:aws:iam::123456789012:role/bots/firebreak-role' }, true],
    [
      'whatever is in its namespace',
      { ...workload, name: 'firebreak/anything', namespace: 'firebreak' },
      true,
    ],
    ['the same, with a look-alike', { ...workload, name: 'x', namespace: 'fir\u0435break.' }, true],
    ['its namespace itself', { kind: 'Namespace', id: 'u', name: 'firebreak' }, true],
    [
      'a namespace that begins alike',
      { ...workload, name: 'firebreak-2/x', namespace: 'firebreak-2' },
      false,
    ],
    [
      'its database by name, made anew',
      { kind: 'StatefulSet', id: 'new', name: 'data/pg', namespace: 'data' },
      true,
    ],
    [
      'its database by uid',
      { kind: 'kubernetes.statefulset', id: 'UID-PG', name: 'x', namespace: 'data' },
      true,
    ],
    [
      'a neighbour of its database',
      { kind: 'StatefulSet', id: 'u', name: 'data/other', namespace: 'data' },
      false,
    ],
    [
      'another kind of the same name',
      { kind: 'Deployment', id: 'u', name: 'data/pg', namespace: 'data' },
      false,
    ],
    ['the node that it runs on', { kind: 'Node', id: 'u', name: 'node-7' }, true],
    ['another node', { kind: 'Node', id: 'u', name: 'node-70' }, false],
  ])('%s', (_, target, expected) => {
    expect(neverTouch(target, lives) !== undefined).toBe(expected)
  })

  it('is said to be so, and why', () => {
    const target = { ...workload, name: 'firebreak/bot', namespace: 'firebreak' }
    expect(neverTouch(target, lives)?.reason).toBe(
      'firebreak/bot is what Firebreak itself lives on: it runs there',
    )
  })

  it('may be renewed by the actions that are made for it, and by no other', () => {
    const target = { ...key, id: 'arn:aws:iam::123456789012:user/firebreak#AKIAFIREBREAKSOWNKEY' }
    expect(neverTouch(target, { ...lives, action: 'firebreak.rotate-own-access-key' })).toBeUndefined()
    for (const action of [
      'aws.deactivate-access-key',
      'firebreak.rotate-own',
      'firebreak.rotate',
      'aws.rotate-own-x',
      'x.firebreak.rotate-own-y',
      '',
    ])
      expect(neverTouch(target, { ...lives, action })).toBeDefined()
  })

  it('is renewed only where no rule of the configuration forbids it', () => {
    const action = 'firebreak.rotate-own-access-key'
    expect(neverTouch(key, { rules: [{ account: '123456789012' }], own, action })?.reason).toContain(
      'account',
    )
    const dns = { ...bare, namespace: 'kube-system' }
    expect(
      neverTouch(dns, { rules: [], own: [{ namespace: 'kube-system', why: 'x' }], action }),
    ).toBeDefined()
  })
})
