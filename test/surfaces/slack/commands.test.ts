import { expect, test } from 'vitest'
import { AMIR, GENERAL, GUS, HOME, KEY, openBench, ROSA, runMessageOf, told } from './bench.ts'

const start = `accessKeyId=${KEY}`

test('a dry run is typed, acknowledged, started once, and shown where it was asked', async () => {
  await using bench = await openBench()
  const { slack, app } = bench
  expect(
    await slack.command(ROSA, GENERAL, `/firebreak plan leaked-aws-key ${start} reason="key in a gist"`),
  ).toMatchObject({ ok: true })
  expect(await told(slack, ROSA, 'has started')).toContain('Dry run `run-1`')
  const message = await slack.waitFor(() =>
    slack.messages(GENERAL).find(({ text }) => text.includes('Dry run, nothing changed')),
  )
  expect(JSON.stringify(message.blocks)).toContain('`Active` → `Inactive`')
  await slack.waitFor(() => slack.thread(GENERAL, message.ts).find(({ text }) => text.includes('in full')))
  expect(slack.messages(HOME)).toEqual([])
  expect(app.calls).toEqual([
    {
      name: 'start',
      detail: {
        playbook: 'leaked-aws-key',
        inputs: { accessKeyId: KEY },
        mode: 'dry-run',
        reason: 'key in a gist',
        by: { via: 'slack', team: 'T0SANDBOX1', user: ROSA, standing: 'member' },
      },
    },
  ])
})

test('the button of a dry run starts the same as a real run, for whoever presses it', async () => {
  await using bench = await openBench()
  const { slack, app } = bench
  await slack.command(ROSA, HOME, `/firebreak plan leaked-aws-key ${start}`)
  const { ts } = await runMessageOf(slack, 'run-1', 'Dry run')
  await slack.press(AMIR, { channel: HOME, ts, actionId: 'firebreak.run-this' })
  await runMessageOf(slack, 'run-2', 'asked by amir')
  expect((await app.run('run-2')).state).toMatchObject({
    mode: 'run',
    requested: { inputs: { accessKeyId: KEY } },
  })
})

test('every word that acts on a run reaches the app, with its reason', async () => {
  await using bench = await openBench()
  const { slack, app } = bench
  for (let n = 1; n <= 3; n++) await slack.command(ROSA, HOME, `/firebreak run leaked-aws-key ${start}`)
  await slack.waitFor(async () => (await app.runs({})).length === 3)
  const request = app.ask('run-1')
  await slack.command(AMIR, HOME, '/firebreak reject run-1 not at noon')
  await told(slack, AMIR, 'Rejected')
  await slack.command(ROSA, HOME, '/firebreak cancel run-2 wrong key')
  await told(slack, ROSA, 'being cancelled')
  await slack.command(ROSA, HOME, '/firebreak resume run-3 the probe is mended')
  expect(await told(slack, ROSA, 'looked at again')).toContain('firebreak runs resume run-3 --applied')
  await slack.command(ROSA, HOME, '/firebreak undo run-3')
  await told(slack, ROSA, '`run-4`')
  await slack.command(ROSA, HOME, '/firebreak freeze deploy in progress')
  await told(slack, ROSA, 'Frozen')
  expect((await app.frozen())?.reason).toBe('deploy in progress')
  await runMessageOf(slack, 'run-3', 'Firebreak is frozen')
  await slack.command(ROSA, HOME, '/firebreak thaw done')
  expect(await told(slack, ROSA, 'frozen still')).toContain('1 more person must say so within 30m')
  await slack.command(AMIR, HOME, '/firebreak thaw done too')
  await told(slack, AMIR, 'Thawed')
  expect(await app.frozen()).toBeUndefined()
  expect(app.calls.filter(({ name }) => name !== 'start')).toMatchObject([
    { name: 'decide', detail: { run: 'run-1', request, decision: 'reject', reason: 'not at noon' } },
    { name: 'cancel', detail: { run: 'run-2', reason: 'wrong key' } },
    { name: 'resume', detail: { run: 'run-3', reason: 'the probe is mended', answers: {} } },
    { name: 'undo', detail: { run: 'run-3' } },
    { name: 'thaw', detail: { reason: 'done' } },
    { name: 'thaw', detail: { reason: 'done too' } },
  ])
  await runMessageOf(slack, 'run-1', 'Rejected')
  await runMessageOf(slack, 'run-2', 'Cancelled')
})

