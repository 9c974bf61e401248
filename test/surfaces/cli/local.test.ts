import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { ActionInfo } from '../../../src/core/action.ts'
import { FirebreakError } from '../../../src/core/errors.ts'
import type { Diagnostic } from '../../../src/core/playbook.ts'
import { Secret } from '../../../src/core/secret.ts'
import type { LocalRun } from '../../../src/surfaces/cli/deps.ts'
import { createFake, playbook } from '../api/fake-firebreak.ts'
import { createCli } from './cli.ts'

const fault: Diagnostic = {
  code: 'expr.unknown-name',
  severity: 'error',
  message: 'steps.ownr does not exist \u001b[2J',
  remedy: 'Write steps.owner.',
  file: 'playbooks/leaked key.yaml',
  line: 12,
  column: 7,
  excerpt: '    with: ${{ steps.ownr }}\n              ^',
}

const lint =
  (...diagnostics: Diagnostic[]) =>
  () =>
    Promise.resolve({ files: ['playbooks/leaked key.yaml'], diagnostics })

describe('lint', () => {
  test('prints the place, the line and the remedy, and exits 2', async () => {
    const { run } = createCli({ files: { lint: lint(fault) } })
    const { code, out } = await run('lint')
    expect(code).toBe(2)
    expect(out).toContain('playbooks/leaked key.yaml:12:7 error expr.unknown-name: steps.ownr does not exist')
    expect(out).toContain('      with: ${{ steps.ownr }}\n                  ^')
    expect(out).toContain('→ Write steps.owner.')
    expect(out).toContain('1 file, 1 error, 0 warnings')
    expect(out).not.toContain('\u001b')
  })

  test('warnings alone exit 0', async () => {
    const { run } = createCli({ files: { lint: lint({ ...fault, severity: 'warning' }) } })
    expect((await run('lint', 'a.yaml')).code).toBe(0)
  })

  test('gives JSON and SARIF', async () => {
    const { run } = createCli({ files: { lint: lint(fault) } })
    expect(JSON.parse((await run('lint', '--json')).out)).toMatchObject({ diagnostics: [{ line: 12 }] })
    const sarif: unknown = JSON.parse((await run('lint', '--format', 'sarif')).out)
    const region = { startLine: 12, startColumn: 7 }
    const physicalLocation = { artifactLocation: { uri: 'playbooks/leaked%20key.yaml' }, region }
    expect(sarif).toMatchObject({
      version: '2.1.0',
      runs: [
        { results: [{ ruleId: 'expr.unknown-name', level: 'error', locations: [{ physicalLocation }] }] },
      ],
    })
  })

  test('another format is bad usage', async () => {
    const { run } = createCli()
    const { code, err } = await run('lint', '--format', 'xml')
    expect(code).toBe(2)
    expect(err).toContain('error usage.bad-arguments')
  })
})

describe('playbooks, actions, explain', () => {
  test('playbooks shows what each asks for', async () => {
    const { run } = createCli({ files: { playbookInfos: () => Promise.resolve([playbook]) } })
    const { out } = await run('playbooks')
    expect(out).toContain('leaked-key  Contain a leaked key')
    expect(out).toContain('-i accessKeyId=STRING  Id of the leaked key (needed)')
    expect(out).toContain('-i secretIds=ARRAY  Secrets that hold it (default [])')
  })

  test('actions --json has the types as JSON Schema, secrets without theirs', async () => {
    const info: ActionInfo = {
      name: 'aws.put-thing',
      title: 'Put a thing',
      effect: 'irreversible',
      provider: { name: 'aws', config: z.object({}), connect: () => Promise.resolve({}) },
      contract: 1,
      permissions: { plan: {}, apply: { aws: ['x:Put'] } },
      input: z.strictObject({ id: z.string().describe('Which'), value: z.instanceof(Secret) }),
      output: z.strictObject({}),
    }
    const { run } = createCli({ files: { actions: () => Promise.resolve([info]) } })
    expect((await run('actions')).out).toMatch(/aws\.put-thing +irreversible +Put a thing/)
    const [shown] = JSON.parse((await run('actions', '--json')).out) as [unknown]
    expect(shown).toMatchObject({
      provider: 'aws',
      permissions: { apply: { aws: ['x:Put'] } },
      input: { properties: { id: { type: 'string', description: 'Which' }, value: {} } },
    })
  })

  test('explain prints the page of a code, all codes without one, and near ones for a wrong one', async () => {
    const { run } = createCli()
    expect((await run('explain', 'store.held')).out).toContain('Another process holds the state folder')
    expect((await run('explain')).out.split('\n')).toContain('store.held')
    const wrong = await run('explain', 'store.hold')
    expect(wrong.code).toBe(2)
    expect(wrong.err).toContain('store.held')
    expect((await run('explain', 'toString')).code).toBe(2)
  })
})

