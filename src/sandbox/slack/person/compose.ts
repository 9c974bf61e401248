import { isEmpty, readContent } from '../methods/chat-content.ts'
import { newMessage } from '../methods/chat.ts'
import { messageEvent, slashCommand } from '../payloads.ts'
import { record } from '../record.ts'
import { Refusal } from '../refusal.ts'
import type { Channel, Message, User, World } from '../world.ts'
import { findMessage, isExternal } from '../world.ts'
import type { Desk, Outcome } from './desk.ts'
import { joined, person } from './desk.ts'

export type Place = { channel: string; threadTs?: string }

/** What the composer does with a line: a slash command when it starts with one, else a message. */
export async function compose(desk: Desk, userId: string, line: Place & { text: string }): Promise<Outcome> {
  if (/^\/\S/.test(line.text)) return await command(desk, userId, line)
  say(desk, userId, line)
  return { ok: true, payload: undefined, ms: 0 }
}

/**
 * Sends a slash command. Slack itself refuses it in threads, from people of another workspace and when no installed
 * app declares it; then the app hears nothing and Slackbot says why, to this person only.
 */
export async function command(desk: Desk, userId: string, line: Place & { text: string }): Promise<Outcome> {
  const { world } = desk
  const user = person(world, userId)
  const channel = joined(world, user, line.channel)
  const [name = '', rest = ''] = split(line.text)
  const declared = world.workspace.app.commands.findLast((c) => c.command === name)
  const tell = (text: string) => slackbot(world, { user, channel, text, ...threadOf(line) })
  if (line.threadTs !== undefined) {
    tell(`${name} is not supported in threads. Sorry!`)
    return { ok: false, error: 'not_in_threads' }
  }
  if (declared === undefined || isExternal(world, user)) {
    tell(`${name} is not a valid command.`)
    return { ok: false, error: 'not_a_command' }
  }
  const outcome = await desk.socket.deliver({
    type: 'slash_commands',
    acceptsResponse: true,
    payload: slashCommand(world, user, {
      channel,
      command: name,
      text: declared.shouldEscape === true ? escapeEntities(world, rest) : rest,
      triggerId: desk.triggers.issue(user.id),
      responseUrl: desk.urls.issue('commands', { user: user.id, channel }),
    }),
  })
  const failure = outcome.ok ? answer(desk, { user, channel, payload: outcome.payload }) : outcome.error
  if (failure !== undefined) tell(`${name} failed with the error "${failure}"`)
  return outcome
}

function threadOf(line: Place): { threadTs?: string } {
  return line.threadTs === undefined ? {} : { threadTs: line.threadTs }
}

function split(text: string): string[] {
  const match = /^(\S+)\s*([\s\S]*)$/.exec(text.trim())
  return [match?.[1] ?? '', match?.[2] ?? '']
}

/** An acknowledgement may carry a message, ephemeral unless `in_channel`. Returns the error Slack would show. */
function answer(desk: Desk, said: { user: User; channel: Channel; payload: unknown }): string | undefined {
  const body = record(typeof said.payload === 'string' ? { text: said.payload } : said.payload)
  try {
    const content = readContent(desk.context(body))
    if (isEmpty(content)) return undefined
    const message = newMessage(desk.world, said.channel, content)
    if (body['response_type'] !== 'in_channel') message.onlyFor = said.user.id
    desk.world.messages.push(message)
    desk.world.changed()
    return undefined
  } catch (error) {
    if (error instanceof Refusal) return 'dispatch_unknown_error'
    throw error
  }
}

function slackbot(
  world: World,
  note: { user: User; channel: Channel; text: string; threadTs?: string },
): void {
  world.messages.push({
    channel: note.channel.id,
    ts: world.nextTs(),
    user: 'USLACKBOT',
    text: note.text,
    postedAt: world.clock.now(),
    onlyFor: note.user.id,
    reactions: [],
    pinned: false,
    ...(note.threadTs === undefined ? {} : { threadTs: note.threadTs }),
  })
  world.changed()
}

/** Posts a person's message and lets the app hear of it: `app_mention` when it is named, `message` when subscribed. */
export function say(desk: Desk, userId: string, line: Place & { text: string }): Message {
  const { world } = desk
  const user = person(world, userId)
  const channel = joined(world, user, line.channel)
  const message: Message = {
    channel: channel.id,
    ts: world.nextTs(),
    user: user.id,
    text: escapeEntities(
      world,
      line.text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
    ),
    postedAt: world.clock.now(),
    reactions: [],
    pinned: false,
  }
  const parent = line.threadTs === undefined ? undefined : findMessage(world, channel.id, line.threadTs)
  if (parent !== undefined) message.threadTs = parent.threadTs ?? parent.ts
  world.messages.push(message)
  world.reads.set(`${user.id} ${channel.id}`, message.ts)
  world.changed()
  tellApp(desk, channel, message)
  return message
}

function tellApp({ world, events }: Desk, channel: Channel, message: Message): void {
  const bot = world.workspace.app.userId
  if (!channel.members.has(bot)) return
  if (message.text.includes(`<@${bot}>`)) void events.emit(messageEvent(world, message, 'app_mention'))
  void events.emit(messageEvent(world, message, 'message'))
}

/** `@rosa` → `<@U…>`, `#incidents` → `<#C…|incidents>`; what names nobody stays as it is. */
function escapeEntities(world: World, text: string): string {
  return text
    .replaceAll(/(^|\s)@([\w.-]+)/g, (all: string, before: string, name: string) => {
      const user = [...world.users.values()].find((u) => u.name === name)
      return user === undefined ? all : `${before}<@${user.id}>`
    })
    .replaceAll(/(^|\s)#([\w-]+)/g, (all: string, before: string, name: string) => {
      const channel = [...world.channels.values()].find((c) => c.name === name && c.private !== true)
      return channel === undefined ? all : `${before}<#${channel.id}|${name}>`
    })
}
