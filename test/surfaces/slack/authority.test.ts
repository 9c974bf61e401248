import { expect, test } from 'vitest'
import { startSlack } from '../../../src/sandbox/slack/server.ts'
import { AMIR, CHEN, GUS, HOME, openSurface, ROSA, runMessageOf, told } from './bench.ts'
import { createFakeApp } from './fake-app.ts'
import { dialog, replay, runOf, saying, startWhole, twice, type Whole } from './whole.ts'

// Acting alone, reviewing that, taking an approval back, and lifting a freeze together: in Slack, with the whole bot.

const REASON = 'the key is used right now'

async function press({ slack }: Whole, user: string, [ts, what]: [ts: string, what: string]) {
  await slack.press(user, { channel: HOME, ts, actionId: `firebreak.${what}` })
}

/** Amir acts alone in a run that waits for two. */
async function alone(whole: Whole, reason = REASON): Promise<string> {
  const run = await runOf(whole)
  const ask = await saying(whole, 'Approval needed')
  await press(whole, AMIR, [ask.ts, 'break-glass'])
  const form = await dialog(whole, AMIR, 'What will run')
  await whole.slack.submitView(AMIR, form.id, { words: { words: reason } })
  return run
}

async function factsOf({ bot }: Whole, run: string, type: string) {
  return (await bot.firebreak.facts(run)).filter((fact) => fact.type === type)
}

test('who acts alone is shown what will run and who would be asked, types a reason, and everybody is told', async () => {
  const whole = await startWhole({ off: twice })
  const { slack, bot } = whole
  const run = await runOf(whole)
  const ask = await saying(whole, 'Approval needed')
  await press(whole, AMIR, [ask.ts, 'break-glass'])
  const form = await dialog(whole, AMIR, 'What will run')
  const shown = JSON.stringify(form.body)
  for (const words of [run, 'Chen', 'All of them are told', 'review is due', '2 of 2 approvers for off'])
    expect(shown).toContain(words)
  // Too short a reason does not leave the client.
  expect(await slack.submitView(AMIR, form.id, { words: { words: 'now' } })).toMatchObject({ ok: false })
  await slack.submitView(AMIR, form.id, { words: { words: REASON } })
  await dialog(whole, AMIR, 'You act alone in run')
  expect((await bot.over(run)).state.status).toBe('succeeded')
  expect(await factsOf(whole, run, 'approval.bypassed')).toMatchObject([
    {
      actor: { person: 'amir' },
      data: { reason: REASON, told: ['chen'], evidence: { kind: 'slack', user: AMIR } },
    },
  ])
  const main = await runMessageOf(slack, run, `break-glass by amir: ${REASON}, review due`)
  expect(JSON.stringify(main.blocks)).toContain('🔨 *Break-glass by amir*')
  expect(JSON.stringify(main.blocks)).toContain('*Review due*')
  const notice = await saying(whole, 'acts alone in run')
  expect(notice.text).toContain(`<@${CHEN}>`)
  expect(JSON.stringify(notice.blocks)).toContain('firebreak.review')
  await slack.waitFor(() => ask.text.includes(`🔨 Break-glass by amir: ${REASON}`))
})

test('it is reviewed by somebody else, after the run has ended, and the message says so', async () => {
  const whole = await startWhole({ off: twice })
  const { slack, bot } = whole
  const run = await alone(whole)
  await bot.over(run)
  const main = await runMessageOf(slack, run, 'review due')
  await press(whole, AMIR, [main.ts, 'review'])
  const own = await dialog(whole, AMIR, 'What you found')
  await slack.submitView(AMIR, own.id, { words: { words: 'all fine' } })
  await dialog(whole, AMIR, 'review.own')
  await press(whole, CHEN, [main.ts, 'review'])
  const form = await dialog(whole, CHEN, 'What you found')
  expect(JSON.stringify(form.body)).toContain(REASON)
  await slack.submitView(CHEN, form.id, { words: { words: 'It was right: two minutes counted.' } })
  await slack.waitFor(() => main.text.includes('reviewed by chen: It was right: two minutes counted.'))
  expect(JSON.stringify(main.blocks)).not.toContain('firebreak.review')
  expect(JSON.stringify(main.blocks)).toContain('🔎 *Reviewed by chen*')
  await slack.command(CHEN, HOME, `/firebreak review ${run} once more`)
  expect(await told(slack, CHEN, 'review.not-due')).toContain('waits for no review')
})

