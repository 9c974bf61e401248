import type { Context, Method } from '../method.ts'
import { hasScope, knownChannel } from '../method.ts'
import type { Rec } from '../record.ts'
import { refuse } from '../refusal.ts'
import { wireMessage } from '../wire.ts'
import type { Channel, Message, World } from '../world.ts'
import { addChannel, findMessage, replies } from '../world.ts'
import type { Content } from './chat-content.ts'
import { isEmpty, readContent } from './chat-content.ts'

const write = ['chat:write']

export const chatMethods: Record<string, Method> = {
  'chat.postMessage': { required: ['channel'], scopes: write, run: postMessage },
  'chat.postEphemeral': { required: ['channel', 'user'], scopes: write, run: postEphemeral },
  'chat.update': { required: ['channel', 'ts'], scopes: write, run: update },
  'chat.delete': { required: ['channel', 'ts'], scopes: write, run: remove },
  'chat.getPermalink': {
    required: ['channel', 'message_ts'],
    scopes: [],
    run: (context) => {
      const channel = knownChannel(context)
      const message = findMessage(context.world, channel.id, context.args.need('message_ts'))
      if (message === undefined) return refuse('message_not_found')
      const thread = message.threadTs === undefined ? '' : `?thread_ts=${message.threadTs}&cid=${channel.id}`
      return {
        channel: channel.id,
        permalink: `${context.origin}/archives/${channel.id}/p${message.ts.replace('.', '')}${thread}`,
      }
    },
  },
}

/** The direct conversation between the app and a person, made when it is first needed. */
export function directChannel(world: World, user: string): Channel {
  const bot = world.workspace.app.userId
  const known = [...world.channels.values()].find(
    (c) => c.kind === 'im' && c.members.has(user) && c.members.has(bot),
  )
  return (
    known ?? addChannel(world, { id: world.nextId('D'), name: 'directmessage', members: [user, bot] }, bot)
  )
}

/** `channel` may be an id, a person's id (their DM with the app) or `#name`. */
function target(context: Context): Channel {
  const { world, args } = context
  const wanted = args.need('channel')
  if (world.users.has(wanted)) return directChannel(world, wanted)
  const named = [...world.channels.values()].find(
    (c) => c.kind === 'channel' && `#${c.name}` === wanted.replace(/^#?/, '#'),
  )
  if (named !== undefined && named.private !== true) return named
  return knownChannel(context)
}

function postable(context: Context): Channel {
  const channel = target(context)
  if (channel.archived === true) refuse('is_archived')
  const member = channel.members.has(context.world.workspace.app.userId)
  if (!member && !hasScope(context.world, 'chat:write.public')) refuse('not_in_channel')
  return channel
}

export function newMessage(world: World, channel: Channel, content: Content): Message {
  const { app } = world.workspace
  return {
    channel: channel.id,
    ts: world.nextTs(),
    user: app.userId,
    botId: app.botId,
    text: content.text ?? '',
    postedAt: world.clock.now(),
    reactions: [],
    pinned: false,
    ...content,
  }
}

/** A thread_ts that names nothing is passed over in silence: the post is top level [observed, Arvo-AI/aurora#615]. */
export function parentOf(world: World, channel: Channel, threadTs: string | undefined): string | undefined {
  if (threadTs === undefined) return undefined
  const found = findMessage(world, channel.id, threadTs)
  return found === undefined ? undefined : (found.threadTs ?? found.ts)
}

function postMessage(context: Context): Rec {
  const { world, args } = context
  const channel = postable(context)
  const content = readContent(context)
  if (isEmpty(content)) refuse('no_text')
  const message = newMessage(world, channel, content)
  const parent = parentOf(world, channel, args.text('thread_ts'))
  if (parent !== undefined) {
    message.threadTs = parent
    message.broadcast = args.flag('reply_broadcast')
    if (message.broadcast) message.subtype = 'thread_broadcast'
  }
  world.messages.push(message)
  world.changed()
  return { channel: channel.id, ts: message.ts, message: wireMessage(world, message, true) }
}

function postEphemeral(context: Context): Rec {
  const { world, args } = context
  const channel = postable(context)
  const user = args.need('user')
  if (!channel.members.has(user)) refuse('user_not_in_channel')
  const content = readContent(context)
  if ((content.text ?? '').length > 40_000) refuse('msg_too_long')
  if (isEmpty(content)) refuse('no_text')
  const message = { ...newMessage(world, channel, content), onlyFor: user }
  const parent = parentOf(world, channel, args.text('thread_ts'))
  if (parent !== undefined) message.threadTs = parent
  world.messages.push(message)
  world.changed()
  return { message_ts: message.ts }
}

/** Own messages only; ephemerals are not found. No compare-and-set: the last edit wins. */
function update(context: Context): Rec {
  const { world, args } = context
  const channel = knownChannel(context)
  const message = findMessage(world, channel.id, args.need('ts'))
  if (message === undefined) return refuse('message_not_found')
  if (message.botId !== world.workspace.app.botId || message.subtype === 'tombstone')
    refuse('cant_update_message')
  if (channel.archived === true) refuse('is_inactive')
  refuseLateEdit(context, message)
  if ((args.text('text') ?? '').length > 4000) refuse('msg_too_long')
  const content = readContent(context)
  if (isEmpty(content) && !args.has('metadata')) refuse('no_text')
  applyEdit(world, message, content)
  world.changed()
  return {
    channel: channel.id,
    ts: message.ts,
    text: message.text,
    message: wireMessage(world, message, true),
  }
}

function refuseLateEdit({ world, faults }: Context, message: Message): void {
  const { editWindow } = faults
  if (editWindow !== undefined && world.clock.now() - message.postedAt > editWindow)
    refuse('edit_window_closed')
}

/** `text` without `blocks` removes the blocks; only such an edit is marked as edited [documented]. */
export function applyEdit(world: World, message: Message, content: Content): void {
  if (content.text !== undefined) message.text = content.text
  if (content.metadata !== undefined) message.metadata = content.metadata
  if (content.attachments !== undefined) message.attachments = content.attachments
  if (content.blocks !== undefined) {
    message.blocks = content.blocks
    return
  }
  if (content.text === undefined) return
  delete message.blocks
  message.edited = { user: message.user, ts: world.nextTs() }
}

/** A parent with replies leaves a tombstone, so that its thread lives on. */
function remove(context: Context): Rec {
  const { world, args } = context
  const channel = knownChannel(context)
  const message = findMessage(world, channel.id, args.need('ts'))
  if (message === undefined) return refuse('message_not_found')
  if (message.botId !== world.workspace.app.botId) refuse('cant_delete_message')
  deleteMessage(world, message)
  return { channel: channel.id, ts: message.ts }
}

export function deleteMessage(world: World, message: Message): void {
  if (message.onlyFor === undefined && replies(world, message).length > 0) {
    delete message.blocks
    message.subtype = 'tombstone'
    message.text = 'This message was deleted.'
  } else {
    world.messages.splice(world.messages.indexOf(message), 1)
  }
  world.changed()
}
