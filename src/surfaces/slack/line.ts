import { setTimeout as sleep } from 'node:timers/promises'
import type { Envelope } from './delivery.ts'
import type { Log } from './log.ts'
import type { OpenSocket, Socket } from './socket.ts'

/**
 * Tries again after 0.5, 1, 2, 4, 5, 5 … s, for ever. The library's unbounded back-off left bots deaf for 20 min after
 * an outage of one hour (trap 2), and its supervisor died of `invalid_auth` (trap 3).
 */
const FIRST_RETRY_MS = 500
const LAST_RETRY_MS = 5000
/** How long a replaced connection still carries the acknowledgements of what came over it. */
const DRAIN_MS = 3000

export type LineOptions = {
  readonly name: string
  readonly open: OpenSocket
  readonly receive: (envelope: Envelope) => void
  readonly log: Log
  /** After which part of its lifetime a connection is replaced: different for each line, so that both are never new at once. */
  readonly renewAt: number
}

/** A line to Slack: one current connection, replaced before it goes. */
export type Line = {
  readonly up: () => boolean
  /** Why the last attempt to connect failed; undefined after one that did not. */
  readonly fault: () => string | undefined
  /** Resolves after the first attempt, whatever came of it. */
  readonly tried: Promise<void>
  readonly stop: () => void
}

type State = {
  readonly options: LineOptions
  readonly stopped: AbortController
  readonly tried: PromiseWithResolvers<void>
  current: Connection | undefined
  fault: string | undefined
}

type Connection = { readonly socket: Socket; readonly gone: Promise<string> }

export function keepLine(options: LineOptions): Line {
  const state: State = {
    options,
    stopped: new AbortController(),
    tried: Promise.withResolvers<void>(),
    current: undefined,
    fault: undefined,
  }
  void keep(state)
  return {
    up: () => state.current !== undefined,
    fault: () => state.fault,
    tried: state.tried.promise,
    stop: () => {
      state.stopped.abort()
      state.current?.socket.close()
      state.current = undefined
    },
  }
}

async function keep(state: State): Promise<void> {
  let failures = 0
  while (!state.stopped.signal.aborted) {
    const next = await connect(state)
    state.tried.resolve()
    if (next === undefined) {
      await pause(state, Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures))
      failures += 1
      continue
    }
    failures = 0
    const reason = await ended(state, next)
    state.options.log.info({ line: state.options.name, reason }, 'slack connection ends, another is opened')
  }
}

/** Opens a connection and puts it in the place of the previous one, which is closed once it has drained. */
async function connect(state: State): Promise<Connection | undefined> {
  const { open, receive, log, name } = state.options
  const gone = Promise.withResolvers<string>()
  try {
    const socket = await open({
      envelope: receive,
      leaving: gone.resolve,
      closed: () => {
        if (state.current?.gone === gone.promise) state.current = undefined
        gone.resolve('closed')
      },
    })
    const connection = { socket, gone: gone.promise }
    install(state, connection)
    return connection
  } catch (error) {
    state.fault = error instanceof Error ? error.message : String(error)
    log.warn({ line: name, why: state.fault }, 'slack connection failed, trying again')
    return undefined
  }
}

function install(state: State, connection: Connection): void {
  const previous = state.current
  state.current = connection
  state.fault = undefined
  if (previous !== undefined) setTimeout(() => previous.socket.close(), DRAIN_MS).unref()
  if (state.stopped.signal.aborted) {
    state.current = undefined
    connection.socket.close()
  }
}

/** Why the connection has to be replaced: Slack asks for it, it is closed, it is old, or we stop. */
async function ended(state: State, { socket, gone }: Connection): Promise<string> {
  const waiting = new AbortController()
  const signal = AbortSignal.any([waiting.signal, state.stopped.signal])
  const age = sleep(socket.lifetimeMs * state.options.renewAt, 'renewed in time', { signal, ref: false })
  try {
    return await Promise.race([gone, age.catch(() => 'stopped')])
  } finally {
    waiting.abort()
  }
}

async function pause(state: State, milliseconds: number): Promise<void> {
  await sleep(milliseconds, undefined, { signal: state.stopped.signal }).catch(() => undefined)
}
