import type { Args } from './args.ts'
import type { FaultBox } from './faults.ts'
import type { Rec } from './record.ts'
import { refuse } from './refusal.ts'
import type { SocketMode } from './socket-mode.ts'
import type { Triggers } from './triggers.ts'
import type { Channel, World } from './world.ts'

/** What a Web API method may use. */
export type Context = {
  world: World
  args: Args
  triggers: Triggers
  faults: FaultBox
  socket: SocketMode
  /** `http://127.0.0.1:port` of the stand-in. */
  origin: string
}

export type Method = {
  /** Arguments without which nothing works, besides the token. */
  required: readonly string[]
  /** Any one of these suffices; empty: no scope needed. */
  scopes: readonly string[]
  /** Which token may call it; `app` is the app-level token. */
  token?: 'bot' | 'app' | 'any'
  run: (context: Context) => Rec | Promise<Rec>
}

export function hasScope(world: World, scope: string): boolean {
  return world.workspace.app.scopes.includes(scope)
}

export function needScope(world: World, ...anyOf: string[]): void {
  if (anyOf.length === 0 || anyOf.some((scope) => hasScope(world, scope))) return
  refuse('missing_scope', { needed: anyOf.join(','), provided: world.workspace.app.scopes.join(',') })
}

const families = { channel: 'channels', group: 'groups', im: 'im' } as const

/** `channels:read`, `groups:read` or `im:read`, by the kind of conversation. */
export function conversationScope(channel: Channel, verb: 'read' | 'history' | 'write'): string {
  const family = families[channel.kind === 'im' ? 'im' : channel.private === true ? 'group' : 'channel']
  return verb === 'write' && family === 'channels' ? 'channels:manage' : `${family}:${verb}`
}

/** The conversation, if the app may know that it exists: private ones only as a member. */
export function knownChannel({ world, args }: Context, name = 'channel'): Channel {
  const wanted = args.need(name)
  const channel = world.channels.get(wanted)
  const member = channel?.members.has(world.workspace.app.userId) === true
  if (channel === undefined || (channel.private === true && !member)) return refuse('channel_not_found')
  return channel
}

export type Page<T> = { page: T[]; next: string }

/** Cursor pagination as Slack does it: an opaque cursor, empty at the end. */
export function paginate<T>(all: readonly T[], { args }: Context, max: number): Page<T> {
  const limit = args.number('limit') ?? Math.min(100, max)
  if (limit < 1 || limit > max) return refuse('invalid_limit')
  const cursor = args.text('cursor')
  const start = cursor === undefined ? 0 : readCursor(cursor)
  const page = all.slice(start, start + limit)
  const end = start + page.length
  return { page, next: end < all.length ? Buffer.from(`next:${end}`).toString('base64') : '' }
}

function readCursor(cursor: string): number {
  const match = /^next:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString('utf8'))
  return match?.[1] === undefined ? refuse('invalid_cursor') : Number(match[1])
}
