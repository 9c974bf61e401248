import { expect, test } from 'vitest'
import { demoWorkspace } from '../../../src/sandbox/slack/server.ts'
import { AMIR, GUS, HOME, KEY, openBench, ROSA, told } from './bench.ts'
import type { Bench } from './bench.ts'

const at = (input: string) => `in:leaked-aws-key:${input}`

/** The form that the command opens, once it says the words. */
async function openForm({ slack }: Bench, user: string, [command, words]: [command: string, words: string]) {
  await slack.command(user, HOME, command)
  return await slack.waitFor(() => slack.views(user).find(({ body }) => JSON.stringify(body).includes(words)))
}

test('the bare command opens a form; a chosen playbook brings its typed fields', async () => {
  await using bench = await openBench()
  const { slack, app } = bench
  const view = await openForm(bench, ROSA, ['/firebreak', 'Choose a playbook'])
  await slack.selectOption(ROSA, { viewId: view.id, actionId: 'firebreak.playbook' }, 'leaked-aws-key')
  await slack.waitFor(() => JSON.stringify(slack.views(ROSA)[0]?.body).includes('Id of the leaked key'))
  const sent = await slack.submitView(ROSA, view.id, {
    [at('accessKeyId')]: { value: KEY },
    [at('hours')]: { value: '48' },
    [at('urgency')]: { value: 'soon' },
    [at('notify')]: { value: ['yes'] },
    [at('secretIds')]: { value: 'a, b\nc' },
    mode: { mode: 'run' },
  })
  expect(sent).toMatchObject({ ok: true, next: 'closed' })
  expect(app.calls).toMatchObject([
    {
      detail: {
        playbook: 'leaked-aws-key',
        mode: 'run',
        inputs: { accessKeyId: KEY, hours: '48', urgency: 'soon', notify: true, secretIds: 'a,b,c' },
        by: { user: ROSA, standing: 'member' },
      },
    },
  ])
  await slack.waitFor(() => slack.messages(HOME).find(({ text }) => text.includes('run-1')))
})

test('a playbook without its inputs opens the same form, and a dry run is the first choice', async () => {
  await using bench = await openBench()
  const view = await openForm(bench, ROSA, ['/firebreak plan leaked-aws-key', 'Id of the leaked key'])
  await bench.slack.submitView(ROSA, view.id, { [at('accessKeyId')]: { value: KEY } })
  expect(bench.app.calls).toMatchObject([
    { detail: { mode: 'dry-run', inputs: { accessKeyId: KEY, notify: false } } },
  ])
})

test('a playbook that needs no input is not asked about', async () => {
  await using bench = await openBench()
  await bench.slack.command(ROSA, HOME, '/firebreak plan bad-model-version')
  await told(bench.slack, ROSA, 'has started')
  expect(bench.slack.views(ROSA)).toEqual([])
})

test('a wrong value is said at its field, and the form stays', async () => {
  await using bench = await openBench()
  const view = await openForm(bench, ROSA, ['/firebreak run leaked-aws-key', 'Id of the leaked key'])
  const sent = await bench.slack.submitView(ROSA, view.id, { [at('accessKeyId')]: { value: 'nope' } })
  expect(sent).toMatchObject({
    ok: false,
    error: 'invalid_input',
    errors: { [at('accessKeyId')]: expect.stringContaining('must match') },
  })
  const again = await bench.slack.submitView(ROSA, view.id, { [at('accessKeyId')]: { value: KEY } })
  expect(again).toMatchObject({ ok: true })
})

test('a slow start is answered in time, and its end is shown in the form', async () => {
  await using bench = await openBench()
  bench.app.slow = 1400
  const view = await openForm(bench, ROSA, ['/firebreak run leaked-aws-key', 'Id of the leaked key'])
  const sent = await bench.slack.submitView(ROSA, view.id, { [at('accessKeyId')]: { value: 'nope' } })
  expect(sent).toMatchObject({ ok: true, next: 'updated' })
  const late = await bench.slack.waitFor(() =>
    bench.slack.views(ROSA).find(({ body }) => JSON.stringify(body).includes('must match')),
  )
  expect(JSON.stringify(late.body)).toContain('"nope"')
})

test('who may not start anything is told before filling in a form', async () => {
  const workspace = demoWorkspace()
  workspace.users.push({ id: 'U0NEW00009', name: 'new', realName: 'New Person' })
  workspace.channels[0]?.members.push('U0NEW00009')
  await using bench = await openBench({ slack: { workspace } })
  await openForm(bench, GUS, ['/firebreak', 'full members'])
  const refused = await openForm(bench, 'U0NEW00009', ['/firebreak', 'bound to no person'])
  expect(JSON.stringify(refused.body)).toContain('slack: U0NEW00009')
  expect(bench.log.filter(({ message }) => message.startsWith('slack account'))).toHaveLength(2)
})

test('a form that Slack did not open in time is answered with what to type', async () => {
  await using bench = await openBench()
  bench.slack.faults.plan('views.open', { kind: 'error', error: 'expired_trigger_id' })
  await bench.slack.command(ROSA, HOME, '/firebreak run leaked-aws-key')
  expect(await told(bench.slack, ROSA, 'To do:')).toContain('accessKeyId=')
})

test('a limit on edits does not hold a form back', async () => {
  await using bench = await openBench()
  const { slack, app } = bench
  await slack.command(ROSA, HOME, `/firebreak run leaked-aws-key accessKeyId=${KEY}`)
  await slack.waitFor(() => slack.messages(HOME).some(({ text }) => text.includes('run-1')))
  slack.faults.plan('chat.update', { kind: 'rate-limit', retryAfter: 20 }, 20)
  app.ask('run-1')
  await slack.waitFor(() => slack.calls.some(({ method }) => method === 'chat.update'))
  const started = performance.now()
  await openForm(bench, AMIR, ['/firebreak', 'Choose a playbook'])
  expect(performance.now() - started).toBeLessThan(1000)
})
