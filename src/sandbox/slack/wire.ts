import type { Rec } from './record.ts'
import { compact } from './record.ts'
import type { Channel, Message, User, View, World } from './world.ts'
import { isExternal, replies } from './world.ts'

// The JSON that Slack shows of its things. Key sets are held against the response samples of the method reference.

export function wireUser(world: World, user: User): Rec {
  const guest = user.guest !== undefined
  return {
    id: user.id,
    team_id: user.teamId,
    name: user.name,
    deleted: user.deleted === true,
    real_name: user.realName,
    tz: 'Etc/UTC',
    tz_label: 'UTC',
    tz_offset: 0,
    profile: profile(world, user),
    is_admin: user.admin === true,
    is_owner: false,
    is_primary_owner: false,
    is_restricted: guest,
    is_ultra_restricted: user.guest === 'single',
    is_bot: user.bot === true,
    is_app_user: false,
    updated: 1_700_000_000,
    // True only for people who share no channel with the installing workspace: never proof of being internal.
    ...(isExternal(world, user) ? { is_stranger: false } : {}),
  }
}

function profile(world: World, user: User): Rec {
  const { scopes, userId, botId, appId } = world.workspace.app
  return compact({
    title: user.title ?? '',
    real_name: user.realName,
    real_name_normalized: user.realName,
    display_name: user.name,
    display_name_normalized: user.name,
    status_text: '',
    status_emoji: '',
    team: user.teamId,
    // The address is there only with users:read.email [documented].
    email: scopes.includes('users:read.email') ? user.email : undefined,
    bot_id: user.id === userId ? botId : undefined,
    api_app_id: user.id === userId ? appId : undefined,
  })
}

export function wireChannel(world: World, channel: Channel): Rec {
  const { team, app } = world.workspace
  const isPrivate = channel.private === true
  const base = {
    id: channel.id,
    created: channel.created,
    is_archived: channel.archived === true,
    is_im: channel.kind === 'im',
    is_org_shared: false,
    context_team_id: team.id,
    updated: channel.created * 1000,
  }
  if (channel.kind === 'im') {
    const user = [...channel.members].find((m) => m !== app.userId) ?? app.userId
    return { ...base, user, is_user_deleted: world.users.get(user)?.deleted === true, priority: 0 }
  }
  const external = [...channel.members].some((m) => world.users.get(m)?.teamId !== team.id)
  return {
    ...base,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: !isPrivate,
    is_group: isPrivate,
    is_mpim: false,
    is_private: isPrivate,
    is_general: channel.general === true,
    is_member: channel.members.has(app.userId),
    is_shared: external,
    is_ext_shared: external,
    is_pending_ext_shared: false,
    pending_shared: [],
    parent_conversation: null,
    unlinked: 0,
    creator: channel.creator,
    shared_team_ids: [team.id],
    topic: { value: channel.topic ?? '', creator: channel.creator, last_set: channel.created },
    purpose: { value: channel.purpose ?? '', creator: channel.creator, last_set: channel.created },
    previous_names: channel.previousNames,
  }
}

function botProfile(world: World): Rec {
  const { team, app } = world.workspace
  return {
    id: app.botId,
    app_id: app.appId,
    name: app.name,
    deleted: false,
    updated: 1_700_000_000,
    team_id: team.id,
    icons: {},
  }
}

/** A message as the methods and payloads show it; metadata only when asked for. */
export function wireMessage(world: World, message: Message, withMetadata = false): Rec {
  const bot = message.botId === undefined ? {} : botFields(world, message.botId)
  return compact({
    ...bot,
    type: 'message',
    subtype: message.subtype,
    user: message.user,
    ts: message.ts,
    team: world.workspace.team.id,
    text: message.text,
    blocks: message.blocks,
    attachments: message.attachments,
    files: message.files,
    username: message.username,
    edited: message.edited,
    metadata: withMetadata ? message.metadata : undefined,
    reactions: message.reactions.length > 0 ? reactions(message) : undefined,
    pinned_to: message.pinned ? [message.channel] : undefined,
    ...threadFields(world, message),
  })
}

function botFields(world: World, botId: string): Rec {
  return { bot_id: botId, app_id: world.workspace.app.appId, bot_profile: botProfile(world) }
}

function reactions(message: Message): Rec[] {
  return message.reactions.map(({ name, users }) => ({ name, users, count: users.length }))
}

function threadFields(world: World, message: Message): Rec {
  if (message.threadTs !== undefined) {
    const parent = world.messages.find((m) => m.channel === message.channel && m.ts === message.threadTs)
    return compact({ thread_ts: message.threadTs, parent_user_id: parent?.user })
  }
  if (message.onlyFor !== undefined) return {}
  const answers = replies(world, message)
  if (answers.length === 0) return {}
  return {
    thread_ts: message.ts,
    reply_count: answers.length,
    reply_users: [...new Set(answers.map((a) => a.user))],
    reply_users_count: new Set(answers.map((a) => a.user)).size,
    latest_reply: answers.at(-1)?.ts ?? message.ts,
    is_locked: false,
    subscribed: false,
  }
}

export function wireView(world: World, view: View): Rec {
  const { team, app } = world.workspace
  return {
    id: view.id,
    team_id: team.id,
    private_metadata: '',
    callback_id: '',
    external_id: '',
    clear_on_close: false,
    notify_on_close: false,
    close: null,
    submit: null,
    title: null,
    ...view.body,
    type: view.type,
    state: { values: view.values },
    hash: view.hash,
    previous_view_id: view.previousId,
    root_view_id: view.rootId,
    app_id: app.appId,
    app_installed_team_id: team.id,
    bot_id: app.botId,
  }
}
