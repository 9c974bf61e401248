import type { Context, Method } from '../method.ts'
import { knownChannel } from '../method.ts'
import type { Rec } from '../record.ts'
import { refuse } from '../refusal.ts'
import type { Message, Reaction } from '../world.ts'
import { findMessage } from '../world.ts'

export const markMethods: Record<string, Method> = {
  'pins.add': {
    required: ['channel'],
    scopes: ['pins:write'],
    run: (context) => {
      const message = marked(context)
      if (message.pinned) refuse('already_pinned')
      message.pinned = true
      context.world.changed()
      return {}
    },
  },
  'reactions.add': {
    required: ['name', 'timestamp', 'channel'],
    scopes: ['reactions:write'],
    run: (context) => {
      const message = marked(context)
      const reaction = reactionOf(context, message)
      const bot = context.world.workspace.app.userId
      if (reaction.users.includes(bot)) refuse('already_reacted')
      reaction.users.push(bot)
      if (!message.reactions.includes(reaction)) message.reactions.push(reaction)
      context.world.changed()
      return {}
    },
  },
  'reactions.remove': {
    required: ['name'],
    scopes: ['reactions:write'],
    run: (context) => {
      const message = marked(context)
      const reaction = reactionOf(context, message)
      const bot = context.world.workspace.app.userId
      if (!reaction.users.includes(bot)) refuse('no_reaction')
      reaction.users = reaction.users.filter((user) => user !== bot)
      message.reactions = message.reactions.filter((r) => r.users.length > 0)
      context.world.changed()
      return {}
    },
  },
  'bookmarks.add': { required: ['title', 'type'], scopes: ['bookmarks:write'], run: addBookmark },
}

function marked(context: Context): Message {
  if (!context.args.has('timestamp') || !context.args.has('channel')) return refuse('no_item_specified')
  const timestamp = context.args.need('timestamp')
  if (!/^\d+\.\d+$/.test(timestamp)) refuse('bad_timestamp')
  const channel = knownChannel(context)
  if (!channel.members.has(context.world.workspace.app.userId)) refuse('not_in_channel')
  return findMessage(context.world, channel.id, timestamp) ?? refuse('message_not_found')
}

function reactionOf({ args }: Context, message: Message): Reaction {
  const name = args.need('name').replaceAll(':', '')
  if (!/^[\w+'-]+$/.test(name)) refuse('invalid_name')
  return message.reactions.find((r) => r.name === name) ?? { name, users: [] }
}

function addBookmark(context: Context): Rec {
  const { world, args } = context
  const channel = knownChannel(context, 'channel_id')
  if (args.need('type') !== 'link') refuse('invalid_bookmark_type')
  const link = args.text('link')
  if (link === undefined || !/^https?:/.test(link)) return refuse('invalid_link')
  const bookmark = {
    id: world.nextId('Bk'),
    channel_id: channel.id,
    title: args.need('title'),
    link,
    type: 'link',
    date_created: Math.floor(world.clock.now() / 1000),
    last_updated_by_user_id: world.workspace.app.userId,
  }
  channel.bookmarks.push(bookmark)
  world.changed()
  return { bookmark }
}
