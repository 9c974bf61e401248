import { z } from 'zod'
import { defineNotify } from '../../core/action.ts'
import { slack } from '../../providers/slack.ts'

export const post = defineNotify({
  name: 'slack.post',
  title: 'Post a message to a Slack channel',
  effect: 'notify',
  provider: slack,
  contract: 1,
  permissions: { plan: {}, apply: { slack: ['chat:write'] } },
  input: z.strictObject({
    channel: z.string().min(1).max(80).describe('Name or id of the channel'),
    text: z.string().min(1).max(2500).describe('What people read; any mark-up in it is shown as text'),
  }),
  output: z.strictObject({ channel: z.string().describe('The channel as it was named') }),
  compose: ({ channel, text }) => ({ channel, text }),
})
