import { once } from 'node:events'
import { createServer as createTcp, type Socket } from 'node:net'
import { createServer as createTls } from 'node:tls'
import type { Fault } from './http-receiver.ts'

/** A syslog receiver at the wire: octet counting, over TCP or TLS. It closes its side when the sender has closed its own. */
export async function syslogReceiver(tls?: { readonly key: string; readonly cert: string }) {
  const faults: Fault[] = []
  const messages: string[] = []
  // Of a TLS connection the socket below it: only that one can be reset.
  const sockets = new Map<number | undefined, Socket>()
  const cut = ({ remotePort }: Socket) => void sockets.get(remotePort)?.resetAndDestroy()
  const serve = (socket: Socket) => {
    socket.on('error', () => {})
    const fault = faults.shift()
    const chunks: Buffer[] = []
    if (fault?.kind === 'status') return void socket.destroy()
    if (fault?.kind === 'half') return void socket.once('data', () => cut(socket))
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('end', () => {
      if (fault?.kind === 'stall') return
      messages.push(...framesOf(Buffer.concat(chunks)))
      if (fault?.kind === 'lose') cut(socket)
      else socket.end()
    })
  }
  const options = { allowHalfOpen: true }
  const server = tls === undefined ? createTcp(options, serve) : createTls({ ...options, ...tls }, serve)
  server.on('connection', (socket: Socket) => sockets.set(socket.remotePort, socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    messages,
    plan: (...planned: Fault[]) => void faults.push(...planned),
    close: async () => {
      for (const socket of sockets.values()) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** RFC 6587, section 3.4.1: MSG-LEN SP SYSLOG-MSG. */
function framesOf(bytes: Buffer): string[] {
  const frames: string[] = []
  let rest = bytes
  while (rest.length > 0) {
    const [head = '', length = ''] = /^([1-9]\d*) /.exec(rest.toString('latin1', 0, 12)) ?? []
    const end = head.length + Number(length)
    if (head === '' || end > rest.length) throw new Error('not a frame')
    frames.push(rest.toString('utf8', head.length, end))
    rest = rest.subarray(end)
  }
  return frames
}
