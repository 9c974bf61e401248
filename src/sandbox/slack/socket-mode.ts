import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { RawData, WebSocket } from 'ws'
import type { FaultBox } from './faults.ts'
import type { Rec } from './record.ts'
import { parseJson, record, string } from './record.ts'
import type { Traffic } from './traffic.ts'

/** What became of something sent to the app. `operation_timeout` and `dispatch_failed` are the words Slack shows people. */
export type Delivery =
  | { ok: true; payload: unknown; ms: number }
  | { ok: false; error: 'operation_timeout' | 'dispatch_failed' }

type EnvelopeType = 'slash_commands' | 'interactive' | 'events_api'

type Envelope = { type: EnvelopeType; payload: Rec; acceptsResponse: boolean; retry?: Retry }

type Retry = { attempt: number; reason: '' | 'timeout' }

/** Milliseconds. Tests shorten them; the defaults are Slack's. */
export type Timing = {
  /** Acknowledgement budget: 3 s documented for HTTP, assumed for sockets. */
  ack: number
  /** An unacknowledged event comes back after about 4 s (bolt-js#2487, #2188). */
  eventRetry: number
  /** Server ping, about every 10 s. */
  ping: number
  /** The `warning` before a refresh comes about 10 s ahead. */
  warning: number
}

export const slackTiming: Timing = { ack: 3000, eventRetry: 4000, ping: 10_000, warning: 10_000 }

/** At most 10 connections per app [documented]. */
const maxSockets = 10

export type SocketMode = {
  /** Number of live connections. */
  readonly connections: number
  ticket(): string
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  deliver(envelope: Envelope): Promise<Delivery>
  /** Tell connections to go, as Slack does every few hours. `warning` precedes by Timing.warning when asked. */
  disconnect(reason: 'refresh_requested' | 'warning' | 'link_disabled', which?: 'all' | 'one'): void
  /** Reset TCP of every connection without a close frame. */
  drop(): void
  close(): Promise<void>
}

type Pending = { settle: (payload: unknown) => void; since: number }

/** Connections that can take an envelope: one that is closing stays in `live` until TCP ends, which may be long. */
function ready(hub: Hub): WebSocket[] {
  return [...hub.live].filter((socket) => socket.readyState === socket.OPEN)
}

type Hub = {
  appId: string
  timing: Timing
  faults: FaultBox
  traffic: Traffic
  onChange: () => void
  live: Set<WebSocket>
  sockets: Set<Duplex>
  tickets: Set<string>
  pending: Map<string, Pending>
  server: WebSocketServer
}

export type SocketModeOptions = {
  appId: string
  timing: Timing
  faults: FaultBox
  traffic: Traffic
  onChange: () => void
}

export function createSocketMode(options: SocketModeOptions): SocketMode {
  const hub: Hub = {
    ...options,
    live: new Set(),
    sockets: new Set(),
    tickets: new Set(),
    pending: new Map(),
    server: new WebSocketServer({ noServer: true }),
  }
  return {
    get connections() {
      return ready(hub).length
    },
    ticket: () => {
      const ticket = randomUUID()
      hub.tickets.add(ticket)
      return ticket
    },
    upgrade: (request, socket, head) => upgrade(hub, { request, socket, head }),
    deliver: (envelope) => deliver(hub, envelope),
    disconnect: (reason, which = 'all') => {
      const chosen = which === 'all' ? ready(hub) : ready(hub).slice(0, 1)
      for (const socket of chosen) sendDisconnect(hub, socket, reason)
    },
    drop: () => {
      for (const socket of hub.live) socket.terminate()
    },
    close: () => closeHub(hub),
  }
}

async function closeHub(hub: Hub): Promise<void> {
  for (const socket of hub.live) socket.terminate()
  for (const socket of hub.sockets) socket.destroy()
  await new Promise<void>((resolve) => hub.server.close(() => resolve()))
}

/** A ticket of apps.connections.open works once. */
function upgrade(hub: Hub, arrival: { request: IncomingMessage; socket: Duplex; head: Buffer }): void {
  const { request, socket, head } = arrival
  const url = new URL(request.url ?? '/', 'http://stand-in')
  if (!hub.tickets.delete(url.searchParams.get('ticket') ?? '')) {
    socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    return
  }
  hub.sockets.add(socket)
  socket.on('close', () => hub.sockets.delete(socket))
  hub.server.handleUpgrade(request, socket, head, (ws) => welcome(hub, ws, socket))
}

