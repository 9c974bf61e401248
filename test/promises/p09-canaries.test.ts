import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodings, leaks } from '../support/canary.ts'
import { type CanaryWorld, foreign, startCanaryWorld } from '../support/canary-world.ts'
import { eventually } from '../support/eventually.ts'
import { obeyed } from '../support/hostile.ts'

// P9: secrets do not leave. The bot as `firebreak serve` runs it, in its own process with the lowest log level, between
// real clients and stand-ins. Secrets are in every input, in what providers answer, and in every error. Runs succeed,
// fail, and are killed in the middle. Then everything that the process wrote or sent is searched.

const HOME = 'C0INCIDENT'
const [ROSA, AMIR, CHEN] = ['U0ROSA0001', 'U0AMIR0002', 'U0CHEN0003'] as const
const KEY = 'AKIAIOSFODNN7EXAMPLE'
const secretIds = ['prod/inference-gateway', 'prod/model-registry-token']
const reason = `because ${foreign.github} and ${foreign.slack} leaked, password=${foreign.stripe}`

type Run = { readonly state: { readonly id: string; readonly status: string } }

let world: CanaryWorld
let places: { [where: string]: string }
let cliText: string
const statuses = new Set<string>()

async function runs(query = ''): Promise<readonly Run[]> {
  return JSON.parse(await world.ask(`/v1/runs?limit=100${query}`)) as readonly Run[]
}

const over = new Set(['succeeded', 'failed', 'planned', 'parked', 'rejected', 'cancelled', 'expired'])

/** Two people press whatever there is to approve, until no run waits. */
async function settle(): Promise<void> {
  const pressed = new Set<string>()
  await eventually(
    async () => {
      for (const { ts, blocks } of world.slack.messages(HOME)) {
        if (!JSON.stringify(blocks ?? []).includes('firebreak.approve')) continue
        for (const user of [AMIR, CHEN]) {
          if (pressed.has(`${ts}${user}`)) continue
          const done = await world.slack
            .press(user, { channel: HOME, ts, actionId: 'firebreak.approve' })
            .catch(() => undefined)
          if (done) pressed.add(`${ts}${user}`)
        }
      }
      await setTimeout(50)
      return (await runs('&open=true')).every(({ state }) => over.has(state.status))
    },
    { ms: 15_000, what: 'the end of all runs' },
  )
}

async function startAll(): Promise<void> {
  await world.alert({ playbook: 'leaked-aws-key', key: KEY })
  await world.alert({ playbook: 'compromised-gpu-endpoint', namespace: 'inference', name: 'llama-70b' })
  await world.alert({
    playbook: 'bad-model-version',
    namespace: 'inference',
    name: 'fraud-model',
    set: 'fraud-model-6f8b5d7c49',
  })
}

const say = (text: string) => world.slack.command(ROSA, HOME, `/firebreak ${text}`)

async function strangeRequests(): Promise<void> {
  await world.alert({ playbook: 'none' }, foreign.github)
  await world.alert({ playbook: 'leaked-aws-key', key: foreign.github })
  await world.ask('/v1/start', {
    playbook: `x${foreign.stripe}`,
    inputs: {},
    mode: 'run',
    user: foreign.huggingFace,
  })
  await world.ask('/v1/start', {
    playbook: 'leaked-aws-key',
    inputs: { accessKeyId: foreign.slack },
    mode: 'dry-run',
    user: 'u',
  })
  await world.ask('/v1/start', {
    playbook: 'leaked-aws-key',
    inputs: { accessKeyId: KEY, secretIds: [foreign.github] },
    mode: 'dry-run',
    user: 'u',
    reason,
  })
  await world.ask(`/v1/runs/${foreign.github}`)
  await world.ask('/v1/challenge', { kind: 'freeze', reason })
  await say(`run ${foreign.github}`)
  await say(`plan leaked-aws-key accessKeyId=${foreign.slack}`)
  await say(`status ${foreign.stripe}`)
  await say(`freeze ${reason}`)
  await say(`thaw ${reason}`)
  // Two people lift it.
  await world.slack.command(AMIR, HOME, `/firebreak thaw ${reason}`)
}

