import { expect, test } from 'vitest'
import { demoWorkspace, startSlack } from '../../../src/sandbox/slack/server.ts'
import type { SlackSandbox } from '../../../src/sandbox/slack/server.ts'
import { AMIR, GENERAL, HOME, KEY, openBench, openSurface, ROSA, runMessageOf } from './bench.ts'
import { createFakeApp } from './fake-app.ts'
import type { FakeApp } from './fake-app.ts'

const alert = { via: 'alert', source: 'alertmanager' } as const

/** A run nobody in Slack asked for. */
function alertRun(app: FakeApp, run = 'run-a'): string {
  requestRun(app, run)
  app.emit(run, 'run.planned', { plan: app.plan })
  return run
}

function requestRun(app: FakeApp, run: string): void {
  app.emit({ run, actor: { kind: 'account', account: alert } }, 'run.requested', {
    mode: 'run',
    playbook: { name: 'leaked-aws-key', title: 'Contain a leaked AWS access key', digest: 'd', text: '' },
    because: 'leak',
    inputs: {},
    config: 'x',
    contracts: {},
    alert: 'fingerprint-1',
  })
}

function topLevel(slack: SlackSandbox, channel = HOME) {
  return slack.messages(channel).filter(({ threadTs, ts }) => threadTs === undefined || threadTs === ts)
}

function callsOf(slack: SlackSandbox, method: string) {
  return slack.calls.filter((call) => call.method === method)
}

test('a run that an alert started is shown in the configured channel, one message, edited to its end', async () => {
  await using bench = await openBench()
  const { slack, app } = bench
  const run = alertRun(app)
  await runMessageOf(slack, run, 'Running')
  app.emit(run, 'run.succeeded', {})
  const message = await runMessageOf(slack, run, 'Succeeded')
  await slack.waitFor(() => slack.thread(HOME, message.ts).find(({ text }) => text.includes('Succeeded')))
  expect(topLevel(slack)).toHaveLength(1)
  expect(message.metadata).toMatchObject({ event_type: 'firebreak_run', event_payload: { run, key: 'main' } })
})

test('when the answer to a post is lost, the message is found and not posted again', async () => {
  await using bench = await openBench()
  const { slack, app } = bench
  slack.faults.plan('chat.postMessage', { kind: 'lose-response' }, 2)
  const run = alertRun(app)
  app.emit(run, 'run.succeeded', {})
  const message = await runMessageOf(slack, run, 'Succeeded')
  await slack.waitFor(() => slack.thread(HOME, message.ts).find(({ text }) => text.includes('Succeeded')))
  expect(topLevel(slack)).toHaveLength(1)
  expect(slack.thread(HOME, message.ts).filter(({ text }) => text.includes('in full'))).toHaveLength(1)
})

test('killed between post and saving where it is: the restarted bot finds the message and goes on with it', async () => {
  const slack = await startSlack()
  const app = createFakeApp()
  const first = await openSurface({ slack, app })
  const run = alertRun(app)
  const message = await runMessageOf(slack, run, 'Running')
  await first.close()
  const record = JSON.parse(app.memoMap.get(`slack:run:${run}`) ?? '{}') as {
    messages: { main: { ts?: string } }
  }
  delete record.messages.main.ts
  app.memoMap.set(`slack:run:${run}`, JSON.stringify(record))
  app.emit(run, 'run.cancelled', { reason: 'while nobody looked' })
  const second = await openSurface({ slack, app })
  await slack.waitFor(() => message.text.includes('Cancelled'))
  await second.close()
  expect(topLevel(slack)).toHaveLength(1)
  await slack.close()
})

test('a restart shows open runs anew and leaves finished ones alone', async () => {
  const slack = await startSlack()
  const app = createFakeApp()
  const first = await openSurface({ slack, app })
  alertRun(app, 'run-open')
  alertRun(app, 'run-over')
  app.emit('run-over', 'run.succeeded', {})
  await runMessageOf(slack, 'run-open', 'Running')
  await runMessageOf(slack, 'run-over', 'Succeeded')
  await slack.waitFor(() => app.memoMap.get('slack:run:run-over')?.includes('"done":true'))
  await first.close()
  const edits = callsOf(slack, 'chat.update').length
  const second = await openSurface({ slack, app })
  await slack.waitFor(() => callsOf(slack, 'chat.update').length > edits)
  app.emit('run-open', 'run.succeeded', {})
  await runMessageOf(slack, 'run-open', 'Succeeded')
  await second.close()
  const touched = callsOf(slack, 'chat.update').slice(edits)
  expect(touched.every(({ args }) => !JSON.stringify(args).includes('run-over'))).toBe(true)
  expect(topLevel(slack)).toHaveLength(2)
  await slack.close()
})

