import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { stockPlaybooks } from '../../src/commands/files.ts'
import { policy } from '../../src/commands/policy.ts'
import { createCli } from '../surfaces/cli/cli.ts'

const config = `
playbooks: ${stockPlaybooks}
providers: { aws: { main: {} }, kubernetes: { gpu: {} } }
environments: { production: [aws/main, kubernetes/gpu] }
people:
  - { id: ann, name: Ann, roles: [approver] }
  - { id: bea, name: Bea, roles: [approver, security] }
  - { id: bob, name: Bob, roles: [responder] }
  - { id: zed, name: Zed }
permissions:
  rules:
    - { name: wide, verbs: [run], environments: [production], who: [approver], ask: { who: [responder], approve: { from: approver } } }
    - { name: never, verbs: [run], environments: [production], playbooks: ["model-*"], who: [] }
alerts:
  sources: { falco: { token: { env: NOT_SET_ANYWHERE } } }
  routes: [{ name: keys, source: falco, match: { rule: key }, mode: auto, playbook: leaked-aws-key }]
guardrails:
  neverTouch:
    - { kind: aws.access-key, name: "break-glass-*" }
  budgets:
    - { name: keys, actions: ["aws.*"], limit: 10, per: 1h }
  breakers:
    - { name: routes, routes: [keys], failures: 3, per: 1h }
  windows:
    - { name: weekend, during: { cron: '0 18 * * FRI', for: 62h, timezone: Europe/Berlin }, providers: [kubernetes] }
    - { name: xmas, during: { from: 2026-12-20T00:00:00Z, until: 2026-12-27T00:00:00Z }, over: deny }
    - { name: quiet, during: { cron: '0 22 * * *', for: 8h }, over: { ask: { from: security } } }
approvals:
  - { name: irreversible-production, environments: [production], effects: [irreversible], targets: 5, noUndo: true, ask: [{ from: approver, count: 2 }, { from: security }] }
  - { name: many, share: 10%, ask: { from: security } }
  - { name: guess, confidence: [predicted], loses: true, ask: { from: approver } }
`

function cliIn(table: string) {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-policy-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'firebreak.yaml'), config)
  writeFileSync(join(folder, 'policy-tests.yaml'), table)
  return createCli({ policy, io: { cwd: folder } })
}

const tuesday = 'when: 2026-01-06T12:00:00Z'
const saturday = 'when: 2026-01-10T12:00:00Z'
const scales = 'who: ann, verb: run, instance: kubernetes/gpu, effect: reversible'
const deletes = 'who: ann, verb: run, instance: aws/main, effect: irreversible'

