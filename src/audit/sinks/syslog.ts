import { lookup } from 'node:dns'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { assertHost, guardedLookup } from '../../core/outbound.ts'
import type { Secret } from '../../core/secret.ts'
import type { SyslogSinkSettings } from '../../core/sink-settings.ts'
import { all, type Sink } from './sink.ts'
import { syslogMessage } from './syslog-message.ts'

const MAX_BYTES = 1 << 20

/** Bounds of the pause before the connection is closed. */
const LEAST_MS = 20
const MOST_MS = 1000

/**
 * Syslog over TCP (RFC 6587, octet counting) or TLS (RFC 5425). The protocol has no answers, so each batch has a
 * connection of its own that is closed from this side: a receiver that closes its side in return has read to the end.
 * One that resets the connection, or never closes it, gets the batch again.
 */
export function syslogSink(settings: SyslogSinkSettings): Sink {
  const { name, host, port, tls, batch = 500 } = settings
  return {
    name,
    place: `${host}:${port}${tls === undefined ? '' : ' (TLS)'}`,
    limits: { entries: batch, bytes: MAX_BYTES },
    encode: (entry) => {
      const message = syslogMessage(entry, settings)
      return `${Buffer.byteLength(message)} ${message}`
    },
    send: async (parcels, signal) => {
      assertHost(host)
      const text = parcels.map((parcel) => parcel.text).join('')
      const read = await deliver(open(settings), text, signal)
      if (read) return all(parcels)
      return { accepted: 0, trouble: { why: 'it closes the connection before everything is sent' } }
    },
    close: async () => {},
  }
}

function open({ host, port, tls }: SyslogSinkSettings): Socket {
  const where = { host, port, lookup: guardedLookup(lookup) }
  if (tls === undefined) return connectTcp(where)
  const pem = (key: 'ca' | 'cert' | 'key') => pemOf(key, tls[key])
  return connectTls({
    ...where,
    ...pem('ca'),
    ...pem('cert'),
    ...pem('key'),
    ...serverName(tls.serverName ?? host),
    minVersion: 'TLSv1.2',
  })
}

/** An address has no name to be sent along (RFC 6066); the certificate must hold the address then. */
function serverName(name: string): { servername?: string } {
  return isIP(name) === 0 ? { servername: name } : {}
}

function pemOf(key: string, secret: Secret | undefined): object {
  return secret === undefined ? {} : { [key]: secret.reveal() }
}

/**
 * True when the receiver has closed its side after this one was closed; false when it did so earlier. Between the last
 * byte and the closing there is a pause: a receiver that had closed before the bytes came says so with a reset, one way
 * there and back later, and without the pause its closing would look like the answer to ours.
 */
async function deliver(socket: Socket, text: string, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>()
  const start = performance.now()
  let closed = false
  let timer: NodeJS.Timeout | undefined
  const closeSoon = (ms: number) => {
    timer = setTimeout(() => {
      closed = true
      socket.end()
    }, ms)
  }
  const stop = () => reject(signal.reason)
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  socket.on('connect', () => {
    const wayAndBack = performance.now() - start
    socket.write(text, () => closeSoon(Math.min(2 * wayAndBack + LEAST_MS, MOST_MS)))
  })
  socket.on('end', () => resolve(closed))
  socket.on('error', reject)
  socket.on('close', () => resolve(false))
  // What it says is of no interest, but unread it would keep its side from closing.
  socket.resume()
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
    socket.destroy()
  }
}
