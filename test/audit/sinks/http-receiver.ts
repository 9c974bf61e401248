import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { gunzipSync } from 'node:zlib'

export type Fault =
  | {
      readonly kind: 'status'
      readonly status: number
      readonly retryAfter?: string
      readonly times?: number
    }
  /** Never answers. */
  | { readonly kind: 'stall' }
  /** Takes the request and cuts the connection before the answer. */
  | { readonly kind: 'lose' }
  /** Cuts the connection in the middle of the request. */
  | { readonly kind: 'half' }

export type Taken = {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** Bytes of the body on the wire. */
  readonly bytes: number
}

/** An HTTP receiver at the wire. `take` says what it does with a request of up to `most` bytes and gives the body of its answer. */
export async function httpReceiver(take: (taken: Taken) => string, most = Infinity) {
  const faults: Fault[] = []
  const requests: Taken[] = []
  const server = createServer((request, response) => {
    const fault = faults.shift()
    if (fault?.kind === 'half') {
      request.once('data', () => request.destroy())
      return
    }
    void serve(request, response, fault)
  })
  const serve = async (
    ...[request, response, fault]: [IncomingMessage, ServerResponse, Fault | undefined]
  ) => {
    const taken = await read(request)
    requests.push(taken)
    answer(response, fault, taken)
  }
  const answer = (response: ServerResponse, fault: Fault | undefined, taken: Taken) => {
    if (fault?.kind === 'stall') return
    if (fault?.kind === 'status') {
      const { status, retryAfter } = fault
      response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter }).end('no')
      return
    }
    if (taken.bytes > most) return void response.writeHead(413).end()
    const text = take(taken)
    if (fault?.kind === 'lose') response.socket?.destroy()
    else response.writeHead(200).end(text)
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    plan: (...planned: Fault[]) => void faults.push(...planned),
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function read(request: IncomingMessage): Promise<Taken> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const raw = Buffer.concat(chunks)
  const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw
  return { path: request.url ?? '', headers: request.headers, body: body.toString(), bytes: raw.length }
}
