import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'

/** A provider that puts secrets into whatever it says: it stands before a stand-in, and answers errors on demand. */
export type HostileProxy = {
  readonly url: string
  /** From now on every call fails, and the error says these texts everywhere an error can say something. */
  readonly fail: (says: readonly string[]) => void
  readonly pass: () => void
  /** How many errors it has answered. */
  readonly failed: () => number
  readonly close: () => Promise<void>
}

export async function startHostileProxy(target: string, headers: readonly string[]): Promise<HostileProxy> {
  let says: readonly string[] = []
  let failed = 0
  const server = createServer((incoming, outgoing) => {
    if (says.length === 0) return forward(target, { incoming, outgoing, headers })
    failed += 1
    incoming.resume()
    refuse(outgoing, says, failed)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    fail: (texts) => {
      says = texts
    },
    pass: () => {
      says = []
    },
    failed: () => failed,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

type Exchange = {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly headers: readonly string[]
}

/** The headers go on as they came: requests to AWS are signed with the host that the client knows. */
function forward(target: string, { incoming, outgoing, headers }: Exchange): void {
  const on = request(new URL(incoming.url ?? '/', target), {
    method: incoming.method,
    headers: incoming.headers,
  })
  on.on('response', (answer) => {
    outgoing.writeHead(answer.statusCode ?? 500, {
      ...answer.headers,
      'x-debug': headers.join(' '),
      'set-cookie': `s=${headers[0]}`,
    })
    answer.pipe(outgoing)
  })
  on.on('error', () => outgoing.destroy())
  incoming.pipe(on)
}

/** As JSON and XML services would say it, now this way, now that. */
function refuse(outgoing: ServerResponse, says: readonly string[], n: number): void {
  const [code = '', ...texts] = says
  const message = texts.join(' ')
  const json = JSON.stringify({
    __type: code,
    code,
    reason: code,
    kind: 'Status',
    status: 'Failure',
    message,
    Message: message,
  })
  const xml = `<ErrorResponse><Error><Code>${code}</Code><Message>${message.replaceAll(/[<&]/g, '')}</Message></Error></ErrorResponse>`
  const [body, type] = n % 2 === 0 ? [json, 'application/json'] : [xml, 'text/xml']
  outgoing.writeHead(n % 3 === 0 ? 500 : 400, code, {
    'content-type': type,
    'x-amzn-errortype': code,
    'x-amzn-requestid': code,
    'www-authenticate': `Bearer realm="${texts[0] ?? ''}"`,
  })
  outgoing.end(body)
}
