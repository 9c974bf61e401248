import { setTimeout as sleep } from 'node:timers/promises'
import type { App, Receiver } from '@slack/bolt'
import { createDelivery } from './delivery.ts'
import type { Ack, Envelope } from './delivery.ts'
import type { Line } from './line.ts'
import { keepLine } from './line.ts'
import type { Log } from './log.ts'
import type { OpenSocket } from './socket.ts'

/** Ours: two lines and, for a moment, a replacement of each. Above that, somebody else has the app token. */
const OUR_CONNECTIONS = 4
const DRAIN_MS = 5000

export type SocketReceiver = Receiver & {
  readonly ready: () => boolean
  readonly fault: () => string | undefined
}

/**
 * Bolt's receiver over two lines. Slack sends any payload over any connection, so while one line is being renewed the
 * other hears (trap 1: with one line 5 s of clicks were lost; with two, one click in 184).
 */
export function createReceiver({
  open,
  log,
}: {
  readonly open: OpenSocket
  readonly log: Log
}): SocketReceiver {
  let app: App | undefined
  const delivery = createDelivery({ handle: (envelope, ack) => process(app, envelope, ack), late, log })
  const receive = (envelope: Envelope) => {
    delivery.receive(envelope).catch((error: unknown) => {
      log.error(
        { envelope: envelope.envelopeId, type: envelope.type, why: describe(error) },
        'slack delivery failed',
      )
    })
  }
  const watched = watch(open, log)
  let lines: readonly Line[] = []
  return {
    init: (bolt) => {
      app = bolt
    },
    start: async () => {
      lines = [
        keepLine({ name: 'first', open: watched, receive, log, renewAt: 0.9 }),
        keepLine({ name: 'second', open: watched, receive, log, renewAt: 0.55 }),
      ]
      await Promise.all(lines.map((line) => line.tried))
    },
    stop: async () => {
      const deadline = performance.now() + DRAIN_MS
      // What is being handled needs its line for the answer.
      while (delivery.active > 0 && performance.now() < deadline) await sleep(20)
      for (const line of lines) line.stop()
    },
    ready: () => lines.some((line) => line.up()),
    fault: () => lines.map((line) => line.fault()).find((fault) => fault !== undefined),
  }
}

async function process(app: App | undefined, envelope: Envelope, ack: Ack): Promise<void> {
  if (typeof envelope.body !== 'object' || envelope.body === null) return
  await app?.processEvent({
    body: envelope.body,
    ack: async (answer?: unknown) => {
      await ack(typeof answer === 'object' && answer !== null ? answer : undefined)
    },
    ...(envelope.retryNum === undefined ? {} : { retryNum: envelope.retryNum }),
    ...(envelope.retryReason === undefined ? {} : { retryReason: envelope.retryReason }),
  })
}

/** Better than `operation_timeout`; the real answer follows by the response URL. */
function late({ type }: Envelope): object | undefined {
  return type === 'slash_commands' ? { response_type: 'ephemeral', text: '⏳ Working on it…' } : undefined
}

/** A second process with the same app token silently takes part of the events (facts 2.9): say so. */
function watch(open: OpenSocket, log: Log): OpenSocket {
  return async (events) => {
    const socket = await open(events)
    if (socket.connections > OUR_CONNECTIONS) {
      log.warn(
        { connections: socket.connections },
        'another process uses this Slack app token and takes events away',
      )
    }
    return socket
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
