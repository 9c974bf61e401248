import type { Demo } from './sandbox.ts'
import { isExternal, replies, viewStack, canSee } from './world.ts'
import type { Channel, Message, User, World } from './world.ts'
import type { Rec } from './record.ts'
import { compact } from './record.ts'
import { wireMessage, wireView } from './wire.ts'

/** How many messages of a channel the page is given: a stress test must not drown the browser. */
const shown = 200

/** What the page shows to one person: nothing they could not see in Slack. */
export function pageState(world: World, user: User, demo: Demo | undefined): Rec {
  const channels = [...world.channels.values()].filter((c) => canSee(world, user, c))
  return {
    title: demo?.title ?? 'Slack stand-in',
    team: world.workspace.team,
    app: { name: world.workspace.app.name, userId: world.workspace.app.userId },
    commands: world.workspace.app.commands.map(({ command, usageHint = '' }) => ({ command, usageHint })),
    me: user.id,
    people: [...world.users.values()].filter((u) => u.bot !== true).map((u) => personRow(world, u)),
    users: Object.fromEntries([...world.users.values()].map((u) => [u.id, userRow(world, u)])),
    groups: Object.fromEntries([...world.groups.values()].map((g) => [g.id, g.handle])),
    channels: channels.map((c) => channelRow(world, user, c)),
    messages: channels.flatMap((c) => channelMessages(world, user, c)),
    views: viewStack(world, user.id).map((view) => wireView(world, view)),
    events: (demo?.events ?? []).map(({ id, label, hint }) => ({ id, label, hint })),
    panels: (demo?.panels ?? []).map(({ id, title }) => ({ id, title })),
  }
}

function kindOf(world: World, user: User): string {
  if (user.deleted === true) return 'deactivated'
  if (isExternal(world, user)) return 'external'
  if (user.guest !== undefined) return 'guest'
  return user.admin === true ? 'admin' : 'member'
}

function personRow(world: World, user: User): Rec {
  return {
    id: user.id,
    realName: user.realName,
    title: user.title ?? '',
    kind: kindOf(world, user),
    disabled: user.deleted === true,
  }
}

function userRow(world: World, user: User): Rec {
  return { name: user.name, realName: user.realName, kind: kindOf(world, user), bot: user.bot === true }
}

function channelRow(world: World, user: User, channel: Channel): Rec {
  const read = world.reads.get(`${user.id} ${channel.id}`) ?? ''
  const fresh = world.messages.filter(
    (m) => m.channel === channel.id && m.threadTs === undefined && m.ts > read && m.user !== user.id,
  )
  const visible = fresh.filter((m) => (m.onlyFor ?? user.id) === user.id)
  const other = [...channel.members].find((id) => id !== user.id)
  return {
    id: channel.id,
    name: channel.kind === 'im' ? (world.users.get(other ?? '')?.realName ?? 'nobody') : channel.name,
    kind: channel.kind,
    private: channel.private === true,
    archived: channel.archived === true,
    joined: channel.members.has(user.id),
    topic: channel.topic ?? '',
    members: channel.members.size,
    unread: visible.length,
    bookmarks: channel.bookmarks,
  }
}

function channelMessages(world: World, user: User, channel: Channel): Rec[] {
  return world.messages
    .filter((m) => m.channel === channel.id && (m.onlyFor ?? user.id) === user.id)
    .slice(-shown)
    .map((m) => messageRow(world, m))
}

function messageRow(world: World, message: Message): Rec {
  return compact({
    ...wireMessage(world, message),
    channel: message.channel,
    onlyForYou: message.onlyFor === undefined ? undefined : true,
    broadcast: message.broadcast === true ? true : undefined,
    replies: message.threadTs === undefined ? replies(world, message).length : undefined,
    bot_profile: undefined,
  })
}
