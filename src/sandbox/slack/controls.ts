import type { Clock } from './clock.ts'
import type { FaultBox } from './faults.ts'
import type { Context } from './method.ts'
import type { Place } from './person/compose.ts'
import { command, say } from './person/compose.ts'
import type { Desk } from './person/desk.ts'
import { close, submit } from './person/dialog.ts'
import { act, suggest } from './person/press.ts'
import type { Rec } from './record.ts'
import { misuse } from './refusal.ts'
import type { Looked, SlackSandbox } from './sandbox.ts'
import type { SocketMode } from './socket-mode.ts'
import type { Traffic } from './traffic.ts'
import type { Message, World } from './world.ts'
import { viewStack } from './world.ts'

/** Everything the stand-in is made of. */
export type SandboxParts = {
  world: World
  clock: Clock
  faults: FaultBox
  traffic: Traffic
  socket: SocketMode
  desk: Desk
  context: (args: Rec) => Context
}

type Running = { origin: string; stop: () => Promise<void> }

export function createControls(parts: SandboxParts, { origin, stop }: Running): SlackSandbox {
  const { world, clock, faults, traffic, socket, desk } = parts
  const { app } = world.workspace
  return {
    url: `${origin}/`,
    apiUrl: `${origin}/api/`,
    botToken: app.botToken,
    appToken: app.appToken,
    workspace: world.workspace,
    calls: traffic.calls,
    crossings: traffic.crossings,
    faults,
    clock,
    get connections() {
      return socket.connections
    },
    ...people(desk),
    ...sight(world),
    deliverEvent: (event) => desk.events.emit(event),
    deliver: (type, payload) => socket.deliver({ type, payload, acceptsResponse: type !== 'events_api' }),
    refresh: (which = 'all', reason = 'refresh_requested') => socket.disconnect(reason, which),
    dropSockets: () => socket.drop(),
    waitFor: (predicate, within = 5000) => waitFor(world, predicate, within),
    close: stop,
  }
}

type People = Pick<
  SlackSandbox,
  'command' | 'mention' | 'say' | 'press' | 'selectOption' | 'suggest' | 'submitView' | 'closeView'
>

type Said = [channel: string, text: string, threadTs?: string]

function line(...[channel, text, threadTs]: Said): Place & { text: string } {
  return { channel, text, ...(threadTs === undefined ? {} : { threadTs }) }
}

function people(desk: Desk): People {
  return {
    command: (userId, ...said) => command(desk, userId, line(...said)),
    say: (userId, ...said) => say(desk, userId, line(...said)),
    mention: (userId, ...[channel, text, threadTs]) =>
      say(desk, userId, line(channel, `@${desk.world.workspace.app.name} ${text}`, threadTs)),
    press: (userId, at) => act(desk, userId, at),
    selectOption: (userId, at, value) => act(desk, userId, { ...at, value }),
    suggest: (userId, at, query) => suggest(desk, userId, { ...at, query }),
    submitView: (userId, viewId, values = {}) => submit(desk, userId, { viewId, values }),
    closeView: (userId, viewId, all = false) => close(desk, userId, { viewId, all }),
  }
}

function sight(world: World): Pick<SlackSandbox, 'messages' | 'thread' | 'ephemerals' | 'views'> {
  const visible = (name: string): Message[] => {
    const channel = [...world.channels.values()].find(
      (c) => c.id === name || c.name === name.replace(/^#/, ''),
    )
    if (channel === undefined) return misuse(`there is no channel ${name}`)
    return world.messages.filter((m) => m.channel === channel.id && m.onlyFor === undefined)
  }
  return {
    messages: visible,
    thread: (channel, ts) => visible(channel).filter((m) => m.threadTs === ts),
    ephemerals: (userId) => world.messages.filter((m) => m.onlyFor === userId),
    views: (userId) => viewStack(world, userId),
  }
}

/** Checked at once, at every change, and every 20 ms for what the world does not announce. */
async function waitFor<T>(
  world: World,
  predicate: () => Looked<T> | Promise<Looked<T>>,
  within: number,
): Promise<T> {
  const deadline = performance.now() + within
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- looked at again and again
    const value = await predicate()
    if (value !== undefined && value !== false && value !== null) return value
    if (performance.now() > deadline)
      return misuse(`nothing came of it within ${within} ms: ${predicate.toString().slice(0, 200)}`)
    await new Promise<void>((resolve) => {
      const stop = world.onChange(done)
      const timer = setTimeout(done, 20)
      function done(): void {
        clearTimeout(timer)
        stop()
        resolve()
      }
    })
  }
}
