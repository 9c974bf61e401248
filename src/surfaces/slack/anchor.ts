import { FirebreakError } from '../../core/errors.ts'
import { context, section } from './block.ts'
import type { ChannelIds } from './channels.ts'
import { eventTypes } from './ids.ts'
import type { Answer, Fault, Identity, SlackWeb } from './web.ts'

/**
 * A channel in which checkpoints of the audit log are kept, where an intruder on the machine cannot take them back
 * unseen (DESIGN section 9). The audit log's anchor writes and reads the texts; this posts and finds them.
 */
export type AnchorChannel = {
  readonly post: (channel: string, text: string, signal: AbortSignal) => Promise<void>
  /** Texts of our own messages as Slack gives them back, newest first. */
  readonly history: (channel: string, limit: number, signal: AbortSignal) => Promise<readonly string[]>
}

type Options = {
  readonly web: SlackWeb
  readonly channels: ChannelIds
  /** Who we are; undefined until Slack has said so. */
  readonly identity: () => Identity | undefined
}

export function createAnchorChannel({ web, channels, identity }: Options): AnchorChannel {
  return {
    post: async (channel, text, signal) => {
      const id = await channels.idOf(channel)
      signal.throwIfAborted()
      const blocks = [
        section(text),
        context('Keep this message: an export of the log must contain this state.'),
      ]
      const metadata = { event_type: eventTypes.note, event_payload: { run: '', key: 'checkpoint' } }
      given(await web.post({ channel: id, text, blocks, metadata }))
    },
    history: async (channel, limit, signal) => {
      const bot = identity()?.bot
      if (bot === undefined) throw away('Slack is not connected yet')
      const id = await channels.idOf(channel)
      const texts: string[] = []
      for (let cursor: string | undefined = undefined; texts.length < limit;) {
        signal.throwIfAborted()
        // oxlint-disable-next-line no-await-in-loop -- page by page
        const page: Page = given(await web.history({ channel: id, cursor }))
        texts.push(...page.messages.filter((message) => message.bot === bot).map(({ text }) => text))
        cursor = page.next
        if (cursor === undefined) break
      }
      return texts.slice(0, limit)
    },
  }
}

type Page = Extract<Awaited<ReturnType<SlackWeb['history']>>, { ok: true }>['value']

function given<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.value
  throw away(`Slack: ${wordsOf(answer.fault)}`)
}

function away(why: string): FirebreakError {
  return new FirebreakError('audit.no-anchor', why, {
    remedy: 'Invite the bot to the channel, and give it the scopes of its manifest. See `firebreak doctor`.',
  })
}

function wordsOf(fault: Fault): string {
  switch (fault.kind) {
    case 'refused':
      return fault.error
    case 'limited':
      return `rate limited for ${fault.retryAfterMs} ms`
    case 'lost':
      return fault.why
  }
}
