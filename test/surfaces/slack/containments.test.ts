import { expect, onTestFinished, test } from 'vitest'
import { startSlack, type SlackSandbox } from '../../../src/sandbox/slack/server.ts'
import { checkBlocks } from '../../../src/sandbox/slack/blocks/blocks.ts'
import { modelOf } from '../../../src/surfaces/slack/model.ts'
import { runPages } from '../../../src/surfaces/slack/run-pages.ts'
import { playbook, startBot, type Bot } from '../../support/bot.ts'
import { held, HOUR, later, MINUTE, setFor, whenHeld, whenStatus } from '../../support/containments.ts'
import { createToy, toyActions, type Toy } from '../../support/toy.ts'
import { AMIR, CHEN, HOME, openSurface, ROSA, runMessageOf, told } from './bench.ts'

// Effects that are in place for a time, in Slack: the whole bot, and the stand-in for Slack.

const people = [
  { id: 'rita', name: 'Rita', roles: ['responder'], slack: 'U0RITA' },
  { id: 'rosa', name: 'Rosa', roles: ['responder'], slack: ROSA },
  { id: 'amir', name: 'Amir', roles: ['approver'], slack: AMIR },
  { id: 'chen', name: 'Chen', roles: ['observer'], slack: CHEN },
]

type Whole = { readonly slack: SlackSandbox; readonly bot: Bot; readonly toy: Toy; readonly run: string }

async function contained(more: object = {}): Promise<Whole> {
  const toy = createToy({ a: 'on' })
  const bot = await startBot({
    actions: toyActions(toy),
    playbooks: [playbook('change', { off: setFor('4h', more) })],
    config: { people, slack: { botToken: { env: 'BOT' }, appToken: { env: 'APP' }, channel: HOME } },
    env: { BOT: 'xoxb-1-1-a', APP: 'xapp-1-A-1-a' },
  })
  const slack = await startSlack()
  const surface = await openSurface({ slack, app: bot.firebreak })
  bot.app.useDirectory(surface.directory)
  onTestFinished(async () => {
    await surface.close()
    await bot.close()
    await slack.close()
  })
  const run = await bot.start('change')
  await bot.over(run)
  return { slack, bot, toy, run }
}

/** The post that tells the channel of it. */
function notice({ slack }: Whole, words: string) {
  return slack.waitFor(() => slack.messages(HOME).find(({ text }) => text.includes(words)))
}

test('the message of the run shows until when it is in place, after the run has ended, and who may renews it', async () => {
  const { slack, bot, run } = await contained()
  const main = await runMessageOf(slack, run)
  await slack.waitFor(() => JSON.stringify(main.blocks).includes('In place for a time'))
  await slack.press(CHEN, { channel: HOME, ts: main.ts, actionId: 'firebreak.renew' })
  await told(slack, CHEN, 'may not renew')
  bot.forward(HOUR)
  await slack.press(ROSA, { channel: HOME, ts: main.ts, actionId: 'firebreak.renew' })
  await told(slack, ROSA, 'Renewed')
  const renewed = (await bot.firebreak.facts(run)).findLast(({ type }) => type === 'containment.renewed')
  expect(renewed).toMatchObject({
    actor: { person: 'rosa' },
    data: { evidence: { kind: 'slack', user: ROSA } },
  })
  await slack.press(ROSA, { channel: HOME, ts: main.ts, actionId: 'firebreak.keep' })
  await told(slack, ROSA, 'may not keep')
  await slack.press(AMIR, { channel: HOME, ts: main.ts, actionId: 'firebreak.keep' })
  await whenStatus(bot, [run], 'kept')
  await slack.waitFor(() => JSON.stringify(main.blocks).includes('kept for good'))
  expect(JSON.stringify(main.blocks)).not.toContain('firebreak.renew')
})

test('the channel is told before its end and asked at its end, with the buttons, and it is lifted from there', async () => {
  const whole = await contained()
  const { slack, bot, run, toy } = whole
  await later(bot, 4 * HOUR - MINUTE)
  await notice(whole, 'is in place until')
  await later(bot, 2 * MINUTE)
  const question = await notice(whole, 'stays in place: its time is over')
  await slack.press(ROSA, { channel: HOME, ts: question.ts, actionId: 'firebreak.lift' })
  const { lifting } = await whenHeld(bot, run, { is: (now) => now.lifting !== undefined })
  const undo = await runMessageOf(slack, lifting?.undo ?? '')
  await slack.waitFor(() => JSON.stringify(undo.blocks).includes('firebreak.approve'))
  expect(toy.lamps.get('a')).toBe('off')
  await slack.press(AMIR, { channel: HOME, ts: undo.ts, actionId: 'firebreak.approve' })
  await whenStatus(bot, [run], 'lifted')
  expect(toy.lamps.get('a')).toBe('on')
  // An old button decides nothing.
  await slack.press(AMIR, { channel: HOME, ts: question.ts, actionId: 'firebreak.keep' })
  await told(slack, AMIR, 'was lifted')
  expect(held(await bot.firebreak.run(run)).status).toBe('lifted')
})

test('every page is one that Slack takes', async () => {
  const { bot, run } = await contained({ onExpiry: 'undo' })
  for (const { blocks } of runPages(await modelOf(bot.firebreak, run)))
    expect(checkBlocks([...blocks], 'message')).toEqual([])
})
