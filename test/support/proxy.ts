import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** What is done to the next commit that passes. */
export type Cut =
  /** It reaches the server, and the connection breaks before the answer comes back. */
  | 'answer'
  /** The connection breaks before it reaches the server. */
  | 'request'
  /** It does not reach the server, which goes on waiting, as for a process that hangs. */
  | 'hang'

export type Proxy = {
  readonly port: number
  readonly cut: (what: Cut) => void
  /** How many were cut. */
  readonly cuts: () => number
  readonly close: () => Promise<void>
}

/** Stands between a client and a server of PostgreSQL, and breaks connections at the worst moment. */
export async function startProxy(target: number): Promise<Proxy> {
  const sockets = new Set<Socket>()
  let armed: Cut | undefined
  let cuts = 0

  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    const ends = [client, upstream]
    let swallow = false
    const hangUp = () => {
      for (const socket of ends) socket.destroy()
    }
    for (const socket of ends) {
      sockets.add(socket)
      socket.on('error', hangUp)
      socket.on('close', () => {
        sockets.delete(socket)
        hangUp()
      })
    }
    client.on('data', (chunk) => {
      if (armed !== undefined && isCommit(chunk)) {
        const what = armed
        armed = undefined
        cuts += 1
        if (what === 'request') return hangUp()
        if (what === 'hang') return
        swallow = true
      }
      upstream.write(chunk)
    })
    upstream.on('data', (chunk) => {
      if (!swallow) client.write(chunk)
      // CommandComplete of the commit, so it is on disk: now the connection breaks.
      else if (chunk.includes('COMMIT\0')) hangUp()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    cut: (what) => {
      armed = what
    },
    cuts: () => cuts,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The message Query of the protocol: its text and a zero. */
function isCommit(chunk: Buffer): boolean {
  return chunk.includes('commit\0')
}
