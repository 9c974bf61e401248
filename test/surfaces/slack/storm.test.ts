import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import { checkBlocks } from '../../../src/sandbox/slack/blocks/blocks.ts'
import { startSlack, type SlackSandbox } from '../../../src/sandbox/slack/server.ts'
import { playbook, startBot } from '../../support/bot.ts'
import { alertBodies, stormConfig } from '../../support/storm.ts'
import { createToy, toyActions } from '../../support/toy.ts'
import { AMIR, HOME, openBench, openSurface, ROSA, told } from './bench.ts'
import { createFakeApp, type FakeApp } from './fake-app.ts'

// A route that starts many runs in a short time is one thread.

const account = { via: 'alert', source: 'alertmanager' } as const

function begin(app: FakeApp, run: string, { route = 'leaks', time = new Date().toISOString() } = {}): string {
  app.emit({ run, actor: { kind: 'account', account }, time }, 'run.requested', {
    mode: 'run',
    playbook: { name: 'leaked-aws-key', title: 'Contain a leaked AWS access key', digest: 'd', text: '' },
    because: 'leak',
    inputs: {},
    config: 'x',
    contracts: {},
    alert: `fingerprint of ${run}`,
    route,
  })
  app.emit(run, 'run.planned', { plan: app.plan })
  return run
}

function storm(app: FakeApp, count: number, route = 'leaks'): string[] {
  return Array.from({ length: count }, (_, at) => begin(app, `${route}-${at + 1}`, { route }))
}

function hold(app: FakeApp, run: string, key: string): void {
  app.emit({ run, step: 'disable' }, 'step.held', { by: 'count', key, why: `${key} has 5 of 5 within 1h` })
}

function topLevel(slack: SlackSandbox) {
  return slack.messages(HOME).filter(({ threadTs, ts }) => threadTs === undefined || threadTs === ts)
}

/** The runs whose own message is in the channel, and in the thread of a message. */
function mains(messages: ReturnType<SlackSandbox['messages']>): string[] {
  return messages.flatMap(({ metadata }) => {
    const { run, key } = (metadata?.['event_payload'] ?? {}) as { run?: string; key?: string }
    return key?.startsWith('main') === true && run !== undefined ? [run] : []
  })
}

async function head(slack: SlackSandbox, words: string) {
  return await slack.waitFor(() => topLevel(slack).find(({ text }) => text.includes(words)))
}

async function whole(slack: SlackSandbox, count: number) {
  const top = await head(slack, `started ${count} runs`)
  return await slack.waitFor(() => {
    const replies = mains(slack.thread(HOME, top.ts))
    return replies.length === count - 3 ? { top, replies } : undefined
  }, 20_000)
}

test('the first three runs of a route have messages of their own, the others are replies to the first', async () => {
  await using bench = await openBench()
  const { slack, app } = bench
  storm(app, 7)
  begin(app, 'calm-1', { route: 'calm' })
  const { top, replies } = await whole(slack, 7)
  expect(replies.toSorted()).toEqual(['leaks-4', 'leaks-5', 'leaks-6', 'leaks-7'])
  await slack.waitFor(() => mains(topLevel(slack)).length === 4)
  expect(mains(topLevel(slack)).toSorted()).toEqual(['calm-1', 'leaks-1', 'leaks-2', 'leaks-3'])
  expect(mains([top])).toEqual(['leaks-1'])
})

test('what begins apart is no storm; what goes on for long stays in the thread in which it began', async () => {
  await using bench = await openBench()
  const { slack, app } = bench
  const from = Date.now() - 5 * 3_600_000
  const at = (minute: number) =>
    begin(app, `at-${minute}`, { route: 'slow', time: new Date(from + minute * 60_000).toISOString() })
  // One every four minutes: the fourth would be too many within ten, if the first were not more than that ago.
  for (const minute of [0, 4, 8, 12, 16]) at(minute)
  await slack.waitFor(() => mains(topLevel(slack)).length === 5)
  for (const minute of [17, 18, 25, 26, 27, 34, 35]) at(minute)
  const top = await head(slack, 'The route `slow` has started 10 runs')
  await slack.waitFor(() => mains(slack.thread(HOME, top.ts)).length === 7)
  expect(mains([top])).toEqual(['at-8'])
  // After a pause it is a run like any other.
  at(50)
  await slack.waitFor(() => mains(topLevel(slack)).includes('at-50'))
  expect(mains(topLevel(slack)).toSorted()).toEqual(['at-0', 'at-12', 'at-16', 'at-4', 'at-50', 'at-8'])
})

