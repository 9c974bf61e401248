import type { Context, Method } from '../method.ts'
import { conversationScope, knownChannel, needScope, paginate } from '../method.ts'
import type { Rec } from '../record.ts'
import { refuse } from '../refusal.ts'
import { wireChannel } from '../wire.ts'
import type { Channel } from '../world.ts'
import { addChannel, isExternal } from '../world.ts'
import { directChannel } from './chat.ts'

const read = ['channels:read', 'groups:read', 'im:read', 'mpim:read']
const manage = ['channels:manage', 'channels:write', 'groups:write', 'im:write', 'mpim:write']
const write = ['channels:manage', 'groups:write', 'im:write', 'mpim:write']

export const conversationMethods: Record<string, Method> = {
  'conversations.info': {
    required: ['channel'],
    scopes: read,
    run: (context) => {
      const channel = scoped(context, 'read')
      const count = context.args.flag('include_num_members') ? { num_members: channel.members.size } : {}
      return { channel: { ...wireChannel(context.world, channel), ...count } }
    },
  },
  'conversations.list': { required: [], scopes: read, run: listConversations },
  'conversations.members': {
    required: ['channel'],
    scopes: read,
    run: (context) => {
      const { page, next } = paginate([...scoped(context, 'read').members], context, 1000)
      return { members: page, response_metadata: { next_cursor: next } }
    },
  },
  'conversations.join': { required: ['channel'], scopes: ['channels:join'], run: join },
  'conversations.open': { required: [], scopes: write, run: open },
  'conversations.create': { required: ['name'], scopes: manage, run: create },
  'conversations.invite': {
    required: ['channel', 'users'],
    scopes: ['channels:write.invites', ...write],
    run: invite,
  },
  'conversations.archive': { required: ['channel'], scopes: manage, run: archive },
  'conversations.rename': { required: ['channel', 'name'], scopes: manage, run: rename },
  'conversations.setTopic': describe('topic'),
  'conversations.setPurpose': describe('purpose'),
}

/** The conversation, once the scope for its kind is granted. */
function scoped(context: Context, verb: 'read' | 'write'): Channel {
  const channel = knownChannel(context)
  needScope(context.world, conversationScope(channel, verb))
  return channel
}

/** One the app is in and which still lives. */
function own(context: Context): Channel {
  const channel = scoped(context, 'write')
  if (!channel.members.has(context.world.workspace.app.userId)) refuse('not_in_channel')
  if (channel.archived === true) refuse('is_archived')
  return channel
}

const kinds: Record<string, (channel: Channel) => boolean> = {
  public_channel: (c) => c.kind === 'channel' && c.private !== true,
  private_channel: (c) => c.kind === 'channel' && c.private === true,
  im: (c) => c.kind === 'im',
  mpim: () => false,
}

function listConversations(context: Context): Rec {
  const { world, args } = context
  const types = (args.text('types') ?? 'public_channel').split(',').map((type) => type.trim())
  if (types.some((type) => !Object.hasOwn(kinds, type))) refuse('invalid_types')
  const bot = world.workspace.app.userId
  const visible = [...world.channels.values()]
    .filter((channel) => types.some((type) => kinds[type]?.(channel) === true))
    .filter((channel) => (channel.private !== true && channel.kind !== 'im') || channel.members.has(bot))
    .filter((channel) => !args.flag('exclude_archived') || channel.archived !== true)
  for (const channel of visible) needScope(world, conversationScope(channel, 'read'))
  const { page, next } = paginate(visible, context, 999)
  return {
    channels: page.map((channel) => wireChannel(world, channel)),
    response_metadata: { next_cursor: next },
  }
}

function join(context: Context): Rec {
  const channel = knownChannel(context)
  if (channel.kind === 'im' || channel.private === true) refuse('method_not_supported_for_channel_type')
  if (channel.archived === true) refuse('is_archived')
  channel.members.add(context.world.workspace.app.userId)
  context.world.changed()
  return { channel: wireChannel(context.world, channel) }
}

/** Direct messages with one person; group direct messages are not modelled. */
function open(context: Context): Rec {
  const { world, args } = context
  const known = args.text('channel')
  if (known !== undefined) return { channel: openAnswer(context, knownChannel(context)) }
  const users = (args.text('users') ?? refuse('users_list_not_supplied')).split(',')
  if (users.length > 1) refuse('too_many_users')
  const user = world.users.get(users[0] ?? '')
  if (user === undefined) return refuse('user_not_found')
  if (user.deleted === true) refuse('user_disabled')
  return { channel: openAnswer(context, directChannel(world, user.id)) }
}

function openAnswer({ world, args }: Context, channel: Channel): Rec {
  return args.flag('return_im') ? wireChannel(world, channel) : { id: channel.id }
}

function create(context: Context): Rec {
  const { world, args } = context
  const name = freeName(context)
  const bot = world.workspace.app.userId
  const seed = { id: world.nextId('C'), name, members: [bot], private: args.flag('is_private') }
  needScope(world, ...(seed.private ? ['groups:write'] : ['channels:manage', 'channels:write']))
  const channel = addChannel(world, seed, bot)
  world.changed()
  return { channel: wireChannel(world, channel) }
}

/** Lower case letters, digits, hyphens, underscores; at most 80 [documented]. */
function freeName({ world, args }: Context): string {
  const name = args.text('name') ?? refuse('invalid_name_required')
  if (name.length > 80) refuse('invalid_name_maxlength')
  if (!/^[\p{Ll}\p{Lo}\p{N}_-]+$/u.test(name)) refuse('invalid_name_specials')
  if (!/[\p{L}\p{N}]/u.test(name)) refuse('invalid_name_punctuation')
  if ([...world.channels.values()].some((c) => c.kind === 'channel' && c.name === name)) refuse('name_taken')
  return name
}

function invite(context: Context): Rec {
  const { world, args } = context
  const channel = own(context)
  const users = args.need('users').split(',')
  if (users.length > 1000) refuse('too_many_users')
  for (const id of users) refuseInvitation(context, channel, id.trim())
  for (const id of users) channel.members.add(id.trim())
  world.changed()
  return { channel: wireChannel(world, channel) }
}

function refuseInvitation({ world }: Context, channel: Channel, id: string): void {
  const user = world.users.get(id)
  if (user === undefined) return refuse('user_not_found')
  if (id === world.workspace.app.userId) refuse('cant_invite_self')
  if (channel.members.has(id)) refuse('already_in_channel')
  if (isExternal(world, user)) refuse('no_external_invite_permission')
  if (user.deleted === true || user.guest === 'single') refuse('cant_invite')
}

function archive(context: Context): Rec {
  const channel = scoped(context, 'write')
  if (channel.archived === true) refuse('already_archived')
  if (channel.general === true) refuse('cant_archive_general')
  if (!channel.members.has(context.world.workspace.app.userId)) refuse('not_in_channel')
  channel.archived = true
  context.world.changed()
  return {}
}

function rename(context: Context): Rec {
  const channel = own(context)
  const name = freeName(context)
  channel.previousNames.push(channel.name)
  channel.name = name
  context.world.changed()
  return { channel: wireChannel(context.world, channel) }
}

function describe(what: 'topic' | 'purpose'): Method {
  return {
    required: ['channel', what],
    scopes: write,
    run: (context) => {
      const channel = own(context)
      const value = context.args.need(what)
      if (value.length > 250) refuse('too_long')
      channel[what] = value
      context.world.changed()
      return { channel: wireChannel(context.world, channel) }
    },
  }
}