async function tour(): Promise<void> {
  await startAll()
  await say(`run leaked-aws-key accessKeyId=${KEY} secretIds=${secretIds.join(',')}`)
  await strangeRequests()
  await settle()
  world.failProviders()
  world.slack.faults.plan('chat.update', { kind: 'error', error: foreign.github }, 2)
  await startAll()
  await settle()
  world.passProviders()
  await startAll()
  await world.crash()
  await world.restart()
  await settle()
  for (const { state } of await runs()) statuses.add(state.status)
}

/** The program itself, as a person calls it: what it prints on both outputs. */
async function firebreak(...args: readonly string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], HOME: world.state, FIREBREAK_STATE: world.state }
  const program = spawn(process.execPath, ['bin/firebreak.mjs', ...args], { env })
  let said = ''
  for (const output of [program.stdout, program.stderr])
    output.setEncoding('utf8').on('data', (text: string) => void (said += text))
  await once(program, 'close')
  return said
}

async function commandLine(): Promise<string> {
  await world.ask('/v1/audit/export', { folder: world.exported })
  await world.ask('/v1/log?limit=1000')
  const [first] = await runs()
  const said = await Promise.all([
    firebreak('runs', 'show', first?.state.id ?? ''),
    firebreak('audit', 'list', '--limit', '1000'),
  ])
  return said.join('\n')
}

beforeAll(async () => {
  world = await startCanaryWorld()
  await tour()
  cliText = await commandLine()
  places = { ...world.everything(), cli: cliText }
}, 60_000)
afterAll(() => world?.close())

describe('after runs that succeeded, failed and were killed', () => {
  it('there was something to leak: answers, errors, refusals, crashes, and many secrets', () => {
    expect([...statuses].sort()).toEqual(expect.arrayContaining(['failed', 'planned', 'succeeded']))
    expect(world.failures()).toBeGreaterThan(5)
    expect(Object.keys(world.secrets()).length).toBeGreaterThan(12)
    for (const where of ['stderr', 'answers', 'slack', 'journal.db', 'checkpoint', 'cli'])
      expect(places[where]?.length).toBeGreaterThan(100)
    const journal = `${places['journal.db']}${places['journal.db-wal']}`
    expect(journal).toContain('[redacted: GitHub token]')
    expect(journal).toContain('[redacted: known secret]')
  })

  it('no secret is in a line, a message, an answer, an export, or a byte of the state folder, in any encoding', () => {
    expect(leaks(places, world.secrets())).toEqual([])
  })

  it('the search would find one that is there, in every encoding', () => {
    const planted = `it's "planted" & hidden`
    for (const [name, write] of Object.entries(encodings)) {
      const text = `${places['stderr']} ${write(planted)}`
      expect([name, leaks({ text }, { planted }).length > 0]).toEqual([name, true])
    }
    expect(leaks(places, { known: 'prod/inference-gateway' }).length).toBeGreaterThan(2)
  })

  it('each record of the log is one line of JSON, whatever outsiders have sent', () => {
    const lines = world.output().stderr.trimEnd().split('\n')
    expect(lines.length).toBeGreaterThan(10)
    for (const line of lines) {
      expect(line).not.toMatch(obeyed)
      expect(Object.keys(JSON.parse(line))).toContain('msg')
    }
  })

  it('Slack was told nothing that it obeys: no mention, no link of an outsider, no hidden character', () => {
    const said = JSON.stringify(world.slack.calls.map(({ args }) => args))
    for (const live of [
      '<!channel',
      '<!here',
      '<!everyone',
      '<!subteam',
      '<https://evil',
      '<mailto:',
      '<@U0ROSA0001> @',
    ])
      expect(said).not.toContain(live)
    const texts = textsIn(world.slack.calls.map(({ args }) => args))
    // The surface itself puts a zero-width space behind an @, so that no client makes a mention of it.
    for (const text of texts)
      expect(text.replaceAll('@\u{200B}', '@').replaceAll('\n', ' ')).not.toMatch(obeyed)
  })

  it('the command line wrote nothing that a terminal obeys', () => {
    expect(cliText.length).toBeGreaterThan(3000)
    expect(cliText.replaceAll('\n', ' ')).not.toMatch(obeyed)
  })

  it.skipIf(process.platform !== 'linux')(
    'the process shows its name and none of its arguments to others',
    () => {
      const pid = world.pid()
      expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', '')).toBe('firebreak')
    },
  )
})

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}