describe('owner commands', () => {
  test('run --local runs here, prints what happens, and exits by the outcome', async () => {
    const requests: LocalRun[] = []
    const { run } = createCli({
      owner: {
        runLocal: async (request, watch) => {
          requests.push(request)
          const fake = createFake()
          fake.app.subscribe((facts) => void fake.app.run('r1').then((view) => watch(view, facts)))
          await fake.app.start({ ...request, by: { via: 'os', user: request.user } })
          fake.finish('r1')
          return await fake.app.run('r1')
        },
      },
    })
    const words = [
      'run',
      'leaked-key',
      '-i',
      'accessKeyId=AKIA1',
      '--local',
      '--state',
      's',
      '--config',
      'c.yaml',
    ]
    const { code, out, err } = await run(...words)
    expect(code).toBe(0)
    expect(requests).toEqual([
      {
        playbook: 'leaked-key',
        mode: 'run',
        inputs: { accessKeyId: 'AKIA1' },
        user: 'ada',
        state: 's',
        config: 'c.yaml',
      },
    ])
    expect(err).toContain('step.succeeded  disable')
    expect(out).toContain('run r1: leaked-key: succeeded')
  })

  test('a state folder that another process holds is the refusal of the store', async () => {
    const held = new FirebreakError('store.held', 'process 42 holds it', { remedy: 'Use "firebreak run".' })
    const { run } = createCli({ owner: { runLocal: () => Promise.reject(held) } })
    const { code, err } = await run('run', 'leaked-key', '--local')
    expect(code).toBe(1)
    expect(err).toBe('error store.held: process 42 holds it\n  → Use "firebreak run".\n')
  })

  test('rehearse prints each rehearsal, a count, and exits 1 when one fails', async () => {
    const fake = createFake()
    await fake.app.start({
      playbook: 'leaked-key',
      mode: 'run',
      inputs: {},
      by: { via: 'os', user: 'ada' },
    })
    fake.finish('r1')
    const good = { playbook: 'leaked-key', passed: true, durationMs: 1234, view: await fake.app.run('r1') }
    const bad = { ...good, passed: false, note: 'the key is still active' }
    const { run } = createCli({
      owner: {
        rehearse: ({ playbooks }, done) => {
          expect(playbooks).toEqual(['leaked-key'])
          done(good)
          done(bad)
          return Promise.resolve([good, bad])
        },
      },
    })
    const { code, out } = await run('rehearse', 'leaked-key')
    expect(code).toBe(1)
    expect(out).toContain('leaked-key: passed in 1.2 s')
    expect(out).toContain('leaked-key: FAILED in 1.2 s\nthe key is still active')
    expect(out).toContain('1 passed, 1 failed')
    expect(JSON.parse((await run('rehearse', 'leaked-key', '--json')).out)).toHaveLength(2)
  })

  test('serve and demo get their options and an end by interruption', async () => {
    const asked: unknown[] = []
    const cli = createCli({
      owner: {
        serve: ({ signal, ...options }) => {
          asked.push(options, signal.aborted)
          return Promise.resolve()
        },
        demo: ({ port }, say) => {
          asked.push(port)
          say('http://127.0.0.1:1234/')
          return Promise.resolve()
        },
      },
    })
    expect((await cli.run('serve', '--config', 'c.yaml')).code).toBe(0)
    expect((await cli.run('demo', '--port', '1234')).out).toBe('http://127.0.0.1:1234/\n')
    expect(asked).toEqual([{ config: 'c.yaml' }, false, 1234])
    expect((await cli.run('demo', '--port', '70000')).code).toBe(2)
  })

  test('audit verify DIR checks an export without a bot, and says what is not proven without a key', async () => {
    const seen: unknown[] = []
    const { run, folder } = createCli({
      files: {
        auditVerifyDir: (...args) => {
          seen.push(args)
          return Promise.resolve({ ok: true, size: 2, root: 'r', checkpoint: 'c' })
        },
      },
    })
    expect((await run('audit', 'verify', 'out')).err).toContain('proves no origin')
    const withKey = await run('audit', 'verify', '/out', '--key', 'name+1+AA')
    expect(withKey).toEqual({ code: 0, out: 'sound: 2 entries, root r\n', err: '' })
    expect(seen).toEqual([
      [`${folder}/out`, []],
      ['/out', ['name+1+AA']],
    ])
  })

  test('an error that nobody foresaw is reported as such, without a stack', async () => {
    const { run } = createCli({ owner: { serve: () => Promise.reject(new TypeError('boom')) } })
    const { code, err } = await run('serve')
    expect(code).toBe(1)
    expect(err).toMatch(/^error internal\.unexpected: boom\n {2}→ .*\n$/)
  })
})