/** Each says what is asked and what it is. */
const rows: readonly (readonly [asked: string, is: string])[] = [
  [`${scales}, ${tuesday}`, 'allow, rule: wide'],
  [`${scales}, ${saturday}`, 'wait, rule: window/weekend, why: "until Mon 2026-01-12 08:00 Europe/Berlin"'],
  [`${deletes}, ${saturday}`, 'allow, rule: wide'],
  [`${scales}, when: 2026-12-21T12:00:00Z`, 'deny, rule: window/xmas, why: "until Sun 2026-12-27 00:00 UTC"'],
  [`${scales}, when: 2026-12-21T13:00:00+01:00`, 'deny, rule: window/xmas'],
  // The strictest decides: a Saturday night in that week.
  [`${scales}, when: 2026-12-26T23:00:00Z`, 'deny, rule: window/xmas'],
  [
    `${deletes}, when: 2026-01-06T23:00:00Z`,
    'ask, rule: window/quiet, why: window/quiet until Wed 2026-01-07 06:00 UTC asks 1 of security',
  ],
  // Without a moment no window is judged.
  [scales, 'allow, rule: wide'],
  [`${deletes}, targets: 6, undo: false`, 'ask, rule: approvals/irreversible-production'],
  [`${deletes}, targets: 6, undo: false`, 'ask, why: asks 2 of approver and 1 of security'],
  [`${deletes}, targets: 5, undo: false`, 'allow, rule: wide'],
  [`${deletes}, targets: 6, undo: true`, 'allow, rule: wide'],
  [`${deletes}, targets: 6`, 'allow, rule: wide'],
  [`${scales}, targets: 3, fleet: 20`, 'ask, rule: approvals/many'],
  [`${scales}, targets: 2, fleet: 20`, 'allow'],
  // Of how many, or how many of them: one without the other is no share.
  [`${scales}, targets: 20`, 'allow'],
  [`${scales}, fleet: 1`, 'allow'],
  [`${scales}, share: 11%`, 'ask, rule: approvals/many'],
  [`${scales}, share: 10%`, 'allow'],
  [`${scales}, confidence: predicted, loses: true`, 'ask, rule: approvals/guess'],
  [`${scales}, confidence: verified, loses: true`, 'allow'],
  // All that ask are asked: each of them decides.
  [`${scales}, share: 11%, confidence: predicted, loses: true`, 'ask, rule: approvals/many'],
  [`${scales}, share: 11%, confidence: predicted, loses: true`, 'ask, rule: approvals/guess'],
  ['who: bob, verb: run, instance: aws/main, effect: reversible, share: 11%', 'ask, rule: wide'],
  ['who: bob, verb: run, instance: aws/main, effect: reversible, share: 11%', 'ask, rule: approvals/many'],
  // Permissions first: what somebody may not do is refused whatever the time.
  [`who: zed, verb: run, instance: kubernetes/gpu, effect: reversible, ${saturday}`, 'deny, rule: wide'],
  ['who: { route: keys }, verb: run, playbook: leaked-aws-key', 'ask'],
  [`${deletes}, target: { kind: aws.access-key, name: break-glass-1 }`, 'deny, rule: never-touch'],
  [`${deletes}, target: { kind: aws.access-key, name: leaked-1, id: AKIA1 }`, 'allow'],
  [`${scales}, target: { kind: kubernetes.deployment, name: kube-system/dns }`, 'deny, rule: never-touch'],
  ['who: { route: keys }, verb: run, instance: aws/main, effect: read', 'allow, rule: wide, why: lets it'],
  [
    'who: { route: keys }, verb: run, playbook: model-x, instance: aws/main',
    'deny, why: lets nobody in its place',
  ],
  ['who: zed, verb: approve, instance: aws/main', 'allow, why: the role of the gate decides'],
  // What changes nothing is never held back.
  [`who: ann, verb: run, instance: kubernetes/gpu, effect: read, ${saturday}`, 'allow'],
  [`who: ann, verb: plan, instance: kubernetes/gpu, effect: reversible, ${saturday}`, 'allow'],
  [
    `who: ann, verb: undo, instance: kubernetes/gpu, effect: reversible, ${saturday}`,
    'wait, rule: window/weekend',
  ],
]

describe('policy test', () => {
  it('decides by permissions, windows, risk and what is never touched', async () => {
    const table = rows.map(([asked, is]) => `  - { ${asked}, expect: ${is} }\n`).join('')
    const { code, out } = await cliIn(`tests:\n${table}`).run('policy', 'test')
    expect(out).toBe(`${rows.length} of ${rows.length} as expected\n`)
    expect(code).toBe(0)
  })

  it('says what is instead', async () => {
    const table = `tests:\n  - { ${scales}, ${saturday}, expect: deny, rule: window/xmas }\n`
    const { code, out } = await cliIn(table).run('policy', 'test')
    expect(code).toBe(1)
    expect(out).toContain('expected deny, and it is wait')
    expect(out).toContain('expected window/xmas to decide, and window/weekend does')
    expect(out).toContain('window/weekend holds this back until')
  })

  it.each<[string, string]>([
    ['when: yesterday', 'tests[0].when: a moment such as 2026-12-20T00:00:00Z'],
    ['share: 120%', 'tests[0].share: a share is 0% to 100%'],
    ['target: { name: x }', 'tests[0].target.kind'],
    ['target: { kind: a, name: b, color: red }', 'unknown key tests[0].target.color'],
    ['confidence: sure', 'tests[0].confidence'],
  ])('refuses %s', async (part, message) => {
    const { code, err } = await cliIn(`tests:\n  - { ${scales}, ${part}, expect: allow }\n`).run(
      'policy',
      'test',
    )
    expect(code).toBe(2)
    expect(err).toContain(message)
  })
})

function explain(...more: string[]) {
  return cliIn('').run('policy', 'explain', '--verb', 'run', ...more)
}

