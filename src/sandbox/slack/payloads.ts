import type { Rec } from './record.ts'
import { record, string } from './record.ts'
import type { Placed } from './inputs.ts'
import { wireMessage, wireView } from './wire.ts'
import type { Channel, Message, User, View, World } from './world.ts'

// Payloads as Slack sends them to the app. Key sets are held against captured payloads.

const token = 'sandbox-verification'

function common(world: World, user: User): Rec {
  const { team, app } = world.workspace
  return {
    user: { id: user.id, username: user.name, name: user.name, team_id: user.teamId },
    api_app_id: app.appId,
    token,
    team: { id: team.id, domain: team.domain },
    enterprise: null,
    is_enterprise_install: false,
  }
}

/** In payloads a private channel is called `privategroup` and a DM `directmessage`. */
function channelName(channel: Channel): string {
  if (channel.kind === 'im') return 'directmessage'
  return channel.private === true ? 'privategroup' : channel.name
}

export type CommandParts = {
  channel: Channel
  command: string
  text: string
  triggerId: string
  responseUrl: string
}

export function slashCommand(world: World, user: User, parts: CommandParts): Rec {
  const { team, app } = world.workspace
  return {
    token,
    team_id: team.id,
    team_domain: team.domain,
    channel_id: parts.channel.id,
    channel_name: channelName(parts.channel),
    user_id: user.id,
    user_name: user.name,
    command: parts.command,
    text: parts.text,
    api_app_id: app.appId,
    is_enterprise_install: 'false',
    response_url: parts.responseUrl,
    trigger_id: parts.triggerId,
  }
}

/** The entry of `actions`: the element without its choices, plus what was chosen. */
export function actionEntry(world: World, { blockId, element }: Placed, chosen: Rec): Rec {
  const { type, action_id: actionId, text, value, style, placeholder } = element
  const entry: Rec = { type, action_id: actionId, block_id: blockId }
  for (const [key, part] of Object.entries({ text, value, style, placeholder })) {
    if (part !== undefined) entry[key] = part
  }
  return { ...entry, ...chosen, action_ts: world.nextTs() }
}

export type ActionParts = { triggerId: string; action: Rec }

export function messageAction(
  world: World,
  user: User,
  parts: ActionParts & {
    channel: Channel
    message: Message
    responseUrl: string
    values: Record<string, Rec>
  },
): Rec {
  const { channel, message } = parts
  const thread = message.threadTs === undefined ? {} : { thread_ts: message.threadTs }
  const ephemeral = message.onlyFor !== undefined
  return {
    type: 'block_actions',
    ...common(world, user),
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: channel.id,
      is_ephemeral: ephemeral,
      ...thread,
    },
    trigger_id: parts.triggerId,
    channel: { id: channel.id, name: channelName(channel) },
    // An ephemeral message is not sent along.
    ...(ephemeral ? {} : { message: wireMessage(world, message) }),
    state: { values: parts.values },
    response_url: parts.responseUrl,
    actions: [parts.action],
  }
}

export function viewAction(world: World, user: User, parts: ActionParts & { view: View }): Rec {
  return {
    type: 'block_actions',
    ...common(world, user),
    container: { type: 'view', view_id: parts.view.id },
    trigger_id: parts.triggerId,
    view: wireView(world, parts.view),
    actions: [parts.action],
  }
}

export function viewSubmission(world: World, user: User, parts: { view: View; triggerId: string }): Rec {
  return {
    type: 'view_submission',
    ...common(world, user),
    trigger_id: parts.triggerId,
    view: wireView(world, parts.view),
    response_urls: [],
  }
}

export function viewClosed(world: World, user: User, parts: { view: View; isCleared: boolean }): Rec {
  return {
    type: 'view_closed',
    ...common(world, user),
    view: wireView(world, parts.view),
    is_cleared: parts.isCleared,
  }
}

export type SuggestionParts = {
  placed: Placed
  query: string
  view?: View
  message?: Message
  channel?: Channel
}

export function blockSuggestion(world: World, user: User, parts: SuggestionParts): Rec {
  const { placed, view, message, channel } = parts
  const where =
    view !== undefined
      ? { container: { type: 'view', view_id: view.id }, view: wireView(world, view) }
      : {
          container: {
            type: 'message',
            message_ts: message?.ts,
            channel_id: message?.channel,
            is_ephemeral: message?.onlyFor !== undefined,
          },
          channel: channel === undefined ? null : { id: channel.id, name: channelName(channel) },
          message: message === undefined ? null : wireMessage(world, message),
        }
  return {
    type: 'block_suggestion',
    ...common(world, user),
    ...where,
    action_id: placed.element['action_id'],
    block_id: placed.blockId,
    value: parts.query,
  }
}

/** A message or mention somebody typed, as the Events API carries it. */
export function messageEvent(world: World, message: Message, type: 'message' | 'app_mention'): Rec {
  const channel = world.channels.get(message.channel)
  const kind = channel?.kind === 'im' ? 'im' : channel?.private === true ? 'group' : 'channel'
  const thread = message.threadTs === undefined ? {} : { thread_ts: message.threadTs }
  return {
    client_msg_id: crypto.randomUUID(),
    type,
    text: message.text,
    user: message.user,
    ts: message.ts,
    team: world.users.get(message.user)?.teamId,
    channel: message.channel,
    event_ts: message.ts,
    ...(type === 'message' ? { channel_type: kind } : {}),
    ...thread,
    blocks: [
      {
        type: 'rich_text',
        block_id: string(record(message.blocks?.[0])['block_id']) || 'typed',
        elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: message.text }] }],
      },
    ],
  }
}
