import { lookup } from 'node:dns'
import type { Agent, Dispatcher, request as sendRequest } from 'undici'
import { assertHost, guardedLookup } from '../../core/outbound.ts'
import type { Secret } from '../../core/secret.ts'
import type { Trouble } from './sink.ts'

/** A bulk answer has about 100 bytes an entry; what is far beyond it is not read. */
const MAX_ANSWER = 4 << 20

type Answer = { readonly status: number; readonly text: string; readonly trouble?: Trouble }

type Request = {
  readonly path?: string
  readonly headers: { readonly [name: string]: string }
  readonly body: string | Uint8Array
}

export type Poster = {
  readonly post: (request: Request, signal: AbortSignal) => Promise<Answer>
  readonly close: () => Promise<void>
}

/**
 * Posts to one address over a connection that is kept. Redirects are not followed and link-local addresses not reached:
 * what is sent goes where the configuration says, or nowhere.
 */
export function openPoster(base: string, ca: Secret | undefined): Poster {
  let agent: Promise<{ agent: Agent; request: typeof sendRequest }> | undefined
  const open = async () => {
    // Loaded when a sink is configured: it takes longer than everything else at the start of a command.
    const { Agent, request } = await import('undici')
    const trust = ca === undefined ? {} : { ca: ca.reveal() }
    const connect = { lookup: guardedLookup(lookup), ...trust }
    return { agent: new Agent({ connect, connections: 1, maxResponseSize: MAX_ANSWER }), request }
  }
  return {
    post: async ({ path = '', headers, body }, signal) => {
      const url = new URL(`${base.replace(/\/$/, '')}${path}`)
      assertHost(url.hostname)
      const { agent: dispatcher, request } = await (agent ??= open())
      const answer = await request(url, {
        method: 'POST',
        headers: { 'user-agent': 'firebreak', ...headers },
        body,
        signal,
        dispatcher,
      })
      return read(answer)
    },
    close: async () => {
      if (agent !== undefined) await (await agent).agent.destroy()
    },
  }
}

async function read({ statusCode: status, headers, body }: Dispatcher.ResponseData): Promise<Answer> {
  const text = await body.text()
  if (status >= 200 && status < 300) return { status, text }
  const afterMs = retryAfter(headers['retry-after'])
  const trouble = {
    why: `it answers ${status}${HINTS[status] ?? ''}`,
    ...(afterMs === undefined ? {} : { afterMs }),
    ...(status === 413 ? { tooLarge: true } : {}),
  }
  return { status, text, trouble }
}

const HINTS: { readonly [status: number]: string } = {
  301: ', and redirects are not followed',
  302: ', and redirects are not followed',
  307: ', and redirects are not followed',
  308: ', and redirects are not followed',
  400: ': it does not understand what is sent',
  401: ': it refuses the credentials',
  403: ': it refuses the credentials',
  404: ': the address is wrong, or what it names does not exist',
  413: ': the request is too large',
  429: ': it wants fewer requests',
}

/** Seconds, or a date (RFC 9110, section 10.2.3). */
export function retryAfter(value: string | string[] | undefined, now = Date.now()): number | undefined {
  if (typeof value !== 'string') return undefined
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
