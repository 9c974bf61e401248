import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import type { SlackSandbox } from '../../../src/sandbox/slack/server.ts'

type Frame = Record<string, unknown>

/** A Socket Mode connection without a client library: what arrives is kept, acknowledged at once unless told not to. */
export type RawSocket = {
  url: string
  frames: Frame[]
  next(type: string): Promise<Frame>
  acknowledge(frame: Frame, payload?: unknown): void
  /** Sends a close frame without giving up the TCP connection. */
  startClose(): void
  closeFrame: Promise<void>
  tcpOpen(): boolean
  tcpClosed: Promise<void>
  closed: Promise<void>
  close: () => Promise<void>
}

async function newUrl(slack: SlackSandbox): Promise<string> {
  const response = await fetch(`${slack.apiUrl}apps.connections.open`, {
    method: 'POST',
    headers: { authorization: `Bearer ${slack.appToken}` },
  })
  return ((await response.json()) as { url: string }).url
}

/** `answer` gives the payload to acknowledge with; `false` leaves envelopes unacknowledged. */
export async function connect(
  slack: SlackSandbox,
  known?: string,
  answer: false | ((frame: Frame) => unknown) = () => undefined,
): Promise<RawSocket> {
  const url = known ?? (await newUrl(slack))
  const socket = new WebSocket(url)
  const frames: Frame[] = []
  const waiting = new Set<() => void>()
  let tcp: Socket | undefined
  socket.on('upgrade', (response) => {
    tcp = response.socket
  })
  const acknowledge = (frame: Frame, payload?: unknown): void => {
    if (frame['envelope_id'] !== undefined)
      socket.send(JSON.stringify({ envelope_id: frame['envelope_id'], payload }))
  }
  socket.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString('utf8')) as Frame
    frames.push(frame)
    if (answer !== false && frame['envelope_id'] !== undefined) acknowledge(frame, answer(frame))
    for (const wake of waiting) wake()
  })
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const next = async (type: string): Promise<Frame> => {
    for (;;) {
      const found = frames.find((f) => f['type'] === type)
      if (found !== undefined) return found
      await new Promise<void>((resolve) => {
        waiting.add(resolve)
      })
    }
  }
  await new Promise<void>((resolve, reject) => {
    socket.once('message', () => resolve())
    socket.once('error', reject)
  })
  if (tcp === undefined) throw new Error('no TCP connection behind the socket')
  const wire = tcp
  return {
    url,
    frames,
    next,
    acknowledge,
    closed,
    startClose: () => {
      // The client library would end TCP itself after the handshake; here only the stand-in may.
      wire.end = () => wire
      socket.close(1000)
    },
    closeFrame: new Promise((resolve) => wire.on('data', () => resolve())),
    tcpOpen: () => !wire.readableEnded && !wire.destroyed,
    tcpClosed: new Promise((resolve) => wire.once('end', () => resolve())),
    close: async () => {
      socket.terminate()
      wire.destroy()
      await closed
    },
  }
}
