import { expect, onTestFinished, test } from 'vitest'
import { startSlack, type SlackSandbox } from '../../../src/sandbox/slack/server.ts'
import { checkBlocks } from '../../../src/sandbox/slack/blocks/blocks.ts'
import { modelOf } from '../../../src/surfaces/slack/model.ts'
import { runPages } from '../../../src/surfaces/slack/run-pages.ts'
import { playbook, startBot, type Bot } from '../../support/bot.ts'
import { byHand, waitingStep, withBuiltIns } from '../../support/by-hand.ts'
import { rita } from '../../support/people.ts'
import { createToy, type Toy } from '../../support/toy.ts'
import { AMIR, GUS, HOME, openSurface, ROSA, runMessageOf, told } from './bench.ts'

// Steps that wait, and steps that people do by hand, in Slack: the whole bot, and the stand-in for Slack.

const people = [
  { id: 'rita', name: 'Rita', roles: ['responder'], slack: 'U0RITA' },
  { id: 'rosa', name: 'Rosa', roles: ['responder'], slack: ROSA },
  { id: 'amir', name: 'Amir', roles: ['approver'], slack: AMIR },
  { id: 'gus', name: 'Gus', roles: ['responder'], slack: GUS },
]

type Whole = { readonly slack: SlackSandbox; readonly bot: Bot; readonly toy: Toy; readonly run: string }

async function start(steps: object): Promise<Whole> {
  const toy = createToy({ a: 'on' })
  const text = playbook('hands', steps)
  const bot = await startBot({ actions: withBuiltIns(toy), playbooks: [text], config: { people } })
  const slack = await startSlack()
  const surface = await openSurface({ slack, app: bot.firebreak })
  bot.app.useDirectory(surface.directory)
  onTestFinished(async () => {
    await surface.close()
    await bot.close()
    await slack.close()
  })
  return { slack, bot, toy, run: await bot.start('hands') }
}

/** The post that calls the people for the step. */
function call({ slack }: Whole) {
  return slack.waitFor(() => slack.messages(HOME).find(({ text }) => text.includes('To be done by hand')))
}

async function press({ slack }: Whole, user: string, ts: string): Promise<void> {
  await slack.press(user, { channel: HOME, ts, actionId: 'firebreak.done' })
}

test('who has the role is called, and presses Done until the probe has seen it', async () => {
  const whole = await start({ close: byHand('a', { timeout: '2h' }) })
  const { slack, bot, toy, run } = whole
  const post = await call(whole)
  expect(post.text).toContain(`<@${ROSA}>`)
  expect(post.text).not.toContain(`<@${AMIR}>`)
  const main = await runMessageOf(slack, run)
  await slack.waitFor(() => JSON.stringify(main.blocks).includes('By hand'))
  for (const words of [
    'Turn lamp a off',
    '<https://example.com/lamps>',
    'Rita, Rosa',
    'Fails if it is not done by',
  ])
    expect(JSON.stringify(main.blocks)).toContain(words)
  await press(whole, ROSA, main.ts)
  await told(slack, ROSA, 'looking whether it is done')
  await slack.waitFor(() => JSON.stringify(main.blocks).includes('Not closed yet: toy.look does not show it'))
  toy.lamps.set('a', 'off')
  // While the probe looks there is nothing to press; the post is edited on its own.
  await slack.waitFor(() => JSON.stringify(post.blocks).includes('firebreak.done'))
  await press(whole, ROSA, post.ts)
  expect((await bot.over(run)).state.status).toBe('succeeded')
  await slack.waitFor(() => post.text.includes('Done, and seen by the probe'))
  expect(JSON.stringify(post.blocks)).not.toContain('button')
  const said = (await bot.firebreak.facts(run)).findLast(({ type }) => type === 'step.said-done')
  expect(said).toMatchObject({
    actor: { person: 'rosa', account: { via: 'slack', user: ROSA, standing: 'member' } },
    data: { evidence: { kind: 'slack', user: ROSA } },
  })
})

test('who may not say it is refused to their face, and the step goes on asking', async () => {
  const whole = await start({ close: byHand('a') })
  const { slack, bot, toy, run } = whole
  toy.lamps.set('a', 'off')
  const { ts } = await call(whole)
  await press(whole, AMIR, ts)
  expect(await told(slack, AMIR, 'To do:')).toContain('step.missing-role')
  await press(whole, GUS, ts)
  expect(await told(slack, GUS, 'To do:')).toContain('authority.bad-standing')
  expect((await bot.firebreak.run(run)).state.steps['close']).toMatchObject({ status: 'pending' })
})

test('a press on a message that is out of date is refused', async () => {
  const whole = await start({ close: byHand('a') })
  const { slack, bot, run } = whole
  const { ts } = await call(whole)
  slack.faults.plan('chat.update', { kind: 'rate-limit', retryAfter: 30 }, 50)
  await bot.firebreak.cancel(run, rita, 'not needed')
  await bot.over(run)
  await press(whole, ROSA, ts)
  expect(await told(slack, ROSA, 'To do:')).toContain('step.not-asked')
})

test('a wait is shown with its end', async () => {
  const { slack, bot, run } = await start({ pause: { action: 'firebreak.wait', with: { for: '2h' } } })
  const { waitsUntil } = await waitingStep(bot, run, 'pause')
  const seconds = Math.floor(Date.parse(waitsUntil ?? '') / 1000)
  const main = await runMessageOf(slack, run)
  await slack.waitFor(() => JSON.stringify(main.blocks).includes(`<!date^${seconds}^`))
  expect(JSON.stringify(main.blocks)).toContain('⏲️ waits')
})

test('many steps, long texts and hostile words make messages that Slack takes', async () => {
  const lamps = {
    type: 'array',
    items: { type: 'string' },
    description: 'Lamps',
    default: Array.from({ length: 40 }, (_, i) => `a${i}`),
  }
  const what = `<!channel> *${'x'.repeat(450)}*`
  const steps = {
    all: {
      ...byHand('a', { forEach: '${{ inputs.lamps }}', concurrency: 40 }),
      with: { who: 'responder', what, link: `https://example.com/?a=1&b=${'y'.repeat(500)}` },
    },
  }
  const toy = createToy()
  const bot = await startBot({
    actions: withBuiltIns(toy),
    playbooks: [playbook('many', steps, { inputs: { lamps } })],
  })
  onTestFinished(() => bot.close())
  const run = await bot.start('many')
  await waitingStep(bot, run, 'all[39]')
  const pages = runPages(await modelOf(bot.firebreak, run))
  expect(pages.filter(({ key }) => key.startsWith('hand:'))).toHaveLength(5)
  for (const { key, text, blocks } of pages) {
    expect(checkBlocks(blocks, 'message'), key).toEqual([])
    expect(JSON.stringify(blocks), key).not.toContain('<!channel>')
    expect(text, key).not.toContain('<!channel>')
    expect(text.length, key).toBeLessThanOrEqual(4000)
  }
})
