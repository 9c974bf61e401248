import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { listen } from '../aws/listen.ts'
import { createFaults, type Fault, type Faults } from './faults.ts'

/** What both on-call stand-ins are made of: how they are served, what can go wrong, and what they remember. */

export type Reply = {
  readonly status: number
  readonly body?: object
  readonly headers?: { readonly [name: string]: string }
}

export type Request = {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
}

/** A call, as the stand-in saw it; status 0 where it gave no answer. Credentials never get here. */
type LoggedRequest = Pick<Request, 'method' | 'path'> & {
  readonly query: string
  readonly status: number
}

type Refused = Extract<Fault, { readonly kind: 'throttle' | 'error' }>

export type Service = {
  readonly answer: (request: Request) => Reply
  /** How the system itself says that it refuses for now. */
  readonly refuse: (fault: Refused) => Reply
}

export type Sandbox = {
  readonly url: string
  readonly requests: readonly LoggedRequest[]
  readonly faults: Faults
  readonly close: () => Promise<void>
}

/** Serves on 127.0.0.1 only; port 0 takes any free one. */
export async function serve(service: Service, port: number): Promise<Sandbox> {
  const faults = createFaults()
  const requests: LoggedRequest[] = []
  const server = createServer((request, response) => {
    const asked = readRequest(request)
    const log = (status: number) => {
      const { method, path, query } = asked
      requests.push({ method, path, query: query.toString(), status })
    }
    void handle(service, { asked, response, fault: faults.take(), log })
  })
  const taken = await listen(server, port)
  return {
    url: `http://127.0.0.1:${taken}`,
    requests,
    faults,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function readRequest({ method = '', url = '/', headers }: IncomingMessage): Request {
  const { pathname, searchParams } = new URL(url, 'http://stand-in')
  return { method, path: pathname, query: searchParams, headers }
}

type Exchange = {
  readonly asked: Request
  readonly response: ServerResponse
  readonly fault: Fault | undefined
  readonly log: (status: number) => void
}

async function handle(service: Service, { asked, response, fault, log }: Exchange): Promise<void> {
  if (fault?.kind === 'latency') await sleep(fault.ms)
  if (fault?.kind === 'hang' || fault?.kind === 'lost-answer') {
    log(0)
    if (fault.kind === 'lost-answer') response.destroy()
    return
  }
  const { status, headers, text } = replyTo(service, asked, fault)
  log(status)
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(text)
}

type Text = Pick<Reply, 'status' | 'headers'> & { readonly text: string }

function replyTo(service: Service, asked: Request, fault: Exchange['fault']): Text {
  if (fault?.kind === 'answer')
    return { status: fault.status, text: fault.text, headers: fault.headers ?? {} }
  const refused = fault?.kind === 'throttle' || fault?.kind === 'error'
  const { body, ...rest } = refused ? service.refuse(fault) : service.answer(asked)
  return { ...rest, text: body === undefined ? '' : JSON.stringify(body) }
}
