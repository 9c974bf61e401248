import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { demoScenario } from '../../src/sandbox/aws/scenario.ts'
import { startAws } from '../../src/sandbox/aws/server.ts'
import { botUser, scenarioSeed } from '../../src/sandbox/kubernetes/scenario.ts'
import { startKubernetes } from '../../src/sandbox/kubernetes/server.ts'
import { startSlack, type SlackSandbox } from '../../src/sandbox/slack/server.ts'
import { tempFolder } from './bot.ts'
import { eventually } from './eventually.ts'
import { hostile } from './hostile.ts'
import { startHostileProxy } from './hostile-proxy.ts'

// `firebreak serve` as it is, in a process of its own with debug logging, in a world full of canaries.

const letters = (n: number): string =>
  randomBytes(4 * n)
    .toString('base64')
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .slice(0, n)

/** Secrets of others, which the scrubber can know only by how they are written. */
export const foreign = {
  github: `ghp_${letters(36)}`,
  huggingFace: `hf_${letters(80).replaceAll(/\d/g, '').slice(0, 34)}`,
  stripe: `sk_live_${letters(24)}`,
  slack: `xoxb-123456789012-123456789012-${letters(24)}`,
}

/** What stands in errors only: nothing tells that it is secret, so no error may be repeated. */
const inErrors = { error: `plain words ${letters(20)}`, errorToo: `w${letters(24)}` }

export type CanaryWorld = {
  readonly slack: SlackSandbox
  readonly secrets: () => { readonly [name: string]: string }
  readonly alert: (labels: { readonly [label: string]: string }, token?: string) => Promise<string>
  /** By the control socket: the body of the answer. */
  readonly ask: (path: string, body?: object) => Promise<string>
  readonly failProviders: () => void
  readonly failures: () => number
  readonly passProviders: () => void
  readonly crash: () => Promise<void>
  readonly restart: () => Promise<void>
  /** Everything that the process wrote or sent so far. */
  readonly everything: () => { [where: string]: string }
  readonly state: string
  /** A folder for an export of the log. */
  readonly exported: string
  readonly pid: () => number
  readonly output: () => { readonly stdout: string; readonly stderr: string }
  readonly close: () => Promise<void>
}

export async function startCanaryWorld(): Promise<CanaryWorld> {
  const folder = tempFolder()
  const state = join(folder, 'state')
  mkdirSync(state, { mode: 0o700 })
  const seed = demoScenario(new Date())
  const events = (seed.events ?? []).map((event, i) => ({ ...event, record: withCanaries(event.record, i) }))
  const aws = await startAws({ seed: { ...seed, events } })
  const objects = scenarioSeed()
  const kubernetes = await startKubernetes({ seed: objects, tickMs: 2 })
  const slack = await startSlack()
  const awsDoor = await startHostileProxy(aws.url, Object.values(foreign))
  const kubernetesDoor = await startHostileProxy(kubernetes.url, Object.values(foreign))
  const own = {
    CANARY_AWS: aws.secretAccessKey,
    CANARY_KUBERNETES: kubernetes.tokenFor(botUser),
    CANARY_BOT: slack.botToken,
    CANARY_APP: slack.appToken,
    CANARY_ALERTS: `alerts-${letters(20)}`,
  }
  const config = join(folder, 'firebreak.yaml')
  const providers = {
    aws: {
      sandbox: {
        region: aws.region,
        endpoint: awsDoor.url,
        credentials: { accessKeyId: aws.accessKeyId, secretAccessKey: { env: 'CANARY_AWS' } },
      },
    },
    kubernetes: {
      sandbox: { server: kubernetesDoor.url, token: { env: 'CANARY_KUBERNETES' }, steadyMs: 40 },
    },
  }
  writeFileSync(config, configText({ state, providers, apiUrl: slack.apiUrl }))
  let stdout = ''
  let stderr = ''
  const answers = new Set<string>()
  let child: ChildProcess | undefined
  let url = ''

  async function start(): Promise<void> {
    const from = stderr.length
    const env = { ...own, PATH: process.env['PATH'], HOME: folder, FIREBREAK_LOG_LEVEL: 'trace' }
    child = spawn(process.execPath, ['bin/firebreak.mjs', 'serve', '--config', config, '--state', state], {
      env,
    })
    child.stdout?.setEncoding('utf8').on('data', (text: string) => void (stdout += text))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => void (stderr += text))
    const ready = () => {
      if (child?.exitCode !== null) throw new Error(`the bot has ended: ${stderr}`)
      return /"url":"([^"]+)","msg":"ready"/.exec(stderr.slice(from))?.[1]
    }
    url = await eventually(ready, { ms: 15_000, what: 'the start of the bot' })
  }

  async function stop(signal: NodeJS.Signals): Promise<void> {
    const running = child
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    const gone = new Promise((resolve) => running.once('exit', resolve))
    running.kill(signal)
    await gone
  }

  await start()
  const doors = [awsDoor, kubernetesDoor]
  return {
    slack,
    state,
    exported: join(folder, 'export'),
    pid: () => child?.pid ?? 0,
    secrets: () => ({ ...own, ...foreign, ...inErrors, ...secretValues(aws.state.secrets.values()) }),
    output: () => ({ stdout, stderr }),
    alert: async (labels, token = own.CANARY_ALERTS) => {
      const text = await post(`${url}/alerts/alertmanager`, token, alertBody(labels, { ...own, ...foreign }))
      answers.add(text)
      return text
    },
    ask: async (path, body) => {
      const text = await control(join(state, 'control.sock'), path, body)
      answers.add(text)
      return text
    },
    failProviders: () =>
      doors.forEach((door) =>
        door.fail([
          foreign.github,
          ...Object.values(inErrors),
          ...Object.values(own),
          ...Object.values(foreign),
        ]),
      ),
    failures: () => doors.reduce((sum, door) => sum + door.failed(), 0),
    passProviders: () => doors.forEach((door) => door.pass()),
    crash: () => stop('SIGKILL'),
    restart: start,
    everything: () => ({
      stdout,
      stderr,
      answers: [...answers].join('\n'),
      slack: JSON.stringify(slack.calls.map(({ args }) => args)),
      'slack, answers': JSON.stringify(
        slack.crossings.flatMap(({ direction, detail }) =>
          direction === 'from-app' ? [detail['payload'], detail['args']] : [],
        ),
      ),
      ...filesOf(state),
      ...filesOf(join(folder, 'export')),
    }),
    close: async () => {
      await stop('SIGTERM')
      await Promise.all([...doors, aws, kubernetes, slack].map((part) => part.close()))
    },
  }
}