describe('usage', () => {
  test.each([
    [[]],
    [['nope']],
    [['plan']],
    [['plan', 'a', 'b']],
    [['run', 'a', '--froce']],
    [['runs', 'show']],
    [['runs', 'nope', 'r1']],
    [['approve']],
    [['audit']],
  ])('%j is bad usage: exit 2, a code and a remedy', async (words) => {
    const { run } = createCli()
    const { code, err, out } = await run(...words)
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).toContain('error usage.bad-arguments: ')
    expect(err).toContain('--help')
  })

  test('--help and --version exit 0 and print to standard output', async () => {
    const { run } = createCli()
    const help = await run('--help')
    expect(help).toMatchObject({ code: 0, err: '' })
    expect(help.out).toContain('approve')
    expect(await run('--version')).toEqual({ code: 0, out: '1.2.3\n', err: '' })
  })

  test('every command has --json', async () => {
    const { run } = createCli()
    const client = [
      'plan',
      'run',
      'runs list',
      'runs show',
      'runs cancel',
      'runs undo',
      'runs resume',
      'approve',
      'reject',
      'freeze',
    ]
    const others = [
      'thaw',
      'why',
      'audit list',
      'audit verify',
      'audit export',
      'audit checkpoint',
      'doctor',
      'lint',
    ]
    const rest = ['playbooks', 'actions', 'explain', 'serve', 'demo', 'rehearse']
    for (const name of [...client, ...others, ...rest]) {
      expect((await run(...name.split(' '), '--help')).out, name).toContain('--json')
    }
  })
})

async function printed(io: object): Promise<string> {
  return (await createCli({ io, files: { lint: lint(fault) } }).run('lint')).out
}

describe('colours', () => {
  test('are used on a terminal only, and not with NO_COLOR', async () => {
    expect(await printed({ interactive: true })).toContain('\u001b[31merror')
    expect(await printed({ interactive: true, env: { NO_COLOR: '1' } })).not.toContain('\u001b')
    expect(await printed({ interactive: true, env: { NO_COLOR: '' } })).toContain('\u001b[')
    expect(await printed({ interactive: false })).not.toContain('\u001b')
  })
})
