import type * as SocketModule from '@slack/socket-mode'
import type { WebClientOptions } from '@slack/web-api'
import type { Secret } from '../../core/secret.ts'
import type { Envelope } from './delivery.ts'
import { libraryLog } from './library-log.ts'
import type { Log } from './log.ts'

/** What a connection tells the line that keeps it. */
type SocketEvents = {
  readonly envelope: (envelope: Envelope) => void
  /** Slack will close this connection soon, or a step of ours must: open another before letting this one go. */
  readonly leaving: (reason: string) => void
  readonly closed: () => void
}

/** An open connection. */
export type Socket = {
  /** How many connections this app had when this one said hello; more than ours: somebody else uses the app token. */
  readonly connections: number
  /** How long Slack means to keep it, in milliseconds. */
  readonly lifetimeMs: number
  readonly close: () => void
}

export type SocketOptions = {
  readonly appToken: Secret
  readonly log: Log
  /** A new object for every connection: the library writes into it. */
  readonly clientOptions: () => WebClientOptions
}

export type OpenSocket = (events: SocketEvents) => Promise<Socket>

/** From connect to hello. */
const OPEN_MS = 10_000
/** The library waits up to 30 s for Slack to drop TCP after the close handshake, which Slack leaves to us. */
const CLOSE_MS = 500

/**
 * Opens single connections that never reconnect by themselves: the library's reconnecting waits without bound, ends
 * the process on `invalid_auth`, and is deaf while it waits (traps 1–3).
 */
export async function socketOpener(options: SocketOptions): Promise<OpenSocket> {
  const library = await import('@slack/socket-mode')
  const Client = patientClient(library)
  const logger = libraryLog(options.log, library.LogLevel.WARN)
  return (events) => open({ Client, logger, options }, events)
}

type Hello = { readonly connections: number; readonly lifetimeMs: number }

type Frame =
  | { readonly kind: 'hello'; readonly hello: Hello }
  | { readonly kind: 'leave'; readonly reason: string }
  | { readonly kind: 'unreadable'; readonly why: string }

/**
 * The library closes the connection in the moment in which Slack asks for a new one, and acknowledgements in flight
 * die with it (trap 1: 54–5016 ms deaf). This one only reports; whoever keeps the line closes it later.
 */
function patientClient({ SocketModeClient }: typeof SocketModule) {
  return class PatientClient extends SocketModeClient {
    onFrame: (frame: Frame) => void = () => undefined

    protected override async onWebSocketMessage(
      data: string | ArrayBuffer,
      isBinary: boolean,
    ): Promise<void> {
      const frame = typeof data === 'string' ? readFrame(data) : undefined
      if (frame !== undefined) this.onFrame(frame)
      if (frame?.kind === 'leave') return
      try {
        await super.onWebSocketMessage(data, isBinary)
      } catch (error) {
        // An event without its inner event throws here, where nobody catches: it would end the process.
        this.onFrame({ kind: 'unreadable', why: error instanceof Error ? error.message : String(error) })
      }
    }
  }
}

type PatientClient = InstanceType<ReturnType<typeof patientClient>>

/** The frames that are about the connection itself; undefined for all others, and for nonsense. */
function readFrame(text: string): Frame | undefined {
  const frame = parse(text)
  if (frame?.['type'] === 'hello') return { kind: 'hello', hello: readHello(frame) }
  if (frame?.['type'] !== 'disconnect') return undefined
  return { kind: 'leave', reason: typeof frame['reason'] === 'string' ? frame['reason'] : 'unknown' }
}

function readHello(frame: Record<string, unknown>): Hello {
  const debug: object =
    typeof frame['debug_info'] === 'object' && frame['debug_info'] !== null ? frame['debug_info'] : {}
  const seconds =
    'approximate_connection_time' in debug ? Number(debug.approximate_connection_time) : Number.NaN
  const connections = Number(frame['num_connections'])
  return {
    connections: Number.isFinite(connections) ? connections : 1,
    // Documented range: 3600–18060 s; 360 s when debugging reconnects.
    lifetimeMs: (Number.isFinite(seconds) ? Math.max(60, seconds) : 3600) * 1000,
  }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

type Maker = {
  readonly Client: ReturnType<typeof patientClient>
  readonly logger: ReturnType<typeof libraryLog>
  readonly options: SocketOptions
}

async function open({ Client, logger, options }: Maker, events: SocketEvents): Promise<Socket> {
  const client = new Client({
    appToken: options.appToken.reveal(),
    autoReconnectEnabled: false,
    logger,
    clientOptions: options.clientOptions(),
  })
  const greeting = Promise.withResolvers<Hello>()
  let greeted = false
  client.onFrame = (frame) => {
    if (frame.kind === 'hello') greeting.resolve(frame.hello)
    else if (frame.kind === 'unreadable') options.log.warn({ why: frame.why }, 'slack frame cannot be read')
    else if (greeted) events.leaving(frame.reason)
    // Before hello it is a refusal, such as `too_many_websockets`.
    else greeting.reject(new Error(`Slack closed the connection at once: ${frame.reason}`))
  }
  client.on('slack_event', (event: unknown) => {
    const envelope = readEnvelope(event)
    if (envelope === undefined) options.log.warn({}, 'slack sent an envelope that cannot be read')
    else events.envelope(envelope)
  })
  const hello = await started(client, greeting)
  greeted = true
  client.on('disconnected', events.closed)
  return { ...hello, close: () => shut(client) }
}

/** The greeting, or the reason why there is none: refused, closed, or too late. */
async function started(client: PatientClient, greeting: PromiseWithResolvers<Hello>): Promise<Hello> {
  const timer = setTimeout(() => greeting.reject(new Error('Slack did not say hello in time')), OPEN_MS)
  try {
    client.start().catch((error: unknown) => {
      greeting.reject(
        error instanceof Error ? error : new Error('the connection closed before Slack said hello'),
      )
    })
    return await greeting.promise
  } catch (error) {
    shut(client)
    throw error
  } finally {
    clearTimeout(timer)
  }
}

function shut(client: PatientClient): void {
  void client.disconnect()
  // Asked a second time, the library gives up on the handshake and destroys the connection.
  setTimeout(() => client.websocket?.disconnect(), CLOSE_MS).unref()
}

function readEnvelope(event: unknown): Envelope | undefined {
  if (typeof event !== 'object' || event === null) return undefined
  const {
    envelope_id: id,
    type,
    body,
    ack,
    retry_num: retry,
    retry_reason: reason,
  } = { ...emptyEvent, ...event }
  if (typeof id !== 'string' || typeof type !== 'string' || typeof ack !== 'function') return undefined
  return {
    envelopeId: id,
    type,
    body,
    ...(typeof retry === 'number' ? { retryNum: retry } : {}),
    ...(typeof reason === 'string' ? { retryReason: reason } : {}),
    send: async (answer) => {
      await Reflect.apply(ack, undefined, [answer])
    },
  }
}

const emptyEvent: Record<'envelope_id' | 'type' | 'body' | 'ack' | 'retry_num' | 'retry_reason', unknown> = {
  envelope_id: undefined,
  type: undefined,
  body: undefined,
  ack: undefined,
  retry_num: undefined,
  retry_reason: undefined,
}