/** An event as the trail keeps it, with canaries in the fields that a step's output has. */
function withCanaries(record: string, i: number): string {
  const all = Object.values(foreign)
  return JSON.stringify({
    ...JSON.parse(record),
    sourceIPAddress: all[i % all.length],
    errorCode: `Denied ${all[(i + 1) % all.length]}`,
  })
}

const PEOPLE = ['U0ROSA0001', 'U0AMIR0002', 'U0CHEN0003']

function label(name: string): string {
  return `\${{ alert.labels[?"${name}"].orValue("") }}`
}

function route(playbook: string, inputs: object): object {
  return {
    name: playbook,
    source: 'alertmanager',
    match: { playbook },
    mode: 'auto',
    playbook,
    inputs,
  }
}

function configText({
  state,
  providers,
  apiUrl,
}: {
  state: string
  providers: object
  apiUrl: string
}): string {
  return stringify(
    {
      state,
      playbooks: join(import.meta.dirname, '../../playbooks'),
      listen: { port: 0 },
      slack: {
        botToken: { env: 'CANARY_BOT' },
        appToken: { env: 'CANARY_APP' },
        apiUrl,
        channel: 'C0INCIDENT',
        auditChannel: 'C0AUDIT001',
      },
      providers,
      people: PEOPLE.map((slack, i) => ({
        id: `p${i}`,
        name: `Person ${i}`,
        slack,
        roles: ['responder', 'approver'],
      })),
      alerts: {
        sources: { alertmanager: { token: { env: 'CANARY_ALERTS' } } },
        routes: [
          route('leaked-aws-key', { accessKeyId: label('key') }),
          route('compromised-gpu-endpoint', { namespace: label('namespace'), name: label('name') }),
          route('bad-model-version', {
            namespace: label('namespace'),
            name: label('name'),
            replicaSet: label('set'),
          }),
        ],
      },
    },
    { lineWidth: 0 },
  )
}

let alerts = 0

function alertBody(labels: object, canaries: { readonly [name: string]: string }): string {
  const startsAt = new Date(Date.now() - ++alerts).toISOString()
  const secret = Object.fromEntries(
    Object.entries(canaries).map(([name, value]) => [`c_${name}`, `seen ${value} in a log`]),
  )
  const evil = Object.fromEntries(hostile.map((text, i) => [`h_${i}`, text]))
  const all = { alertname: `Canary ${canaries['github']}`, ...labels, ...secret, ...evil, n: String(alerts) }
  return JSON.stringify({
    version: '4',
    status: 'firing',
    alerts: [{ status: 'firing', labels: all, annotations: { ...secret, ...evil }, startsAt }],
  })
}

async function post(url: string, token: string, body: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body })
  return `${answer.status} ${JSON.stringify([...answer.headers])} ${await answer.text()}`
}

function control(socketPath: string, path: string, body?: object): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const method = body === undefined ? 'GET' : 'POST'
  const ask = request(
    { socketPath, path, method, headers: { 'content-type': 'application/json' } },
    (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (piece: string) => void (text += piece))
      answer.on('end', () => resolve(text))
    },
  )
  ask.on('error', reject)
  ask.end(body === undefined ? undefined : JSON.stringify(body))
  return promise
}

type Versions = {
  readonly name: string
  readonly versions: ReadonlyMap<string, { readonly string?: unknown }>
}

function secretValues(secrets: Iterable<Versions>): { [where: string]: string } {
  const found: { [where: string]: string } = {}
  for (const { name, versions } of secrets)
    for (const [id, { string }] of versions) if (typeof string === 'string') found[`${name}/${id}`] = string
  return found
}

/** The bytes of every file but the log's own signing key. */
function filesOf(folder: string): { [where: string]: string } {
  try {
    const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    const files = names.filter((entry) => entry.isFile() && entry.name !== 'log.key')
    return Object.fromEntries(
      files.map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name), 'latin1')]),
    )
  } catch {
    return {}
  }
}