function welcome(hub: Hub, ws: WebSocket, socket: Duplex): void {
  if (ready(hub).length >= maxSockets) {
    ws.send(JSON.stringify({ type: 'disconnect', reason: 'too_many_websockets' }))
    ws.close(1000)
    return
  }
  hub.live.add(ws)
  ws.send(
    JSON.stringify({
      type: 'hello',
      num_connections: ready(hub).length,
      debug_info: { host: 'applink-stand-in', build_number: 1, approximate_connection_time: 18060 },
      connection_info: { app_id: hub.appId },
    }),
  )
  const ping = setInterval(() => ws.ping('Ping from stand-in'), hub.timing.ping)
  ws.on('message', (data) => acknowledge(hub, data))
  ws.on('error', () => ws.terminate())
  ws.on('close', () => {
    clearInterval(ping)
    hub.live.delete(ws)
    hub.onChange()
  })
  keepTcp(hub, socket)
  hub.onChange()
}

/** Real Slack answers a close frame but leaves TCP to the client: `end` of the raw socket is made a no-op. */
function keepTcp(hub: Hub, socket: Duplex): void {
  const end = socket.end.bind(socket)
  socket.end = () => (hub.faults.keepTcpAfterClose ? socket : end())
}

function sendDisconnect(hub: Hub, socket: WebSocket, reason: string): void {
  hub.traffic.add({
    direction: 'to-app',
    kind: 'disconnect',
    summary: reason,
    detail: { type: 'disconnect', reason },
  })
  socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'wss-stand-in' } }))
  // After a refresh request no new envelope goes to this connection; acknowledgements on it still count.
  if (reason !== 'warning') hub.live.delete(socket)
}

function acknowledge(hub: Hub, data: RawData): void {
  // `ws` hands out a Buffer with its default binaryType; other forms cannot occur here.
  const message = record(parseJson(Buffer.isBuffer(data) ? data.toString('utf8') : ''))
  const id = string(message['envelope_id'])
  const waiting = hub.pending.get(id)
  if (waiting === undefined) return
  hub.pending.delete(id)
  waiting.settle(message['payload'])
}

/** Sends one envelope to one live connection chosen at random [documented: any connection may get any payload]. */
async function deliver(hub: Hub, envelope: Envelope): Promise<Delivery> {
  const id = randomUUID()
  const result = await new Promise<Delivery>((resolve) => {
    hub.faults.gate(() => {
      if (ready(hub).length === 0) {
        resolve({ ok: false, error: 'dispatch_failed' })
        return
      }
      expectAck(hub, id, resolve)
      for (let copy = 0; copy < hub.faults.deliveries; copy += 1) send(hub, id, envelope)
    })
  })
  note(hub, envelope, result)
  return result
}

function expectAck(hub: Hub, id: string, resolve: (delivery: Delivery) => void): void {
  const since = performance.now()
  const timer = setTimeout(() => {
    hub.pending.delete(id)
    resolve({ ok: false, error: 'operation_timeout' })
  }, hub.timing.ack)
  hub.pending.set(id, {
    since,
    settle: (payload) => {
      clearTimeout(timer)
      resolve({ ok: true, payload, ms: performance.now() - since })
    },
  })
}

function send(hub: Hub, id: string, envelope: Envelope): void {
  const choices = ready(hub)
  const chosen = choices[Math.floor(Math.random() * choices.length)]
  const retry =
    envelope.retry === undefined
      ? {}
      : { retry_attempt: envelope.retry.attempt, retry_reason: envelope.retry.reason }
  const frame = {
    envelope_id: id,
    payload: envelope.payload,
    type: envelope.type,
    accepts_response_payload: envelope.acceptsResponse,
    ...retry,
  }
  hub.traffic.add({ direction: 'to-app', kind: envelope.type, summary: describe(envelope), detail: frame })
  chosen?.send(JSON.stringify(frame))
}

function describe({ type, payload }: Envelope): string {
  if (type === 'slash_commands') return `${string(payload['command'])} ${string(payload['text'])}`.trim()
  if (type === 'events_api') return string(record(payload['event'])['type'])
  return string(payload['type'])
}

function note(hub: Hub, envelope: Envelope, result: Delivery): void {
  hub.traffic.add({
    direction: 'from-app',
    kind: result.ok ? 'ack' : 'no ack',
    summary: result.ok
      ? `${describe(envelope)} in ${result.ms.toFixed(1)} ms`
      : `${describe(envelope)}: ${result.error}`,
    detail: result.ok ? { payload: result.payload ?? null } : { error: result.error },
  })
  hub.onChange()
}
