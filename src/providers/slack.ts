import { z } from 'zod'
import { defineProvider } from '../core/provider.ts'

/**
 * Slack as a place to post to. It has no client: a notice goes into the outbox, and the Slack surface delivers it with
 * the token it holds. So there is one connection to Slack, and one writer.
 */
export const slack = defineProvider({
  name: 'slack',
  config: z.strictObject({}),
  connect: async () => ({}),
})