const onGpu = ['--instance', 'kubernetes/gpu', '--effect', 'reversible'] as const

/** The line of the configuration in which stands what decides. */
async function lineOf(...more: string[]): Promise<unknown> {
  const { out } = await explain('--who', 'ann', ...onGpu, '--json', ...more)
  const { line }: { line?: number } = JSON.parse(out)
  return config.split('\n')[(line ?? 0) - 1]
}

describe('policy explain', () => {
  it('says in which line a guardrail stands', async () => {
    expect(await lineOf('--when', '2026-01-10T12:00:00Z')).toContain('name: weekend')
    expect(await lineOf('--when', '2026-12-21T12:00:00Z')).toContain('name: xmas')
    expect(await lineOf('--when', '2026-01-06T23:00:00Z')).toContain('name: quiet')
    expect(await lineOf('--when', '2026-01-06T12:00:00Z', '--share', '20%')).toContain('name: many')
  })

  it('says who is asked by which rule, and what depends on what is counted or was not said', async () => {
    const { code, out } = await explain(
      '--who',
      'bob',
      ...onGpu,
      '--share',
      '50%',
      '--when',
      '2026-01-06T23:00:00Z',
    )
    expect(code).toBe(0)
    expect(out.split('\n').slice(1, 6)).toEqual([
      '  asks 1 of approver: wide',
      '  asks 1 of security: window/quiet',
      '  asks 1 of security: approvals/many',
      '  open approvals/guess: depends on loses, confidence',
      '  open budget/keys: depends on what is counted at the moment of effect',
    ])
  })

  it('of a playbook tells guardrails of its actions from those of others', async () => {
    const { out } = await explain('--route', 'keys', '--playbook', 'leaked-aws-key', '--json')
    const found: { open: { rule: string }[]; points: { about: string; open: { rule: string }[] }[] } =
      JSON.parse(out)
    const rules = found.open.map(({ rule }) => rule)
    expect(rules).toEqual(expect.arrayContaining(['budget/keys', 'breaker/routes', 'approvals/many']))
    const reads = found.points.filter(({ about }) => about.includes('(read)'))
    expect(reads.length).toBeGreaterThan(0)
    expect(reads.every(({ open }) => open.length === 0)).toBe(true)
    const scaled = await explain('--who', 'ann', ...onGpu, '--action', 'kubernetes.scale', '--json')
    expect(scaled.out).not.toContain('budget/keys')
  })

  it('of freezing, which only roles decide, has no other rule to tell of', async () => {
    const { out } = await cliIn('').run('policy', 'explain', '--verb', 'freeze', '--who', 'bob', '--json')
    expect(JSON.parse(out)).toMatchObject({ outcome: 'allow', points: [{ lost: [], open: [] }] })
  })

  it('judges windows by the clock where no moment is said', async () => {
    const { out } = await explain('--who', 'ann', ...onGpu, '--json')
    expect(out).not.toContain('"on": "when"')
  })

  it('takes what is said of the plan and of the target', async () => {
    const plan = ['--targets', '3', '--fleet', '10', '--loses', '--confidence', 'predicted']
    const asked = await explain('--who', 'ann', ...onGpu, '--when', '2026-01-06T12:00:00Z', ...plan, '--json')
    const { outcome, asks }: { outcome: string; asks: { rule: string }[] } = JSON.parse(asked.out)
    expect(outcome).toBe('ask')
    expect(asks.map(({ rule }) => rule)).toEqual(['approvals/many', 'approvals/guess'])
    const never = await explain(
      '--who',
      'ann',
      ...onGpu,
      '--target',
      'kind=x',
      'name=kube-system/dns',
      'label.a=b',
    )
    expect(never.out).toMatch(/^deny: kube-system\/dns is never touched/)
    const lost = await explain('--who', 'ann', ...onGpu, ...plan, '--no-loses', '--json')
    expect(lost.out).not.toContain('approvals/guess')
  })

  it('ends with 2 for what it cannot read', async () => {
    expect((await explain('--who', 'ann', ...onGpu, '--target', 'x')).code).toBe(2)
    expect((await explain('--who', 'ann', ...onGpu, '--targets', 'many')).code).toBe(2)
    expect((await explain('--who', 'ann', ...onGpu, '--when', 'soon')).code).toBe(2)
  })
})