test('nobody acts alone again before that, who may not is refused, and an old button opens nothing', async () => {
  const whole = await startWhole({ off: twice })
  const { slack, bot } = whole
  const first = await alone(whole)
  await bot.over(first)
  const ask = await saying(whole, 'No longer waiting')
  whole.toy.lamps.set('a', 'on')
  await slack.command(ROSA, HOME, '/firebreak run change')
  const [second = ''] = await slack.waitFor(async () => {
    const runs = (await bot.firebreak.runs({})).map(({ state }) => state.id)
    return runs.length === 2 ? runs : undefined
  })
  await slack.waitFor(async () => (await bot.firebreak.run(second)).waitingFor)
  await slack.command(CHEN, HOME, `/firebreak break-glass ${second} it cannot wait either`)
  const form = await dialog(whole, CHEN, 'What will run')
  expect(JSON.stringify(form.body)).toContain('it cannot wait either')
  await slack.submitView(CHEN, form.id, {})
  await dialog(whole, CHEN, 'guardrail.review-due')
  await slack.command(GUS, HOME, `/firebreak break-glass ${second} it cannot wait either`)
  const other = await dialog(whole, GUS, 'What will run')
  await slack.submitView(GUS, other.id, {})
  await dialog(whole, GUS, 'authority.')
  expect(JSON.stringify(ask.blocks)).not.toContain('firebreak.break-glass')
  await slack.command(CHEN, HOME, `/firebreak break-glass ${first} it cannot wait either`)
  await dialog(whole, CHEN, 'approval.not-open')
  expect((await bot.firebreak.run(second)).state.status).toBe('awaiting-approval')
})

test('with the digest of the plan it is typed at once, and a review too', async () => {
  const whole = await startWhole({ off: twice })
  const { slack, bot } = whole
  const run = await runOf(whole)
  const { digest } = (await bot.waiting(run)).waitingFor
  await slack.command(AMIR, HOME, `/firebreak break-glass ${run} ${digest.slice(7, 19)} short`)
  await told(slack, AMIR, 'review.reason-missing')
  await slack.command(AMIR, HOME, `/firebreak break-glass ${run} ${digest.slice(7, 19)} ${REASON}`)
  await told(slack, AMIR, 'You act alone in run')
  await bot.over(run)
  await slack.command(CHEN, HOME, `/firebreak review ${run} it was right`)
  await told(slack, CHEN, 'Reviewed: run')
  await runMessageOf(slack, run, 'reviewed by chen: it was right')
})

test('who has approved takes it back, and nobody else; when everything has begun it is too late', async () => {
  const rest = { action: 'firebreak.wait', after: ['off'], with: { for: '1h' } }
  const whole = await startWhole({ off: twice, rest })
  const { slack, bot } = whole
  const run = await runOf(whole)
  const ask = await saying(whole, 'Approval needed')
  expect(JSON.stringify(ask.blocks)).not.toContain('firebreak.withdraw')
  await press(whole, AMIR, [ask.ts, 'approve'])
  await slack.waitFor(() => JSON.stringify(ask.blocks).includes('firebreak.withdraw'))
  await press(whole, CHEN, [ask.ts, 'withdraw'])
  await told(slack, CHEN, 'approval.nothing-to-withdraw')
  await press(whole, AMIR, [ask.ts, 'withdraw'])
  await told(slack, AMIR, 'Taken back')
  await slack.waitFor(() => !JSON.stringify(ask.blocks).includes('approved by'))
  expect((await bot.waiting(run)).waitingFor.missing).toEqual(['2 of 2 approvers for off'])
  await press(whole, AMIR, [ask.ts, 'approve'])
  await press(whole, CHEN, [ask.ts, 'approve'])
  await slack.waitFor(async () => (await bot.firebreak.run(run)).state.steps['rest']?.waitsUntil)
  await slack.waitFor(() => ask.text.includes('No longer waiting'))
  await slack.waitFor(() => !JSON.stringify(ask.blocks).includes('firebreak.withdraw'))
  await slack.command(AMIR, HOME, `/firebreak withdraw ${run}`)
  await told(slack, AMIR, 'approval.too-late')
})

test('an approval that was enough is taken back as long as nothing has begun, and people are asked anew', async () => {
  const whole = await startWhole({ off: twice })
  const { slack, bot } = whole
  await slack.command(ROSA, HOME, '/firebreak freeze not yet')
  await told(slack, ROSA, 'Frozen')
  const run = await runOf(whole)
  const ask = await saying(whole, 'Approval needed')
  await press(whole, AMIR, [ask.ts, 'approve'])
  await press(whole, CHEN, [ask.ts, 'approve'])
  await slack.waitFor(() => ask.text.includes('No longer waiting'))
  await press(whole, CHEN, [ask.ts, 'withdraw'])
  await told(slack, CHEN, 'Taken back')
  expect((await bot.firebreak.run(run)).state.steps['off']?.status ?? 'pending').toBe('pending')
  for (const user of [AMIR, CHEN]) await slack.command(user, HOME, '/firebreak thaw go on')
  await told(slack, CHEN, 'haw')
  const again = await saying(whole, 'Approval needed')
  expect(again.ts).not.toBe(ask.ts)
  expect((await bot.waiting(run)).state.steps['off']?.status ?? 'pending').toBe('pending')
})

