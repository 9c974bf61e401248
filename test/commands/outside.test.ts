import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { json } from 'node:stream/consumers'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { startBot, type Bot } from '../../src/commands/bot.ts'
import { parseConfig } from '../../src/config/load.ts'
import type { AuditReport } from '../../src/core/app.ts'
import { DoctorAnswer, SOCKET_NAME, type DoctorPart } from '../../src/core/wire.ts'
import { startS3, type S3Sandbox } from '../../src/sandbox/aws/s3.ts'
import { startSlack, type SlackSandbox } from '../../src/sandbox/slack/server.ts'
import { tempFolder } from '../support/bot.ts'
import { eventually } from '../support/eventually.ts'
import { people, rita } from '../support/people.ts'
import { thaw } from '../support/thaw.ts'

// The whole bot with what its log has outside: sinks, anchors, and what follows when they remember another log.

let s3: S3Sandbox
let slack: SlackSandbox
beforeAll(async () => {
  s3 = await startS3({ buckets: ['anchors'] })
  slack = await startSlack()
})
afterAll(async () => {
  await s3.close()
  await slack.close()
})

type Line = { readonly level: string; readonly message: string; readonly [key: string]: unknown }

function home(audit: object, more: object = {}) {
  const folder = tempFolder()
  mkdirSync(join(folder, 'playbooks'))
  const lines: Line[] = []
  const log = Object.fromEntries(
    (['error', 'warn', 'info', 'debug'] as const).map((level) => [
      level,
      (fields: object, message: string) => void lines.push({ ...fields, level, message }),
    ]),
  ) as Parameters<typeof startBot>[2]
  const text = stringify({ people, listen: { port: 0 }, audit, ...more })
  const env = { S3: s3.secretAccessKey, BOT: slack.botToken, APP: slack.appToken }
  const config = parseConfig(text, join(folder, 'firebreak.yaml'), env)
  return { folder, lines, start: (state: string) => startBot(config, join(folder, state), log) }
}

function bucket(endpoint = s3.url) {
  const credentials = { accessKeyId: s3.accessKeyId, secretAccessKey: { env: 'S3' } }
  return {
    kind: 's3',
    bucket: 'anchors',
    prefix: `${tempFolder().slice(-6)}/`,
    region: s3.region,
    endpoint,
    credentials,
  }
}

function slackConfig() {
  const tokens = { botToken: { env: 'BOT' }, appToken: { env: 'APP' }, apiUrl: slack.apiUrl }
  return { slack: { ...tokens, channel: 'C0INCIDENT', auditChannel: 'firebreak-audit' } }
}

function asked(folder: string, path: string): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const sent = request({ socketPath: join(folder, SOCKET_NAME), path }, (response) => {
    json(response).then(resolve, reject)
  })
  sent.on('error', reject)
  sent.end()
  return promise
}

async function doctored(folder: string): Promise<Map<string, DoctorPart>> {
  const { parts } = DoctorAnswer.parse(await asked(folder, '/v1/doctor'))
  return new Map(parts.map((part) => [part.name, part]))
}

async function ready(bot: Bot): Promise<{ ready: boolean; parts: Record<string, string> }> {
  return (await (await fetch(`${bot.url}/readyz`)).json()) as {
    ready: boolean
    parts: Record<string, string>
  }
}

async function entries(bot: Bot): Promise<number> {
  let count = 0
  for await (const page of bot.app.custody.journal.entries()) count += page.length
  return count
}

/** Something to write into the log. */
async function work(bot: Bot): Promise<void> {
  await bot.app.firebreak.freeze(rita, 'drill')
  await thaw(bot.app.firebreak, 'over')
}

function posted() {
  return slack.messages('firebreak-audit').filter(({ text }) => text.includes('Checkpoint'))
}

function told(): boolean {
  return slack.messages('C0INCIDENT').some(({ text }) => text.includes('Firebreak has frozen itself'))
}

