import { randomBytes } from 'node:crypto'
import { createArgs } from './args.ts'
import { applyEdit, deleteMessage, newMessage, parentOf } from './methods/chat.ts'
import { isEmpty, readContent } from './methods/chat-content.ts'
import type { Context } from './method.ts'
import type { Rec } from './record.ts'
import { refuse } from './refusal.ts'
import type { Channel, Message, World } from './world.ts'

/** Five uses within thirty minutes [documented]; then HTTP 404 `expired_url` [observed]. */
const maxUses = 5
const lifetime = 30 * 60 * 1000

type Origin = { user: string; channel: Channel; original?: Message }

type Entry = Origin & { expires: number; uses: number }

export type ResponseUrls = {
  issue(kind: 'commands' | 'actions', from: Origin): string
  /** Serves a POST to such a URL. Status and body are Slack's. */
  post(path: string, body: Rec): { status: number; body: Rec }
}

type Parts = { world: World; origin: () => string; context: (args: Rec) => Context }

export function createResponseUrls(parts: Parts): ResponseUrls {
  const known = new Map<string, Entry>()
  return {
    issue: (kind, from) => {
      const path = `/${kind}/${parts.world.workspace.team.id}/${Date.now()}/${randomBytes(12).toString('hex')}`
      known.set(path, { ...from, expires: parts.world.clock.now() + lifetime, uses: 0 })
      return `${parts.origin()}${path}`
    },
    post: (path, body) => {
      const entry = known.get(path)
      if (entry === undefined || entry.uses >= maxUses || parts.world.clock.now() > entry.expires) {
        return { status: 404, body: { ok: false, error: 'expired_url' } }
      }
      entry.uses += 1
      respond(parts, entry, body)
      return { status: 200, body: { ok: true } }
    },
  }
}

function respond({ world, context }: Parts, entry: Entry, body: Rec): void {
  const args = createArgs(body)
  const original =
    entry.original !== undefined && world.messages.includes(entry.original) ? entry.original : undefined
  if (args.flag('delete_original')) {
    if (original !== undefined) deleteMessage(world, original)
    return
  }
  const content = readContent(context(body))
  if (isEmpty(content)) refuse('no_text')
  if (args.flag('replace_original') && original !== undefined) {
    applyEdit(world, original, content)
    world.changed()
    return
  }
  const visible = args.text('response_type') === 'in_channel'
  const message = newMessage(world, entry.channel, content)
  if (!visible) message.onlyFor = entry.user
  const parent = parentOf(world, entry.channel, args.text('thread_ts'))
  if (parent !== undefined) message.threadTs = parent
  world.messages.push(message)
  world.changed()
}
