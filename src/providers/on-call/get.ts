import { lookup } from 'node:dns'
import type { Dispatcher } from 'undici'
import { isFirebreakError } from '../../core/errors.ts'
import { assertHost, guardedLookup } from '../../core/outbound.ts'
import { retryAfterMs } from '../../core/retry-after.ts'

/** A hundred on-call entries are some 80 KiB; what is far beyond it is not read. */
const MAX_ANSWER = 1 << 20

/** Whoever decides waits for the answer: longer, and they would believe that nothing happens. */
export const TIMEOUT_MS = 5000

/** Why there is no answer, in our words: never those of the system, which may repeat what was sent. */
export type NoAnswer = { readonly unknown: string; readonly retryAfterMs?: number }

export type Get = (path: string, signal: AbortSignal) => Promise<{ readonly json: unknown } | NoAnswer>

type Options = {
  readonly base: string
  readonly headers: () => { readonly [name: string]: string }
  /** Headers, besides Retry-After, that say for how many seconds the system wants to be left alone. */
  readonly patience: string
  /** What 404 means. */
  readonly missing: string
}

/**
 * Reads JSON from one address. Redirects are not followed and link-local addresses not reached: the credentials go where
 * the configuration says, or nowhere. Never throws.
 */
export function createGet({ base, headers, patience, missing }: Options): Get {
  let loaded: ReturnType<typeof load> | undefined
  const send = async (path: string, signal: AbortSignal) => {
    const url = new URL(`${base.replace(/\/$/, '')}${path}`)
    assertHost(url.hostname)
    const { agent: dispatcher, request } = await (loaded ??= load())
    const sent = { 'user-agent': 'firebreak', ...headers() }
    return request(url, { method: 'GET', headers: sent, signal, dispatcher })
  }
  return async (path, signal) => {
    try {
      const answer = await send(path, signal)
      const text = await answer.body.text()
      if (answer.statusCode !== 200) return refusalOf(answer, { patience, missing })
      const json: unknown = JSON.parse(text)
      return { json }
    } catch (error) {
      return { unknown: failureWords(error) }
    }
  }
}

async function load() {
  // Loaded when first asked: it takes longer than everything else at the start of a command.
  const { Agent, request } = await import('undici')
  const connect = { lookup: guardedLookup(lookup) }
  // Nobody asks often: a kept connection would mostly be one that the other side has closed.
  return { agent: new Agent({ connect, pipelining: 0, maxResponseSize: MAX_ANSWER }), request }
}

type Meaning = Pick<Options, 'patience' | 'missing'>

function refusalOf(
  { statusCode: status, headers }: Dispatcher.ResponseData,
  { patience, missing }: Meaning,
): NoAnswer {
  const unknown = `it answers ${status}${status === 404 ? `: ${missing}` : (hints[status] ?? '')}`
  if (status !== 429) return { unknown }
  const ms = retryAfterMs(headers['retry-after']) ?? retryAfterMs(headers[patience])
  return ms === undefined ? { unknown } : { unknown, retryAfterMs: ms }
}

const redirected = ', and redirects are not followed'
const hints: { readonly [status: number]: string } = {
  301: redirected,
  302: redirected,
  307: redirected,
  308: redirected,
  401: ': it refuses the credentials',
  403: ': the credentials do not allow it',
  429: ': it wants fewer requests',
}

function failureWords(error: unknown): string {
  if (isFirebreakError(error)) return error.message
  if (!(error instanceof Error)) return 'it cannot be reached'
  if (error.name === 'TimeoutError') return 'it does not answer in time'
  if (error instanceof SyntaxError) return 'what it answers is not JSON'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.constructor.name
  return code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE'
    ? 'its answer is too large'
    : `it cannot be reached (${code})`
}