test('the top message says in words how many runs act, wait and for what, are done, have failed, and ask', async () => {
  await using bench = await openBench()
  const { slack, app } = bench
  const runs = storm(app, 10)
  for (const run of runs.slice(1, 5)) hold(app, run, 'budget/gpu-hour/leaks')
  hold(app, runs[5] ?? '', 'window/friday')
  app.emit(runs[6] ?? '', 'run.succeeded', {})
  app.emit(runs[7] ?? '', 'run.failed', { code: 'x.y', message: 'gone', remedy: 'Look' })
  app.ask(runs[8] ?? '')
  const top = await head(slack, '1 asks for approval')
  await slack.waitFor(() => top.text.includes('1 has failed'))
  expect(top.text).toMatch(
    /^🌩️ The route `leaks` has started 10 runs since \d\d:\d\d UTC: 1 asks for approval, 2 act, 5 wait, 4 of them for room in the budget `gpu-hour` \(leaks\), 1 is done, 1 has failed\. ▶️ Running/,
  )
  expect(JSON.stringify(top.blocks)).toContain('Waiting for people in the thread: `leaks-9`')
  const failed = await head(slack, 'has failed, in <')
  expect(failed.text).toContain('1 run of the route `leaks`')
})

test('a reply that needs an approval has its buttons in the thread, and people are called once for all of them', async () => {
  await using bench = await openBench()
  const { slack, app } = bench
  const runs = storm(app, 8)
  await whole(slack, 8)
  for (const run of runs.slice(4)) app.ask(run)
  const call = await head(slack, '4 runs of the route')
  expect(call.text).toContain(`<@${AMIR}>`)
  expect(topLevel(slack).filter(({ text }) => text.includes('wait for people'))).toHaveLength(1)
  const reply = await slack.waitFor(() =>
    slack
      .messages(HOME)
      .find(
        ({ text, threadTs }) => threadTs !== undefined && text.includes('`leaks-6`') && text.startsWith('✋'),
      ),
  )
  for (const id of ['approve', 'reject', 'break-glass'])
    expect(JSON.stringify(reply.blocks)).toContain(`firebreak.${id}`)
  for (const run of runs.slice(4)) {
    const at = await slack.waitFor(() =>
      slack
        .messages(HOME)
        .find(
          ({ text, threadTs }) =>
            threadTs !== undefined && text.includes(`\`${run}\``) && text.startsWith('✋'),
        ),
    )
    await slack.press(AMIR, { channel: HOME, ts: at.ts, actionId: 'firebreak.approve' })
  }
  await told(slack, AMIR, 'counts')
  for (const run of runs.slice(4)) await satisfy(app, run)
  await slack.waitFor(() => call.text.includes('waits for people in the thread any more'))
  // Asked anew, they are called anew.
  app.ask(runs[7] ?? '')
  await head(slack, '1 run of the route')
})

async function satisfy(app: FakeApp, run: string): Promise<void> {
  const request = (await app.run(run)).state.approvals[0]?.request ?? ''
  app.emit(run, 'approval.satisfied', { request })
}

test('after a restart the storm goes on where it was, and what happened meanwhile is counted', async () => {
  const slack = await startSlack()
  const app = createFakeApp()
  const first = await openSurface({ slack, app })
  const runs = storm(app, 6)
  const { top } = await whole(slack, 6)
  await first.close()
  for (const run of runs.slice(3, 5)) app.emit(run, 'run.succeeded', {})
  runs.push(begin(app, 'leaks-7'))
  const second = await openSurface({ slack, app })
  await slack.waitFor(() => top.text.includes('started 7 runs') && top.text.includes('2 are done'))
  begin(app, 'leaks-8')
  await slack.waitFor(() => mains(slack.thread(HOME, top.ts)).includes('leaks-8'))
  expect(mains(topLevel(slack))).toEqual(['leaks-1', 'leaks-2', 'leaks-3'])
  expect(mains(slack.thread(HOME, top.ts)).toSorted()).toEqual([
    'leaks-4',
    'leaks-5',
    'leaks-6',
    'leaks-7',
    'leaks-8',
  ])
  await second.close()
  await slack.close()
})

test('another process that takes over after a crash shows each run once', async () => {
  const slack = await startSlack()
  const app = createFakeApp()
  const first = await openSurface({ slack, app })
  storm(app, 12)
  await slack.waitFor(() => mains(slack.messages(HOME)).length > 5)
  // It is gone in the middle of its posts; what it kept is what the other one has.
  await first.close()
  const second = await openSurface({ slack, app })
  const { replies } = await whole(slack, 12)
  expect(new Set(replies).size).toBe(replies.length)
  expect(mains(topLevel(slack))).toEqual(['leaks-1', 'leaks-2', 'leaks-3'])
  await second.close()
  await slack.close()
})

test('the first run is over and shown as that; a storm later still stands on its message, until all of it is over', async () => {
  await using bench = await openBench()
  const { slack, app } = bench
  const runs = storm(app, 3)
  for (const run of runs) app.emit(run, 'run.succeeded', {})
  await slack.waitFor(() => runs.every((run) => app.memoMap.get(`slack:run:${run}`)?.includes('"done":true')))
  for (const run of [begin(app, 'leaks-4'), begin(app, 'leaks-5')]) runs.push(run)
  const top = await head(slack, 'started 5 runs')
  await slack.waitFor(() => top.text.includes('2 act, 3 are done'))
  await slack.waitFor(() => app.memoMap.get('slack:run:leaks-1')?.includes('"done":false'))
  for (const run of runs.slice(3)) app.emit(run, 'run.succeeded', {})
  await slack.waitFor(() => top.text.includes('5 are done'))
  await slack.waitFor(() => app.memoMap.get('slack:run:leaks-1')?.includes('"done":true'))
})