test('a storm of facts is a few edits, and the last state is shown', async () => {
  await using bench = await openBench()
  const { slack, app } = bench
  const run = alertRun(app)
  await runMessageOf(slack, run, 'Running')
  const before = callsOf(slack, 'chat.update').length
  for (let at = 0; at < 200; at++) {
    app.emit({ run, step: `s${at}` }, 'step.skipped', { reason: `reason ${at}` })
  }
  app.emit(run, 'run.succeeded', {})
  await runMessageOf(slack, run, 'Succeeded')
  expect(callsOf(slack, 'chat.update').length - before).toBeLessThan(10)
})

test('edits of one message keep their distance', async () => {
  await using bench = await openBench({ pace: { edit: 400 } })
  const { slack, app } = bench
  const run = alertRun(app)
  const { ts } = await runMessageOf(slack, run, 'Running')
  const started = performance.now()
  for (let at = 1; at <= 20; at++) {
    app.emit({ run, step: `s${at}` }, 'step.skipped', { reason: 'x' })
    await slack.waitFor(() => performance.now() > started + at * 15)
  }
  expect(callsOf(slack, 'chat.update').filter(({ args }) => args['ts'] === ts).length).toBeLessThanOrEqual(2)
  app.emit(run, 'run.succeeded', {})
  await runMessageOf(slack, run, 'Succeeded')
})

test('a limit on edits holds back every edit, and no post', async () => {
  await using bench = await openBench()
  const { slack, app } = bench
  const run = alertRun(app)
  await runMessageOf(slack, run, 'Running')
  slack.faults.plan('chat.update', { kind: 'rate-limit', retryAfter: 1 }, 2)
  app.ask(run)
  await slack.waitFor(() => topLevel(slack).find(({ text }) => text.includes('Approval needed')), 900)
  await slack.waitFor(() => callsOf(slack, 'chat.update').some(({ ok }) => !ok), 900)
  const other = alertRun(app, 'run-b')
  app.emit({ run: other, step: 'disable' }, 'step.skipped', { reason: 'x' })
  app.emit({ run, step: 'disable' }, 'step.skipped', { reason: 'x' })
  await slack.waitFor(() => slack.messages(HOME).filter(({ text }) => text.includes('🧾')).length === 2, 900)
  expect(callsOf(slack, 'chat.update').filter(({ ok }) => !ok).length).toBe(1)
})

test('a message that was deleted, or may be edited no longer, is posted anew once, with a link', async () => {
  await using bench = await openBench()
  const { slack, app } = bench
  const run = alertRun(app)
  const { ts } = await runMessageOf(slack, run, 'Running')
  slack.faults.plan('chat.update', { kind: 'error', error: 'edit_window_closed' })
  app.emit(run, 'run.cancel-requested', { reason: 'x' })
  app.ask(run)
  const again = await slack.waitFor(() =>
    topLevel(slack).find(
      (message) =>
        message.ts !== ts &&
        message.metadata?.['event_payload'] !== undefined &&
        message.text.startsWith('✋ Needs approval'),
    ),
  )
  expect(JSON.stringify(again.blocks)).toMatch(/Continues <http[^|]+\|an earlier message>/)
  app.emit(run, 'run.succeeded', {})
  await slack.waitFor(() => again.text.includes('Succeeded'))
})

test('a channel that takes no messages is replaced by the configured one', async () => {
  const workspace = demoWorkspace()
  await using bench = await openBench({ slack: { workspace } })
  const { slack } = bench
  slack.faults.plan('chat.postMessage', { kind: 'error', error: 'is_archived' })
  await slack.command(ROSA, GENERAL, `/firebreak plan leaked-aws-key accessKeyId=${KEY}`)
  await runMessageOf(slack, 'run-1', 'Dry run')
  expect(topLevel(slack, GENERAL)).toEqual([])
})

test('blocks that Slack refuses still leave the sentence', async () => {
  await using bench = await openBench()
  const { slack, app } = bench
  slack.faults.plan('chat.postMessage', { kind: 'error', error: 'msg_blocks_too_long' })
  const message = await (alertRun(app), runMessageOf(slack, 'run-a', 'Running'))
  expect(message.blocks).toHaveLength(1)
})

