import { setTimeout as sleep } from 'node:timers/promises'
import { startSlack } from '../../src/sandbox/slack/server.ts'
import { serveRemote } from './remote.ts'

// Slack, in a process of its own, with a person who types.

const slack = await startSlack()
const { channels, users } = slack.workspace
const channel = channels[0]?.id ?? ''
const person = users[0]?.id ?? ''

const methods = {
  config: () => ({
    slack: {
      botToken: { env: 'BENCH_SLACK_BOT' },
      appToken: { env: 'BENCH_SLACK_APP' },
      apiUrl: slack.apiUrl,
      channel,
    },
    env: { BENCH_SLACK_BOT: slack.botToken, BENCH_SLACK_APP: slack.appToken },
    person,
  }),
  /** Sends a command every so many milliseconds and notes how long each acknowledgement took; a lost one is infinite. */
  commands: async ({ text, count, everyMs }: { text: string; count: number; everyMs: number }) => {
    const sent: Promise<number>[] = []
    for (let i = 0; i < count; i++) {
      sent.push(slack.command(person, channel, text).then((said) => (said.ok ? said.ms : Infinity)))
      // oxlint-disable-next-line no-await-in-loop -- a person's pace, whether or not the bot keeps up
      await sleep(everyMs)
    }
    return Promise.all(sent)
  },
}
export type SlackProcess = typeof methods

serveRemote(methods, () => slack.close())
