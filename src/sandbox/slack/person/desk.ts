import type { Events } from '../events.ts'
import type { Context } from '../method.ts'
import type { Rec } from '../record.ts'
import { misuse } from '../refusal.ts'
import type { ResponseUrls } from '../response-urls.ts'
import type { Delivery, SocketMode } from '../socket-mode.ts'
import type { Triggers } from '../triggers.ts'
import type { Channel, Message, User, View, World } from '../world.ts'

/** What the actions of a person in a Slack client need. */
export type Desk = {
  world: World
  triggers: Triggers
  urls: ResponseUrls
  socket: SocketMode
  events: Events
  context: (args: Rec) => Context
  /** Options the app has suggested, by `place action_id`. */
  offered: Map<string, Rec[]>
  /** Selections in messages, by `person ts`. */
  picked: Map<string, Record<string, Rec>>
}

/** Why nothing reached the app, or nothing usable came back. The first two are words Slack shows. */
export type Failure =
  | Extract<Delivery, { ok: false }>['error']
  | 'not_in_threads'
  | 'not_a_command'
  | 'invalid_response'

export type Outcome = { ok: true; payload: unknown; ms: number } | { ok: false; error: Failure }

/** A living person: bots and deactivated accounts do nothing in a client. */
export function person(world: World, id: string): User {
  const user = world.users.get(id)
  if (user === undefined) return misuse(`there is no person ${id}`)
  if (user.deleted === true) return misuse(`${user.realName} is deactivated and cannot sign in`)
  return user.bot === true ? misuse(`${user.name} is an app, not a person`) : user
}

/** A conversation the person is in. */
export function joined(world: World, user: User, id: string): Channel {
  const channel =
    world.channels.get(id) ?? [...world.channels.values()].find((c) => c.name === id.replace(/^#/, ''))
  if (channel === undefined) return misuse(`there is no channel ${id}`)
  if (!channel.members.has(user.id)) return misuse(`${user.realName} is not in #${channel.name}`)
  return channel
}

/** A message on this person's screen, ephemeral ones included. */
export function onScreen(
  world: World,
  user: User,
  at: { channel: string; ts: string },
): { channel: Channel; message: Message } {
  const channel = joined(world, user, at.channel)
  const message = world.messages.find((m) => m.channel === channel.id && m.ts === at.ts)
  if (message === undefined || (message.onlyFor ?? user.id) !== user.id) {
    return misuse(`${user.realName} sees no message ${at.ts} in #${channel.name}`)
  }
  return { channel, message }
}

export function openDialog(world: World, user: User, viewId: string): View {
  const view = world.views.get(viewId)
  if (view === undefined || view.user !== user.id)
    return misuse(`${user.realName} has no open view ${viewId}`)
  return view
}
