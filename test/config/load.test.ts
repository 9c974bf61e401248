import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import type { Config } from '../../src/config/config.ts'
import { ConfigFault } from '../../src/config/fault.ts'
import { lintConfig, loadConfig, parseConfig } from '../../src/config/load.ts'
import { isFirebreakError } from '../../src/core/errors.ts'
import { Secret } from '../../src/core/secret.ts'

const folder = mkdtempSync(join(tmpdir(), 'firebreak-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = join(folder, 'firebreak.yaml')
writeFileSync(join(folder, 'token'), 'from-a-file\n')
writeFileSync(join(folder, 'empty'), '\n')

const env = { BOT: 'xoxb-canary', APP: 'xapp-canary', AWS_SECRET: 'aws-canary', ALERTS: 'alerts-canary' }

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS ann@laptop'

const full = `
state: state
playbooks: [playbooks, more]
listen: { port: 0 }
slack:
  botToken: { env: BOT }
  appToken: { env: APP }
  channel: C0INCIDENTS
providers:
  aws:
    main: { region: eu-central-1, accessKeyId: AKIAEXAMPLE, secretAccessKey: { env: AWS_SECRET }, nested: [{ deep: { file: token } }] }
  kubernetes:
    gpu: { kubeconfig: { file: token } }
people:
  - { id: ann, name: Ann, roles: [approver], slack: U0ANN, sshKeys: ["${key}"] }
  - { id: bob, name: Bob, roles: [approver, responder] }
permissions:
  freeze: [approver]
guardrails:
  neverTouch:
    - { kind: "kubernetes.*", name: "*/payments/*" }
alerts:
  sources:
    alertmanager: { token: { env: ALERTS } }
    lab: { auth: none }
  routes:
    - name: gpu
      source: alertmanager
      match: { alertname: GpuCompromised, severity: [critical, page] }
      mode: propose
      playbook: compromised-gpu-endpoint
      inputs: { namespace: '\${{ alert.labels[?"namespace"] }}', replicas: 0, hosts: ['\${{ alert.name }}'] }
      approve: { from: approver, count: 2, within: 10m }
    - { name: rest, source: lab, match: {}, mode: ignore }
audit: { origin: example.com/log }
`

function faults(text: string, environment = env): string[] {
  try {
    parseConfig(text, file, environment)
    return []
  } catch (error) {
    if (!(error instanceof ConfigFault)) throw error
    return error.diagnostics.map(({ code, line, column }) => `${code} ${line}:${column}`)
  }
}

function routesOf(config: Config) {
  return config.alerts.routes
}

describe('firebreak.yaml', () => {
  const config = parseConfig(full, file, env)

  it('gives absolute paths, durations, people and routes', () => {
    expect(config.state).toBe(join(folder, 'state'))
    expect(config.playbooks).toEqual([join(folder, 'playbooks'), join(folder, 'more')])
    expect(config.listen).toEqual({ host: '127.0.0.1', port: 0 })
    expect(config.people[0]).toMatchObject({ id: 'ann', slack: 'U0ANN', roles: ['approver'] })
    expect(config.permissions).toMatchObject({ freeze: ['approver'], run: ['responder', 'approver'] })
    expect(config.guardrails.neverTouch).toEqual([{ kind: 'kubernetes.*', name: '*/payments/*' }])
    expect(routesOf(config)[0]).toMatchObject({
      mode: 'propose',
      match: { alertname: ['GpuCompromised'], severity: ['critical', 'page'] },
      inputs: {
        replicas: { kind: 'value', value: 0 },
        namespace: { kind: 'template' },
        hosts: { kind: 'list' },
      },
      approve: { from: 'approver', count: 2, withinMs: 600_000 },
    })
    expect(config.warnings).toEqual([])
  })

  it('resolves references to secrets, which never print', () => {
    expect(config.slack?.botToken.reveal()).toBe('xoxb-canary')
    const aws = config.providers.aws['main']
    expect(aws).toMatchObject({ region: 'eu-central-1', secretAccessKey: expect.any(Secret) })
    const source = config.alerts.sources['alertmanager']
    expect(source !== undefined && 'token' in source && source.token.reveal()).toBe('alerts-canary')
    const kubeconfig = config.providers.kubernetes['gpu']?.['kubeconfig']
    expect(kubeconfig instanceof Secret && kubeconfig.reveal()).toBe('from-a-file')
    for (const text of [JSON.stringify(config), inspect(config, { depth: 9 })]) {
      expect(text).not.toMatch(/canary|from-a-file/)
    }
  })

  it('has a digest that is blind to layout and secrets, and sees everything else', () => {
    const digest = (text: string, environment = env) => parseConfig(text, file, environment).digest
    expect(digest(full, { ...env, BOT: 'another' })).toBe(config.digest)
    expect(digest(`# a comment\n${full}`)).toBe(config.digest)
    expect(digest(full.replace('count: 2', 'count: 1'))).not.toBe(config.digest)
    expect(digest(full.replace('env: BOT', 'env: APP'))).not.toBe(config.digest)
  })

  it('may be empty: everything has a default', () => {
    const empty = parseConfig('', file, {})
    expect(empty).toMatchObject({ state: join(folder, '.firebreak'), listen: { port: 8180 }, people: [] })
    expect(empty.permissions.thaw).toEqual(['approver'])
  })

  it.each<[string, string, string[]]>([
    ['an unknown key', 'stat: x', ['config.unknown-key 1:1']],
    ['an unknown key deep inside', 'listen:\n  host: a\n  prot: 1', ['config.unknown-key 3:3']],
    [
      'several faults at once',
      'stat: x\nlisten: { port: 99999 }',
      ['config.bad-value 2:17', 'config.unknown-key 1:1'],
    ],
    ['a wrong type', 'people: ann', ['config.bad-value 1:9']],
    ['a list as the whole file', '- a', ['config.bad-value 1:1']],
    [
      'a duration without unit',
      'alerts:\n  routes:\n    - { name: a, source: s, match: {l: v}, mode: auto, playbook: p, approve: { from: x, within: "30" } }',
      ['config.bad-value 3:97'],
    ],
    ['an alias', 'state: &a x\nplaybooks: *a', ['yaml.forbidden 1:11', 'yaml.forbidden 2:12']],
    [
      'a literal bot token',
      'slack:\n  botToken: xoxb-1\n  appToken: { env: APP }\n  channel: C',
      ['config.literal-secret 2:13'],
    ],
    [
      'a literal secret of a provider',
      'providers: { aws: { main: { secretAccessKey: abc } } }',
      ['config.literal-secret 1:46'],
    ],
    [
      'a private key anywhere',
      'providers: { aws: { main: { x: "-----BEGIN PRIVATE KEY-----" } } }',
      ['config.literal-secret 1:32'],
    ],
    [
      'a reference with two places',
      'slack: { botToken: { env: A, file: b }, appToken: { env: APP }, channel: C }',
      ['config.unknown-key 1:30'],
    ],
    [
      'a variable that is not set',
      'providers: { aws: { main: { x: { env: NOWHERE } } } }',
      ['config.missing-secret 1:32'],
    ],
    [
      'a secret file that is not there',
      'providers: { aws: { main: { x: { file: nowhere } } } }',
      ['config.missing-secret 1:32'],
    ],
    [
      'an empty secret file',
      'providers: { aws: { main: { x: { file: empty } } } }',
      ['config.missing-secret 1:32'],
    ],
    [
      'a folder as a secret',
      'providers: { aws: { main: { x: { file: . } } } }',
      ['config.missing-secret 1:32'],
    ],
    [
      'two persons with one id',
      'people: [{ id: a, name: A }, { id: a, name: B }]',
      ['config.duplicate 1:36'],
    ],
    [
      'two persons with one Slack account',
      'people: [{ id: a, name: A, slack: U0A }, { id: b, name: B, slack: U0A }]',
      ['config.duplicate 1:67'],
    ],
    [
      'two persons with one key',
      `people: [{ id: a, name: A, sshKeys: ["${key}"] }, { id: b, name: B, sshKeys: ["${key} other"] }]`,
      ['config.duplicate 1:164'],
    ],
    [
      'a key that is none',
      'people: [{ id: a, name: A, sshKeys: ["ssh-ed25519 AAAA"] }]',
      ['config.bad-key 1:38'],
    ],
    ['a rule that says nothing', 'guardrails: { neverTouch: [{}] }', ['config.bad-value 1:28']],
    [
      'a route of an unknown source',
      'alerts: { routes: [{ name: a, source: s, match: { x: y }, mode: ignore }] }',
      ['config.unknown-name 1:39'],
    ],
    [
      'a route without playbook',
      'alerts: { sources: { s: { auth: none } }, routes: [{ name: a, source: s, match: { x: y }, mode: auto }] }',
      ['config.bad-value 1:52'],
    ],
    [
      'a route that runs whatever comes',
      'alerts: { sources: { s: { auth: none } }, routes: [{ name: a, source: s, match: {}, mode: auto, playbook: p }] }',
      ['config.bad-value 1:81'],
    ],
    [
      'two routes of one name',
      'alerts: { sources: { s: { auth: none } }, routes: [{ name: a, source: s, match: {x: y}, mode: ignore }, { name: a, source: s, match: {}, mode: ignore }] }',
      ['config.duplicate 1:113'],
    ],
    [
      'an expression that is not total',
      `alerts: { sources: { s: { auth: none } }, routes: [{ name: a, source: s, match: {x: y}, mode: auto, playbook: p, inputs: { n: '\${{ alert.labels["a"] }}' } }] }`,
      ['expr.not-total 1:132'],
    ],
    [
      'an expression about what an alert does not have',
      `alerts: { sources: { s: { auth: none } }, routes: [{ name: a, source: s, match: {x: y}, mode: auto, playbook: p, inputs: { n: ['\${{ alert.lables }}'] } }] }`,
      ['expr.unknown-name 1:133'],
    ],
  ])('refuses %s at its place', (_name, text, expected) => {
    expect(faults(text)).toEqual(expected)
  })

  it('warns of roles that nobody has, and starts all the same', () => {
    const lonely = `people: [{ id: a, name: A, roles: [approver] }]
alerts:
  sources: { s: { auth: none } }
  routes: [{ name: a, source: s, match: { x: y }, mode: auto, playbook: p, approve: { from: approver, count: 2 } }]
permissions: { thaw: [boss] }`
    const { warnings } = parseConfig(lonely, file, {})
    expect(warnings.map(({ code, line, severity }) => `${severity} ${code} ${line}`)).toEqual([
      'warning config.unknown-name 4',
      'warning config.unknown-name 5',
    ])
  })

  it('can be linted without its secrets', () => {
    expect(lintConfig(full, file)).toEqual([])
    expect(lintConfig('stat: x', file)).toMatchObject([
      { code: 'config.unknown-key', remedy: expect.any(String) },
    ])
  })

  it('shows the place and never the secret in its message', () => {
    try {
      parseConfig('providers: { aws: { main: { password: hunter2 } } }', file, {})
      expect.unreachable()
    } catch (error) {
      expect(isFirebreakError(error, 'config.literal-secret')).toBe(true)
      expect(error).toMatchObject({ message: expect.stringContaining(`${file}:1:39`) })
    }
  })

  it('is read from a file, and says so when it cannot', () => {
    writeFileSync(file, 'state: here')
    expect(loadConfig(file).state).toBe(join(folder, 'here'))
    expect(() => loadConfig(join(folder, 'absent.yaml'))).toThrow(
      expect.objectContaining({ code: 'config.unreadable' }),
    )
  })
})