/** Somebody deletes a message of the bot. */
async function removeMessage(slack: SlackSandbox, ts: string): Promise<void> {
  const response = await fetch(`${slack.apiUrl}chat.delete`, {
    method: 'POST',
    headers: { authorization: `Bearer ${slack.botToken}` },
    body: new URLSearchParams({ channel: HOME, ts }),
  })
  expect(await response.json()).toMatchObject({ ok: true })
}

test.each(['edited', 'not edited'])(
  'when the run message is gone and %s, the run is shown anew with its thread',
  async (how) => {
    await using bench = await openBench()
    const { slack, app } = bench
    requestRun(app, 'run-a')
    const first = await runMessageOf(slack, 'run-a', 'Planning')
    await removeMessage(slack, first.ts)
    // Without an edit nobody notices before Slack puts the first reply, in silence, at top level.
    if (how === 'not edited') slack.faults.plan('chat.update', { kind: 'rate-limit', retryAfter: 1 })
    app.emit('run-a', 'run.planned', { plan: app.plan })
    const second = await slack.waitFor(() => topLevel(slack).find(({ text }) => text.includes('Running')))
    await slack.waitFor(() => slack.thread(HOME, second.ts).some(({ text }) => text.includes('in full')))
    expect(topLevel(slack)).toHaveLength(1)
  },
)

test('notices go out once each, by name or id, and are settled with the app', async () => {
  await using bench = await openBench()
  const { slack, app } = bench
  slack.faults.plan('chat.postMessage', { kind: 'lose-response' })
  app.notices.push(
    { id: 'n1', run: 'r', step: 'page', channel: 'incidents', text: '<!channel> key *leaked*\nsecond line' },
    { id: 'n2', run: 'r', step: 'page', channel: '#no-such-channel', text: 'x' },
    { id: 'n3', run: 'r', step: 'page', channel: GENERAL, text: 'y'.repeat(30_000) },
  )
  app.emit({}, 'freeze.lifted', { reason: 'x' })
  await slack.waitFor(() => app.calls.length === 3)
  expect(app.calls).toMatchObject([
    { name: 'failed', detail: { id: 'n2', why: 'channel_not_found' } },
    { name: 'delivered', detail: { id: 'n3', receipt: expect.stringContaining(GENERAL) } },
    { name: 'delivered', detail: { id: 'n1', receipt: expect.stringContaining(HOME) } },
  ])
  const posted = topLevel(slack).filter(({ text }) => text.includes('leaked'))
  expect(posted).toHaveLength(1)
  expect(posted[0]?.text).not.toContain('<!channel>')
})

test('a channel for checkpoints gives back what was posted to it by us, newest first, page by page', async () => {
  await using bench = await openBench()
  const { slack, surface } = bench
  const { signal } = new AbortController()
  const texts = Array.from(
    { length: 205 },
    (_, i) => `Checkpoint ${i}\n\`\`\`${'QUJD'.repeat(100)}${i}\`\`\``,
  )
  for (const text of texts) {
    // oxlint-disable-next-line no-await-in-loop -- in this order
    await surface.anchors.post('firebreak-audit', text, signal)
  }
  slack.say(ROSA, 'firebreak-audit', 'Checkpoint of somebody else')
  expect(await surface.anchors.history('firebreak-audit', 2, signal)).toEqual(texts.slice(-2).toReversed())
  expect(await surface.anchors.history('firebreak-audit', Infinity, signal)).toEqual(texts.toReversed())
  await expect(surface.anchors.post('no-such-channel', 'x', signal)).rejects.toMatchObject({
    code: 'audit.no-anchor',
    message: expect.stringContaining('channel_not_found'),
  })
})

test('the requester is called when a run fails, and nobody when it succeeds', async () => {
  await using bench = await openBench()
  const { slack, app } = bench
  await slack.command(AMIR, HOME, `/firebreak run leaked-aws-key accessKeyId=${KEY}`)
  await runMessageOf(slack, 'run-1', 'Running')
  app.emit('run-1', 'run.failed', { code: 'aws.denied', message: 'denied', remedy: 'Grant it' })
  const alarm = await slack.waitFor(() => topLevel(slack).find(({ text }) => text.includes(`<@${AMIR}>`)))
  expect(alarm.text).toContain('Grant it')
})
