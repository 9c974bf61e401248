import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { policy } from '../../src/commands/policy.ts'
import { stockPlaybooks } from '../../src/commands/files.ts'
import { createCli } from '../surfaces/cli/cli.ts'

const config = `
playbooks: ${stockPlaybooks}
providers: { aws: { main: {} } }
environments: { production: [aws/main] }
people:
  - { id: ann, name: Ann, roles: [approver] }
  - { id: bob, name: Bob, roles: [responder] }
permissions:
  rules:
    - { name: wide, verbs: [run], environments: [production], who: [responder, approver] }
    - { name: narrow, verbs: [run], environments: [production], effects: [reversible], who: [approver] }
`

/** The command line in a folder with this configuration and these tables. */
function cliIn(tables: { readonly [name: string]: string }) {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-policy-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'firebreak.yaml'), config)
  for (const [name, text] of Object.entries(tables)) writeFileSync(join(folder, name), text)
  return createCli({ policy, io: { cwd: folder } })
}

const good = 'tests:\n  - { who: ann, verb: run, playbook: leaked-aws-key, expect: allow, rule: wide }\n'
const wrong = 'tests:\n  - { name: bob runs, who: bob, verb: run, playbook: leaked-aws-key, expect: allow }\n'

describe('policy test', () => {
  it('ends with 0 where all is as expected, and says how many there were', async () => {
    const { code, out } = await cliIn({ 'policy-tests.yaml': good }).run('policy', 'test')
    expect([code, out]).toEqual([0, '1 of 1 as expected\n'])
  })

  it('ends with 1 where something is not, with its place, what is, and why', async () => {
    const { code, out } = await cliIn({ 'a.yaml': good, 'b.yaml': wrong }).run(
      'policy',
      'test',
      'a.yaml',
      'b.yaml',
    )
    expect(code).toBe(1)
    expect(out).toContain('b.yaml:2 failed bob runs\n    expected allow, and it is deny\n')
    expect(out).toContain('permissions.rules narrow (line 11) names approver; who asks has responder')
    expect(out).toContain('1 of 2 as expected')
  })

  it.each<[string, string]>([
    ['tests:\n  - { who: ann, verb: run, expects: allow }\n', 'unknown key tests[0].expects'],
    ['tests:\n  - { who: zoe, verb: thaw, expect: deny }\n', 't.yaml:2: there is no person zoe'],
    [
      'tests:\n  - { who: ann, verb: run, playbook: gone, expect: deny }\n',
      't.yaml:2: there is no playbook gone',
    ],
    ['tests:\n  - { who: { route: gone }, verb: run, expect: deny }\n', 't.yaml:2: there is no route gone'],
  ])('ends with 2 where the table is wrong: %j', async (table, message) => {
    const { code, err } = await cliIn({ 't.yaml': table }).run('policy', 'test', 't.yaml')
    expect(code).toBe(2)
    expect(err).toContain(message)
  })

  it('ends with 2 where a file is not there', async () => {
    expect((await cliIn({}).run('policy', 'test')).code).toBe(2)
    expect(
      (await cliIn({ 't.yaml': good }).run('policy', 'test', 't.yaml', '--config', 'gone.yaml')).code,
    ).toBe(2)
  })

  it('--json prints each result as data', async () => {
    const { out } = await cliIn({ 'policy-tests.yaml': wrong }).run('policy', 'test', '--json')
    expect(JSON.parse(out)).toMatchObject([
      {
        file: 'policy-tests.yaml',
        line: 2,
        passed: false,
        found: { outcome: 'deny', rule: 'narrow', line: 11 },
      },
    ])
  })
})

function ask(...more: string[]) {
  return cliIn({}).run('policy', 'explain', ...more)
}

describe('policy explain', () => {
  it('prints the decision, the rule that decided each step, and the rules that lost', async () => {
    const { code, out } = await ask('--who', 'bob', '--verb', 'run', '--playbook', 'leaked-aws-key')
    expect(code).toBe(0)
    expect(out).toMatch(/^deny: permissions\.rules narrow \(line 11\) names approver; who asks has responder/)
    expect(out).toMatch(
      /deny disable \(reversible\) on aws\/main of production of leaked-aws-key: narrow\n +less specific: wide, permissions\.run/,
    )
    expect(out).toMatch(/allow owner \(read\) .*: wide\n/)
  })

  it('of something that is described takes what is said', async () => {
    const { out } = await ask(
      '--role',
      'responder',
      '--verb',
      'run',
      '--effect',
      'irreversible',
      '--instance',
      'aws/main',
      '--json',
    )
    expect(JSON.parse(out)).toMatchObject({
      outcome: 'allow',
      rule: 'wide',
      points: [{ lost: ['permissions.run'] }],
    })
  })

  it('ends with 2 where it is not said who, or what', async () => {
    expect((await ask('--verb', 'run')).code).toBe(2)
    expect((await ask('--who', 'ann', '--role', 'x', '--verb', 'run')).code).toBe(2)
    expect((await ask('--role', 'x', '--group', 'S0', '--verb', 'run')).code).toBe(2)
    expect((await ask('--who', 'ann')).code).toBe(2)
    expect((await ask('--who', 'ann', '--verb', 'fly')).code).toBe(2)
  })
})