describe('a bot with sinks and anchors', () => {
  it('sends every entry, keeps checkpoints outside, and says how both stand', async () => {
    const { folder, start } = home({
      sinks: { copy: { kind: 'file', path: 'copy.jsonl', every: '1s' } },
      anchors: { disk: { kind: 'file', folder: 'anchors' }, far: bucket() },
    })
    const bot = await start('state')
    await work(bot)
    const size = await entries(bot)
    const copy = join(folder, 'copy.jsonl')
    const copied = () => (existsSync(copy) ? readFileSync(copy, 'utf8').trim().split('\n').length : 0)
    await eventually(() => copied() === size)
    // The lines are there a moment before the sink knows it.
    const parts = await eventually(async () => {
      const found = await doctored(join(folder, 'state'))
      return found.get('sink/copy')?.detail === '0 entries behind' ? found : undefined
    })
    expect(parts.get('sink/copy')).toMatchObject({ ok: true })
    expect(parts.get('anchor/disk')).toMatchObject({ ok: true })
    expect(parts.get('anchor/far')).toMatchObject({
      ok: true,
      identity: expect.stringContaining('s3://anchors/'),
    })
    expect(await ready(bot)).toMatchObject({ ready: true, parts: { anchors: 'ok' } })
    await bot.close()
    const again = await start('state')
    const report = (await asked(join(folder, 'state'), '/v1/audit/verify?anchors=true')) as AuditReport
    expect(report).toMatchObject({
      ok: true,
      anchors: [
        { name: 'disk', state: 'ok' },
        { name: 'far', state: 'ok' },
      ],
    })
    expect(report).toHaveProperty('size')
    expect(await asked(join(folder, 'state'), '/v1/audit/verify')).not.toHaveProperty('anchors')
    await again.close()
  })

  it.each([
    ['a file', () => ({ disk: { kind: 'file', folder: 'anchors' } })],
    ['a locked bucket', () => ({ disk: bucket() })],
  ])('freezes itself when the log lost its end, and %s remembers it', async (_, anchors) => {
    const { folder, lines, start } = home({ anchors: anchors() })
    const bot = await start('state')
    const before = await entries(bot)
    await bot.close()
    cpSync(join(folder, 'state'), join(folder, 'old'), { recursive: true })
    const later = await start('state')
    await work(later)
    await later.close()

    const back = await start('old')
    const frozen = await back.app.firebreak.frozen()
    expect(frozen?.reason).toMatch(/^anchor disk \(.*\) contradicts the log: it remembers \d+ entries/)
    expect(frozen?.reason).toContain(`entry ${before}`)
    expect(lines.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual([
      'the log is not the one that was anchored: nothing is changed any more',
    ])
    expect((await ready(back)).parts['anchors']).toContain('frozen: anchor disk')
    expect((await doctored(join(folder, 'old'))).get('anchor/disk')).toMatchObject({ ok: false })
    const [freeze] = await back.app.firebreak.log({ from: 0, limit: 9, type: 'freeze' })
    expect(freeze).toMatchObject({ type: 'freeze.set', actor: { kind: 'system' } })
    expect(await asked(join(folder, 'old'), '/v1/audit/verify?anchors=true')).toMatchObject({
      ok: false,
      reason: expect.stringContaining('anchor disk'),
      anchors: [{ name: 'disk', state: expect.stringMatching(/behind|forked/), contradicts: true }],
    })
    // People thaw it; as long as the anchor says so, the next start freezes it again.
    await thaw(back.app.firebreak, 'looked at it')
    await back.close()
    const once = await start('old')
    expect((await once.app.firebreak.frozen())?.reason).toContain('rewritten')
    await once.close()
  })

  it('does not call a log sound that was made anew, key and all, while an anchor remembers the other', async () => {
    const { folder, start } = home({ anchors: { disk: { kind: 'file', folder: 'anchors' } } })
    await (await start('state')).close()
    const anew = await start('anew')
    expect(await asked(join(folder, 'anew'), '/v1/audit/verify?anchors=true')).toMatchObject({
      ok: false,
      reason: expect.stringContaining('anchor disk'),
      anchors: [{ name: 'disk', state: 'foreign', contradicts: false }],
    })
    expect((await doctored(join(folder, 'anew'))).get('anchor/disk')).toMatchObject({ ok: false })
    await anew.close()
  })

  it('goes on without an anchor that cannot be reached, and shows it', async () => {
    const { folder, lines, start } = home({ anchors: { far: bucket('http://127.0.0.1:1') } })
    const bot = await start('state')
    expect(await bot.app.firebreak.frozen()).toBeUndefined()
    expect(await ready(bot)).toMatchObject({ ready: true, parts: { anchors: 'not reached: far' } })
    expect((await doctored(join(folder, 'state'))).get('anchor/far')).toMatchObject({
      ok: false,
      detail: expect.stringContaining('it cannot be asked'),
    })
    expect(lines.some(({ level, message }) => level === 'warn' && message.includes('cannot be asked'))).toBe(
      true,
    )
    await bot.close()
  })
})

describe('the audit channel in Slack', () => {
  it('is an anchor: checkpoints are posted in a form that is read back, and a lost end is found once Slack is there', async () => {
    const { folder, start } = home({}, slackConfig())
    const bot = await start('state')
    await eventually(() => posted().length === 1, { what: 'the first checkpoint' })
    await bot.close()
    cpSync(join(folder, 'state'), join(folder, 'old'), { recursive: true })
    const later = await start('state')
    await eventually(async () => (await ready(later)).parts['anchors'] === 'ok', { what: 'the comparison' })
    await work(later)
    await later.close()
    expect(posted().length).toBeGreaterThan(1)

    const back = await start('old')
    const frozen = await eventually(() => back.app.firebreak.frozen(), { what: 'the freeze' })
    expect(frozen.reason).toMatch(/^anchor slack \(Slack channel firebreak-audit\) contradicts the log/)
    await eventually(told, { what: 'the alarm in Slack' })
    await back.close()
  })
})