/** Somebody deletes a message of the bot. */
async function remove(slack: SlackSandbox, ts: string): Promise<void> {
  const response = await fetch(`${slack.apiUrl}chat.delete`, {
    method: 'POST',
    headers: { authorization: `Bearer ${slack.botToken}` },
    body: new URLSearchParams({ channel: HOME, ts }),
  })
  expect(await response.json()).toMatchObject({ ok: true })
}

test('when the top message is gone, it is posted anew, and later runs are replies to that', async () => {
  await using bench = await openBench({ pace: { stormEdit: 3000 } })
  const { slack, app } = bench
  storm(app, 4)
  const { top } = await whole(slack, 4)
  // With its replies, or Slack would keep a stone in its place, and the thread with it.
  for (const { ts } of [...slack.thread(HOME, top.ts), top]) await remove(slack, ts)
  begin(app, 'leaks-5')
  const again = await slack.waitFor(() =>
    topLevel(slack).find(({ ts, text }) => ts !== top.ts && text.includes('started 5 runs')),
  )
  await slack.waitFor(() => mains(slack.thread(HOME, again.ts)).includes('leaks-5'))
  expect(mains(topLevel(slack))).not.toContain('leaks-5')
})

test('a freeze stands on the top message of a storm, and on no reply of it', async () => {
  await using bench = await openBench()
  const { slack, app } = bench
  storm(app, 6)
  const { top } = await whole(slack, 6)
  await slack.command(ROSA, HOME, '/firebreak freeze wrong keys')
  await slack.waitFor(() => top.text.includes('6 wait for Firebreak to be thawed'))
  await slack.waitFor(() => topLevel(slack).every(({ text }) => text.includes('frozen')))
  expect(slack.thread(HOME, top.ts).filter(({ text }) => text.includes('frozen'))).toEqual([])
})

test(
  'of two hundred runs at once the top message keeps its pace and Slack takes every message',
  { timeout: 60_000 },
  async () => {
    await using bench = await openBench({ pace: { stormEdit: 500, stormReply: 0 } })
    const { slack, app } = bench
    const runs = storm(app, 200)
    const started = performance.now()
    for (const run of runs.slice(10, 150)) hold(app, run, 'budget/gpu-hour')
    for (const run of runs.slice(150, 180)) app.ask(run)
    for (const run of runs.slice(180)) app.emit(run, 'run.succeeded', {})
    const { top } = await whole(slack, 200)
    await slack.waitFor(
      () => top.text.includes('30 ask for approval') && top.text.includes('20 are done'),
      20_000,
    )
    expect(mains(topLevel(slack))).toHaveLength(3)
    // Each reply is posted as it is by then, and not once for every fact of its run.
    expect(slack.calls.filter(({ method }) => method === 'chat.postMessage').length).toBeLessThan(220)
    const edits = slack.calls.filter(({ method, args }) => method === 'chat.update' && args['ts'] === top.ts)
    expect(edits.length).toBeLessThanOrEqual(2 + (performance.now() - started) / 500)
    for (const { text, blocks = [] } of slack.messages(HOME)) {
      expect(checkBlocks(blocks, 'message')).toEqual([])
      expect(blocks.length).toBeLessThanOrEqual(50)
      expect(Buffer.byteLength(JSON.stringify(blocks))).toBeLessThan(12_000)
      expect(text.length).toBeLessThanOrEqual(4000)
    }
  },
)

test('alerts that the bot takes: the budget holds them back, and the thread says so', async () => {
  const things = Array.from({ length: 12 }, (_, at) => `lamp-${at}`)
  const toy = createToy(Object.fromEntries(things.map((thing) => [thing, 'on'])))
  const input = { thing: { type: 'string', description: 'A lamp' } }
  const steps = { off: { action: 'toy.set', with: { lamp: '${{ inputs.thing }}', value: 'off' } } }
  const bot = await startBot({
    actions: toyActions(toy),
    playbooks: [playbook('lamp-off', steps, { inputs: input })],
    config: stormConfig('lamp-off', [{ name: 'hour', limit: 4, per: '1h' }]),
  })
  const slack = await startSlack()
  const surface = await openSurface({ slack, app: bot.firebreak })
  for (const body of alertBodies(12, 12)) await bot.firebreak.alert('alertmanager', body)
  const top = await head(slack, '8 wait for room in the budget `hour`, 4 are done')
  expect(top.text).toContain('The route `lamps` has started 12 runs')
  await slack.waitFor(() => mains(slack.thread(HOME, top.ts)).length === 9)
  expect(mains(topLevel(slack))).toHaveLength(3)
  await surface.close()
  await bot.close()
  await slack.close()
})
