import type { Context, Method } from '../method.ts'
import { conversationScope, hasScope, knownChannel, needScope, paginate } from '../method.ts'
import type { Rec } from '../record.ts'
import { refuse } from '../refusal.ts'
import { wireMessage } from '../wire.ts'
import type { Channel, Message } from '../world.ts'
import { findMessage, replies } from '../world.ts'

const scopes = ['channels:history', 'groups:history', 'im:history', 'mpim:history']

export const historyMethods: Record<string, Method> = {
  'conversations.history': {
    required: ['channel'],
    scopes,
    run: (context) => {
      const channel = readable(context)
      const { messages } = context.world
      const topLevel = messages
        .filter((m) => m.channel === channel.id && m.onlyFor === undefined)
        .filter((m) => m.threadTs === undefined || m.broadcast === true)
      return answer(context, within(context, topLevel).toReversed())
    },
  },
  'conversations.replies': {
    required: ['channel', 'ts'],
    scopes,
    run: (context) => {
      const channel = readable(context)
      const found = findMessage(context.world, channel.id, context.args.need('ts'))
      if (found === undefined) return refuse('thread_not_found')
      const parent =
        found.threadTs === undefined ? found : findMessage(context.world, channel.id, found.threadTs)
      if (parent === undefined) return refuse('thread_not_found')
      return answer(context, [parent, ...within(context, replies(context.world, parent))])
    },
  },
}

function readable(context: Context): Channel {
  const channel = knownChannel(context)
  needScope(context.world, conversationScope(channel, 'history'))
  if (!channel.members.has(context.world.workspace.app.userId)) refuse('not_in_channel')
  return channel
}

function within({ args }: Context, messages: Message[]): Message[] {
  const oldest = bound(args.text('oldest'), 'invalid_ts_oldest', 0)
  const latest = bound(args.text('latest'), 'invalid_ts_latest', Infinity)
  const inclusive = args.flag('inclusive')
  return messages.filter((message) => {
    const ts = Number(message.ts)
    return inclusive ? ts >= oldest && ts <= latest : ts > oldest && ts < latest
  })
}

function bound(value: string | undefined, error: string, fallback: number): number {
  if (value === undefined) return fallback
  return /^\d+(\.\d+)?$/.test(value) ? Number(value) : refuse(error)
}

/** Metadata only with include_all_metadata and the scope metadata.message:read. */
function answer(context: Context, messages: Message[]): Rec {
  const { world, args } = context
  const metadata = args.flag('include_all_metadata') && hasScope(world, 'metadata.message:read')
  const { page, next } = paginate(messages, context, 999)
  return {
    messages: page.map((message) => wireMessage(world, message, metadata)),
    has_more: next !== '',
    pin_count: messages.filter((m) => m.pinned).length,
    ...(next === '' ? {} : { response_metadata: { next_cursor: next } }),
  }
}
