import { onTestFinished } from 'vitest'
import { startSlack, type SlackSandbox } from '../../../src/sandbox/slack/server.ts'
import { playbook, startBot, type Bot } from '../../support/bot.ts'
import { withBuiltIns } from '../../support/by-hand.ts'
import { createToy, type Toy } from '../../support/toy.ts'
import { AMIR, CHEN, GUS, HOME, openSurface, ROSA } from './bench.ts'

/** Rosa asks; Amir and Chen approve; Gus has no say. */
const people = [
  { id: 'rosa', name: 'Rosa', roles: ['responder'], slack: ROSA },
  { id: 'amir', name: 'Amir', roles: ['approver'], slack: AMIR },
  { id: 'chen', name: 'Chen', roles: ['approver'], slack: CHEN },
  { id: 'gus', name: 'Gus', roles: ['observer'], slack: GUS },
]

/** The whole bot, the stand-in for Slack, and the surface between them. */
export type Whole = { readonly slack: SlackSandbox; readonly bot: Bot; readonly toy: Toy }

export async function startWhole(steps: object, guardrails: object = {}): Promise<Whole> {
  const toy = createToy({ a: 'on', b: 'on' })
  const bot = await startBot({
    actions: withBuiltIns(toy),
    playbooks: [playbook('change', steps)],
    config: {
      people,
      guardrails,
      slack: { botToken: { env: 'BOT' }, appToken: { env: 'APP' }, channel: HOME },
    },
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
  return { slack, bot, toy }
}

/** A step that two people must approve. */
export const twice = {
  action: 'toy.set',
  with: { lamp: 'a', value: 'off' },
  approve: { from: 'approver', count: 2, within: '30m' },
}

/** A run of Rosa's; its id. */
export async function runOf({ slack, bot }: Whole): Promise<string> {
  await slack.command(ROSA, HOME, '/firebreak run change')
  return await slack.waitFor(async () => (await bot.firebreak.runs({}))[0]?.state.id)
}

/** The message of the channel that says the words. */
export async function saying({ slack }: Whole, words: string) {
  return await slack.waitFor(() => slack.messages(HOME).find(({ text }) => text.includes(words)))
}

/** The dialog of a person, once it says the words. */
export async function dialog({ slack }: Whole, user: string, words: string) {
  return await slack.waitFor(() => slack.views(user).find(({ body }) => JSON.stringify(body).includes(words)))
}

/** What came from Slack, sent again so often, each with names of its own: as if people had clicked again. */
export async function replay({ slack }: Whole, times: number): Promise<void> {
  const sent = slack.crossings.flatMap(({ direction, kind, detail }) =>
    direction === 'to-app' && kind === 'interactive' ? [detail['payload'] as Record<string, unknown>] : [],
  )
  for (let time = 0; time < times; time += 1)
    for (const [at, payload] of sent.toReversed().entries()) {
      const again = { ...payload, trigger_id: `again-${time}-${at}` }
      await slack.deliver('interactive', again)
    }
}