test('a freeze is thawed by two: the channel hears who wants it, and the next one has a button', async () => {
  const whole = await startWhole({ off: twice })
  const { slack, bot } = whole
  await slack.command(ROSA, HOME, '/firebreak freeze wrong keys <!channel>')
  await told(slack, ROSA, 'Frozen')
  await slack.command(AMIR, HOME, '/firebreak thaw the list is mended')
  expect(await told(slack, AMIR, 'frozen still')).toContain('1 more person must say so within 30m')
  const post = await saying(whole, 'wants to thaw Firebreak')
  expect(post.text).toContain('*amir* wants to thaw Firebreak: the list is mended')
  expect(post.text).not.toContain('<!channel>')
  await slack.command(ROSA, HOME, '/firebreak status')
  expect(await told(slack, ROSA, 'No run yet')).toContain('To be thawed, say so far: amir')
  await slack.command(ROSA, HOME, '/firebreak')
  await dialog(whole, ROSA, 'To be thawed, say so far: amir')
  await press(whole, AMIR, [post.ts, 'thaw'])
  await told(slack, AMIR, 'approval.twice')
  await press(whole, GUS, [post.ts, 'thaw'])
  await told(slack, GUS, 'authority.bad-standing')
  await press(whole, CHEN, [post.ts, 'thaw'])
  await told(slack, CHEN, 'Thawed')
  await slack.waitFor(() =>
    post.text.includes('💧 Thawed by amir, chen. *amir* had asked for it: the list is mended.'),
  )
  expect(JSON.stringify(post.blocks)).not.toContain('firebreak.thaw')
  expect(await bot.firebreak.frozen()).toBeUndefined()
  expect(slack.messages(HOME).filter(({ text }) => text.includes('thaw'))).toEqual([])
})

test('who wants to thaw is shown after a restart too, and what became of it meanwhile', async () => {
  const slack = await startSlack()
  const app = createFakeApp()
  const first = await openSurface({ slack, app })
  await slack.command(ROSA, HOME, '/firebreak freeze wrong keys')
  await told(slack, ROSA, 'Frozen')
  await slack.command(AMIR, HOME, '/firebreak thaw the list is mended')
  const post = await slack.waitFor(() =>
    slack.messages(HOME).find(({ text }) => text.includes('wants to thaw')),
  )
  await first.close()
  const second = await openSurface({ slack, app })
  await slack.press(CHEN, { channel: HOME, ts: post.ts, actionId: 'firebreak.thaw' })
  await told(slack, CHEN, 'Thawed')
  await slack.waitFor(() => post.text.includes('Thawed by amir, chen'))
  await second.close()
  expect(slack.messages(HOME)).toHaveLength(1)
  await slack.close()
})

test('a button about a freeze that is over lifts no other one', async () => {
  const whole = await startWhole({ off: twice })
  const { slack, bot } = whole
  await slack.command(ROSA, HOME, '/firebreak freeze one')
  await told(slack, ROSA, 'Frozen')
  await slack.command(AMIR, HOME, '/firebreak thaw the list is mended')
  const post = await saying(whole, 'wants to thaw Firebreak')
  await press(whole, CHEN, [post.ts, 'thaw'])
  await told(slack, CHEN, 'Thawed')
  await slack.command(ROSA, HOME, '/firebreak freeze two')
  await slack.waitFor(async () => (await bot.firebreak.frozen())?.reason === 'two')
  await replay(whole, 1)
  await told(slack, CHEN, 'guardrail.not-frozen')
  expect((await bot.firebreak.frozen())?.thaw).toEqual([])
})

test('clicks of break-glass, of taking back and of thawing, each three times more: one effect of each', async () => {
  const whole = await startWhole({ off: twice })
  const { slack, bot } = whole
  const run = await runOf(whole)
  const ask = await saying(whole, 'Approval needed')
  await press(whole, CHEN, [ask.ts, 'approve'])
  await slack.waitFor(() => JSON.stringify(ask.blocks).includes('firebreak.withdraw'))
  await press(whole, CHEN, [ask.ts, 'withdraw'])
  await told(slack, CHEN, 'Taken back')
  await press(whole, AMIR, [ask.ts, 'break-glass'])
  const form = await dialog(whole, AMIR, 'What will run')
  await slack.submitView(AMIR, form.id, { words: { words: REASON } })
  await bot.over(run)
  await slack.command(ROSA, HOME, '/firebreak freeze to be sure')
  await told(slack, ROSA, 'Frozen')
  await slack.command(AMIR, HOME, '/firebreak thaw we have looked')
  const post = await saying(whole, 'wants to thaw Firebreak')
  await press(whole, CHEN, [post.ts, 'thaw'])
  await told(slack, CHEN, 'Thawed')
  await replay(whole, 3)
  await slack.command(ROSA, HOME, '/firebreak status')
  await told(slack, ROSA, 'Latest runs')
  for (const type of ['approval.given', 'approval.withdrawn', 'approval.bypassed', 'step.intended'])
    expect(await factsOf(whole, run, type), type).toHaveLength(1)
  const all = (await bot.all()).map(({ type }) => type)
  expect(all.filter((type) => type === 'thaw.asked')).toHaveLength(2)
  expect(all.filter((type) => type === 'freeze.lifted')).toHaveLength(1)
})
