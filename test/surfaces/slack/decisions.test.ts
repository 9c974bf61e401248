import { expect, test } from 'vitest'
import type { Bench } from './bench.ts'
import { AMIR, CHEN, EVE, GUS, HOME, KEY, openBench, ROSA, runMessageOf, told } from './bench.ts'

/** A run of Rosa's that waits for approvers; where its message is, and the request. */
async function waitingRun({ slack, app }: Bench, count = 1): Promise<{ ts: string; request: string }> {
  await slack.command(ROSA, HOME, `/firebreak run leaked-aws-key accessKeyId=${KEY}`)
  await slack.waitFor(async () => (await app.runs({})).length === 1)
  const request = app.ask('run-1', { count })
  const { ts } = await runMessageOf(slack, 'run-1', 'Needs approval')
  return { ts, request }
}

function press({ slack }: Bench, user: string, [ts, what = 'approve']: [ts: string, what?: string]) {
  return slack.press(user, { channel: HOME, ts, actionId: `firebreak.${what}` })
}

function decisions({ app }: Bench) {
  return app.calls.filter(({ name }) => name === 'decide').map(({ detail }) => detail)
}

test('an approval carries the request and the whole digest that the message showed', async () => {
  await using bench = await openBench()
  const { ts, request } = await waitingRun(bench)
  await press(bench, AMIR, [ts])
  expect(await told(bench.slack, AMIR, 'counts')).toContain('Nothing is missing')
  expect(decisions(bench)).toEqual([
    {
      run: 'run-1',
      request,
      digest: bench.app.plan.digest,
      decision: 'approve',
      by: { via: 'slack', team: 'T0SANDBOX1', user: AMIR, standing: 'member' },
      evidence: { kind: 'slack', team: 'T0SANDBOX1', user: AMIR },
    },
  ])
})

test('two approvers are two people, and each sees what is missing', async () => {
  await using bench = await openBench()
  const { ts } = await waitingRun(bench, 2)
  await press(bench, AMIR, [ts])
  expect(await told(bench.slack, AMIR, 'counts')).toContain('1 of 2 approvers')
  const message = await runMessageOf(bench.slack, 'run-1', 'missing 1 of 2')
  await bench.slack.waitFor(() => JSON.stringify(message.blocks).includes('approved by *amir*'))
  await press(bench, CHEN, [ts])
  expect(await told(bench.slack, CHEN, 'counts')).toContain('Nothing is missing')
})

test('a requester, a guest and somebody of another organisation are refused to their face; the run waits on', async () => {
  await using bench = await openBench()
  const { ts } = await waitingRun(bench)
  for (const [user, code] of [
    [ROSA, 'approval.own-request'],
    [GUS, 'authority.bad-standing'],
    [EVE, 'authority.bad-standing'],
  ] as const) {
    await press(bench, user, [ts])
    expect(await told(bench.slack, user, 'To do:')).toContain(code)
  }
  expect(decisions(bench)).toMatchObject([
    { by: { standing: 'member' } },
    { by: { standing: 'guest' } },
    { by: { standing: 'external', team: 'T0VENDOR99' } },
  ])
  expect((await bench.app.run('run-1')).state.status).toBe('awaiting-approval')
})

test('a rejection ends the run, and the ask loses its buttons', async () => {
  await using bench = await openBench()
  const { ts } = await waitingRun(bench)
  await press(bench, AMIR, [ts, 'reject'])
  await told(bench.slack, AMIR, 'Rejected')
  await runMessageOf(bench.slack, 'run-1', 'Rejected')
  const ask = await bench.slack.waitFor(() =>
    bench.slack.messages(HOME).find(({ text }) => text.includes('No longer waiting')),
  )
  expect(JSON.stringify(ask.blocks)).not.toContain('button')
})

test('a click on an outdated message is refused, because its request is old', async () => {
  await using bench = await openBench()
  const { slack, app } = bench
  const { ts, request } = await waitingRun(bench)
  slack.faults.plan('chat.update', { kind: 'rate-limit', retryAfter: 30 }, 50)
  app.emit('run-1', 'approval.voided', { request, steps: ['disable'], why: 'the target changed' })
  app.ask('run-1', { digest: `sha256:${'f'.repeat(64)}`, because: 'the target changed' })
  await press(bench, AMIR, [ts])
  expect(await told(slack, AMIR, 'To do:')).toContain('approval.not-open')
  expect(decisions(bench)).toMatchObject([{ request }])
  // The new ask is a new post, so the limit on edits does not hold it back.
  const ask = await slack.waitFor(() =>
    slack.messages(HOME).find(({ text }) => text.includes('Approval needed') && text.includes('<@U0AMIR')),
  )
  expect(ask.ts).not.toBe(ts)
})

test('a button that shows another digest than its request had is refused by the app', async () => {
  await using bench = await openBench()
  const { ts, request } = await waitingRun(bench)
  await press(bench, CHEN, [ts, 'details'])
  const detail = bench.slack.crossings.findLast(({ kind }) => kind === 'interactive')?.detail
  const body = structuredClone((detail as { payload: Record<string, unknown> }).payload)
  const forged = {
    ...body,
    trigger_id: 'forged',
    actions: [{ action_id: 'firebreak.approve', value: `run-1|${request}|ffffffffffff` }],
  }
  await bench.slack.deliver('interactive', { ...forged, type: 'block_actions' })
  expect(await told(bench.slack, CHEN, 'To do:')).toContain('approval.other-plan')
})

test('a typed approval shows the plan first; with its digest it counts at once', async () => {
  await using bench = await openBench()
  await waitingRun(bench)
  await bench.slack.command(AMIR, HOME, '/firebreak approve run-1')
  await told(bench.slack, AMIR, 'Needs approval')
  expect(decisions(bench)).toEqual([])
  const card = bench.slack.ephemerals(AMIR).at(-1)
  await press(bench, AMIR, [card?.ts ?? ''])
  await told(bench.slack, AMIR, 'counts')
  expect(decisions(bench)).toHaveLength(1)
})

test('a typed approval with the digest counts at once', async () => {
  await using bench = await openBench()
  await waitingRun(bench)
  await bench.slack.command(AMIR, HOME, '/firebreak approve run-1 0123456789ab')
  await told(bench.slack, AMIR, 'counts')
  expect(decisions(bench)).toMatchObject([{ digest: bench.app.plan.digest, decision: 'approve' }])
})

test('the same click three times, newest first, is one decision', async () => {
  await using bench = await openBench()
  const { ts } = await waitingRun(bench)
  bench.slack.faults.deliveries = 3
  bench.slack.faults.hold()
  const pressed = press(bench, AMIR, [ts])
  bench.slack.faults.release('reversed')
  await pressed
  await told(bench.slack, AMIR, 'counts')
  expect(decisions(bench)).toHaveLength(1)
})

test('undo, cancel and details do what they say', async () => {
  await using bench = await openBench()
  const { slack, app } = bench
  const { ts } = await waitingRun(bench)
  await press(bench, CHEN, [ts, 'details'])
  const view = await slack.waitFor(() =>
    slack.views(CHEN).find(({ body }) => JSON.stringify(body).includes('in full')),
  )
  expect(JSON.stringify(view.body)).toContain('Find the owner')
  await press(bench, ROSA, [ts, 'cancel'])
  await runMessageOf(slack, 'run-1', 'Cancelled')
  expect(app.calls.at(-1)).toMatchObject({ name: 'cancel', detail: { run: 'run-1' } })
})