test('help, playbooks and status answer the asker only', async () => {
  await using bench = await openBench()
  const { slack } = bench
  await slack.command(ROSA, HOME, '/firebreak help')
  await told(slack, ROSA, 'What /firebreak understands')
  await slack.command(ROSA, HOME, '/firebreak playbooks')
  await told(slack, ROSA, 'Playbooks: leaked-aws-key')
  await slack.command(ROSA, HOME, '/firebreak status')
  await told(slack, ROSA, 'No run yet')
  await slack.command(ROSA, HOME, `/firebreak run leaked-aws-key ${start}`)
  await slack.command(AMIR, HOME, '/firebreak status')
  await told(slack, AMIR, 'Latest runs: leaked-aws-key')
  await slack.command(AMIR, HOME, '/firebreak status run-1')
  await told(slack, AMIR, 'Run `run-1`')
  await slack.command(AMIR, HOME, '/firebreak status nope')
  await told(slack, AMIR, 'There is no run nope')
  // The run's own message, and nothing of the answers.
  const posts = () => slack.messages(HOME).filter(({ threadTs }) => threadTs === undefined)
  await slack.waitFor(() => posts().length > 0)
  expect(posts()).toHaveLength(1)
})

test.each([
  ['/firebreak rnu leaked-aws-key', 'run <playbook>'],
  ['/firebreak run leaked-asw-key accessKeyId=x', 'Did you mean “leaked-aws-key”'],
  ['/firebreak run leaked-aws-key acessKeyId=x', 'Did you mean “accessKeyId”'],
  ['/firebreak run leaked-aws-key accessKeyId=nope', 'must match'],
  ['/firebreak run leaked-aws-key "accessKeyId', 'quote is opened'],
])('%j is answered with a remedy, and nothing starts', async (text, words) => {
  await using bench = await openBench()
  const { slack, app } = bench
  await slack.command(ROSA, HOME, text)
  const answer = await told(slack, ROSA, 'To do:')
  expect(answer.replaceAll('&lt;', '<').replaceAll('&gt;', '>')).toContain(words)
  expect(await app.runs({})).toEqual([])
})

test('a guest is refused with a remedy, and the app has heard of it', async () => {
  await using bench = await openBench()
  const { slack, app } = bench
  await slack.command(GUS, HOME, `/firebreak run leaked-aws-key ${start}`)
  expect(await told(slack, GUS, 'To do:')).toContain('authority.bad-standing')
  expect(app.calls).toMatchObject([{ name: 'start', detail: { by: { user: GUS, standing: 'guest' } } }])
  await slack.command(GUS, HOME, '/firebreak status')
  expect(await told(slack, GUS, 'full members')).toContain('guest')
  expect(await app.runs({})).toEqual([])
})

test('when Slack cannot say who somebody is, the app is told so', async () => {
  await using bench = await openBench()
  const { slack, app } = bench
  slack.faults.plan('users.info', { kind: 'status', status: 503 })
  await slack.command(ROSA, HOME, `/firebreak run leaked-aws-key ${start}`)
  await told(slack, ROSA, 'To do:')
  expect(app.calls).toMatchObject([{ detail: { by: { standing: 'unknown' } } }])
})

test('a command that is delivered twice starts one run', async () => {
  await using bench = await openBench()
  const { slack, app } = bench
  slack.faults.deliveries = 3
  await slack.command(ROSA, HOME, `/firebreak run leaked-aws-key ${start}`)
  await told(slack, ROSA, 'has started')
  slack.faults.deliveries = 1
  await slack.command(ROSA, HOME, '/firebreak status')
  await told(slack, ROSA, 'Latest runs')
  expect(app.calls.filter(({ name }) => name === 'start')).toHaveLength(1)
})

test('a question may be asked in a thread by naming the bot, a decision not', async () => {
  await using bench = await openBench()
  const { slack } = bench
  const asked = slack.mention(ROSA, HOME, 'status')
  await slack.waitFor(() => slack.thread(HOME, asked.ts).find(({ text }) => text.includes('No run yet')))
  const other = slack.mention(ROSA, HOME, 'approve run-1')
  await slack.waitFor(() => slack.thread(HOME, other.ts).find(({ text }) => text.includes('type /firebreak')))
})
