import { expect, test } from 'vitest'
import { Secret } from '../../../src/core/secret.ts'
import { startSlack } from '../../../src/sandbox/slack/server.ts'
import { startSlackSurface } from '../../../src/surfaces/slack/surface.ts'
import { AMIR, CHEN, HOME, openBench, ROSA, told } from './bench.ts'
import { createFakeApp } from './fake-app.ts'

const log = { debug() {}, info() {}, warn() {}, error() {} }

test('two lines are open, and the bot is ready', async () => {
  await using bench = await openBench()
  expect(bench.slack.connections).toBe(2)
  expect(bench.surface.ready()).toBe(true)
})

test('commands go on while one line after the other is refreshed, and both at once', async () => {
  await using bench = await openBench()
  const { slack } = bench
  const command = () => slack.command(ROSA, HOME, '/firebreak status')
  const sent: ReturnType<typeof command>[] = []
  for (let at = 0; at < 4; at++) {
    sent.push(command(), command(), command())
    slack.refresh('one')
    sent.push(command(), command(), command())
    await slack.waitFor(() => slack.connections === 2)
  }
  expect((await Promise.all(sent)).filter(({ ok }) => !ok)).toEqual([])
  for (const reason of ['warning', 'refresh_requested'] as const) {
    slack.refresh('all', reason)
    await slack.waitFor(() => slack.connections >= 2)
    expect((await command()).ok).toBe(true)
  }
})

test('a click in flight while its line is refreshed is acknowledged on that line', async () => {
  await using bench = await openBench()
  const { slack, app } = bench
  app.slow = 300
  const pending = slack.command(ROSA, HOME, '/firebreak run leaked-aws-key accessKeyId=AKIAIOSFODNN7EXAMPLE')
  slack.refresh('all')
  expect((await pending).ok).toBe(true)
  await told(slack, ROSA, 'has started')
  expect(app.calls).toHaveLength(1)
})

test('dropped connections and refused ones come back within seconds, whatever Slack said meanwhile', async () => {
  await using bench = await openBench()
  const { slack, surface } = bench
  slack.faults.plan('apps.connections.open', { kind: 'error', error: 'invalid_auth' }, 2)
  slack.faults.plan('apps.connections.open', { kind: 'status', status: 503 }, 2)
  slack.dropSockets()
  await slack.waitFor(() => !surface.ready())
  await slack.waitFor(() => slack.connections === 2 && surface.ready())
  expect((await slack.command(ROSA, HOME, '/firebreak status')).ok).toBe(true)
})

test.each(['bot', 'app'] as const)(
  'a wrong %s token at the start is an error with a remedy',
  async (which) => {
    const slack = await startSlack()
    const tokens = {
      botToken: new Secret(which === 'bot' ? 'xoxb-wrong' : slack.botToken),
      appToken: new Secret(which === 'app' ? 'xapp-wrong' : slack.appToken),
    }
    const config = { ...tokens, apiUrl: slack.apiUrl, channel: HOME }
    await expect(startSlackSurface({ app: createFakeApp(), config, log })).rejects.toMatchObject({
      code: 'slack.bad-token',
      remedy: expect.stringContaining('xoxb-'),
    })
    await slack.close()
  },
)

test('without Slack the surface starts, answers unknown, and closes', async () => {
  const config = {
    botToken: new Secret('xoxb-x'),
    appToken: new Secret('xapp-x'),
    apiUrl: 'http://127.0.0.1:9/api/',
    channel: HOME,
  }
  const surface = await startSlackSurface({ app: createFakeApp(), config, log })
  expect(surface.ready()).toBe(false)
  expect(await surface.directory.standing(ROSA)).toBe('unknown')
  await surface.close()
})

test('the members of a user group are who Slack says; otherwise why it cannot be said', async () => {
  await using bench = await openBench()
  const { surface, slack } = bench
  expect(await surface.directory.members('S0APPROVE1')).toEqual({ members: [AMIR, CHEN] })
  expect(await surface.directory.members('S0NOSUCH')).toEqual({ unknown: 'no_such_subteam' })
  const faults = [
    [{ kind: 'error', error: 'missing_scope' }, 'missing_scope'],
    [{ kind: 'rate-limit', retryAfter: 3 }, 'too many requests'],
    [{ kind: 'status', status: 503 }, expect.any(String)],
  ] as const
  for (const [fault, unknown] of faults) {
    slack.faults.plan('usergroups.users.list', fault)
    // oxlint-disable-next-line no-await-in-loop -- each fault is for one call
    expect(await surface.directory.members('S0APPROVE1')).toEqual({ unknown })
  }
})

test('standing is what Slack says now, remembered for a minute at most', async () => {
  await using bench = await openBench()
  const { slack, surface } = bench
  const standings = await Promise.all(
    ['U0ROSA0001', 'U0GUS00004', 'U0EVE00005', 'U0DAN00006', 'U0FIREBRK1', 'U0NOBODY'].map((user) =>
      surface.directory.standing(user),
    ),
  )
  expect(standings).toEqual(['member', 'guest', 'external', 'deactivated', 'bot', 'unknown'])
  const asked = slack.calls.length
  await surface.directory.standing(ROSA)
  expect(slack.calls.length).toBe(asked)
})
