import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AMIR, HOME, KEY, openBench, ROSA, runMessageOf, told } from './bench.ts'
import type { Bench } from './bench.ts'

type Captured = {
  kinds: Record<string, { payload: Record<string, unknown> }[]>
  slash_command_forms: { body: string }[]
}

function captured(): Captured | undefined {
  const path = join(process.env['FIREBREAK_SHARED_DATA'] ?? '../shared/data', 'slack/real-payloads.json')
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as Captured
  if (process.env['CI']) throw new Error(`CI is set and there is no ${path}`)
  console.log(`skipped: no reference data at ${path} (set FIREBREAK_SHARED_DATA)`)
  return undefined
}

type Envelope = Parameters<Bench['slack']['deliver']>

const data = captured()

/** Real payloads as envelopes; their response URLs lead to the stand-in, so that nothing leaves the machine. */
function envelopes(origin: string): Envelope[] {
  const local = (value: unknown) =>
    JSON.parse(JSON.stringify(value).replaceAll('https://hooks.slack.com/', origin)) as Record<
      string,
      unknown
    >
  const payloads = Object.entries(data?.kinds ?? {}).flatMap(([kind, list]) =>
    list.map(({ payload }): Envelope => {
      const inner = kind.startsWith('socket/') ? (payload['payload'] ?? payload) : payload
      const event = kind.startsWith('event') || kind === 'socket/events_api' || kind === 'url_verification'
      const type = kind === 'socket/slash_commands' ? 'slash_commands' : event ? 'events_api' : 'interactive'
      return [type, local(inner)]
    }),
  )
  const forms = (data?.slash_command_forms ?? []).map(({ body }): Envelope => [
    'slash_commands',
    local(Object.fromEntries(new URLSearchParams(body))),
  ])
  return [...payloads, ...forms]
}

/** Fisher and Yates with a fixed sequence, so that a failure can be repeated. */
function shuffled<T>(list: readonly T[], seed: number): T[] {
  const out = [...list]
  let state = seed
  for (let at = out.length - 1; at > 0; at--) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    const other = state % (at + 1)
    const here = out[at]!
    out[at] = out[other]!
    out[other] = here
  }
  return out
}

test.skipIf(data === undefined)(
  'every captured payload is handled or refused, three times in random order, and changes nothing',
  async () => {
    await using bench = await openBench({ slack: { timing: { ack: 300, eventRetry: 100_000 } } })
    const { slack, app } = bench
    const all = envelopes(slack.url)
    expect(all.length).toBeGreaterThan(60)
    for (const seed of [1, 2, 3]) {
      await Promise.all(shuffled(all, seed).map(([type, payload]) => slack.deliver(type, payload)))
    }
    expect(await app.runs({})).toEqual([])
    expect(app.calls).toEqual([])
    expect((await slack.command(ROSA, HOME, '/firebreak status')).ok).toBe(true)
    await told(slack, ROSA, 'No run yet')
  },
)

test('nonsense in every envelope leaves the bot alive', async () => {
  await using bench = await openBench()
  const { slack } = bench
  const nonsense: Record<string, unknown>[] = [
    {},
    { type: 'block_actions', actions: [] },
    {
      type: 'block_actions',
      user: { id: ROSA },
      team: null,
      trigger_id: 'x',
      actions: [{ action_id: 'firebreak.approve', value: '%' }],
    },
    {
      type: 'block_actions',
      user: { id: ROSA },
      team: { id: 'T0SANDBOX1' },
      trigger_id: 'y',
      actions: [{ action_id: 'firebreak.undo', value: 'x'.repeat(5000) }],
    },
    {
      type: 'view_submission',
      user: { id: ROSA },
      team: { id: 'T0SANDBOX1' },
      view: { id: 'V1', callback_id: 'firebreak.start', private_metadata: '{', state: { values: [] } },
    },
    {
      command: '/firebreak',
      text: 'x'.repeat(50_000),
      user_id: ROSA,
      team_id: 'T0SANDBOX1',
      channel_id: HOME,
      trigger_id: 'z',
    },
    { event: { type: 'app_mention' }, type: 'event_callback', team_id: 'T0SANDBOX1', event_id: 'Ev0' },
  ]
  const types = ['slash_commands', 'interactive'] as const
  await Promise.all(types.flatMap((type) => nonsense.map((payload) => slack.deliver(type, payload))))
  expect((await slack.command(ROSA, HOME, '/firebreak status')).ok).toBe(true)
  await told(slack, ROSA, 'No run yet')
})

test('every payload of a whole run, sent again three times in random order, changes nothing', async () => {
  await using bench = await openBench()
  const { slack, app } = bench
  await slack.command(ROSA, HOME, `/firebreak run leaked-aws-key accessKeyId=${KEY}`)
  await slack.waitFor(async () => (await app.runs({})).length === 1)
  app.ask('run-1', { count: 1 })
  const { ts } = await runMessageOf(slack, 'run-1', 'Needs approval')
  await slack.press(AMIR, { channel: HOME, ts, actionId: 'firebreak.approve' })
  await told(slack, AMIR, 'counts')
  const state = JSON.stringify((await app.run('run-1')).state)
  const calls = app.calls.length
  const replays = slack.crossings.flatMap(({ direction, kind, detail }): Envelope[] =>
    direction === 'to-app' && (kind === 'slash_commands' || kind === 'interactive')
      ? [[kind, detail['payload'] as Record<string, unknown>]]
      : [],
  )
  expect(replays).toHaveLength(2)
  for (const seed of [4, 5, 6]) {
    await Promise.all(shuffled(replays, seed).map(([type, payload]) => slack.deliver(type, payload)))
  }
  expect(JSON.stringify((await app.run('run-1')).state)).toBe(state)
  expect(app.calls).toHaveLength(calls)
})
