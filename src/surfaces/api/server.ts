import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { ListenOptions } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { scrubbedAnswer } from './scrubbed.ts'

/** How long a client may take. Node answers 408 and hangs up. */
export type Patience = {
  /** For all headers of a request, from its first byte. */
  readonly headersMs: number
  /** For the whole request. */
  readonly requestMs: number
}

/** A header takes milliseconds and 1 MiB some seconds even on a poor line; what is slower holds connections on purpose. */
const patience: Patience = { headersMs: 5_000, requestMs: 15_000 }

/** How long a server that closes waits for answers under way. */
const GRACE_MS = 3_000

/** A server of plain `node:http` around a Hono app, with limits on slow and large headers. */
export function createHttpServer(app: Hono, { headersMs, requestMs }: Patience = patience): Server {
  const options = {
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    // Node looks at the two above only this often (its default is 30 s).
    connectionsCheckingInterval: Math.min(1_000, headersMs),
    maxHeaderSize: 16 * 1024,
  }
  const answer: typeof app.fetch = async (...asked) => scrubbedAnswer(await app.fetch(...asked))
  const listener = getRequestListener(answer, { overrideGlobalObjects: false, hostname: 'localhost' })
  return createServer(options, (incoming, outgoing) => void listener(incoming, outgoing))
}

export async function listen(server: Server, where: ListenOptions): Promise<void> {
  const listening = once(server, 'listening')
  server.listen(where)
  await listening
}

/** Takes no new connection, lets answers under way end, then hangs up. */
export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve())
  })
  // A connection that ends its answer after this moment stays open for the next request unless it is closed then.
  const sweep = setInterval(() => server.closeIdleConnections(), 20)
  const hangUp = setTimeout(() => server.closeAllConnections(), GRACE_MS)
  await closed
  clearInterval(sweep)
  clearTimeout(hangUp)
}
