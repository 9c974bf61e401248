import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text as readText } from 'node:stream/consumers'
import type { z } from 'zod'
import { type ErrorCode, errorPages, FirebreakError } from '../../core/errors.ts'
import { ErrorAnswer, USER_HEADER } from '../../core/wire.ts'
import { WatchMessage } from '../../core/wire-views.ts'
import { readEvents } from './sse.ts'

/** Planning asks outside systems, verifying reads the whole log: silence is long only after this. */
const SILENCE_MS = 120_000

/** The running bot, as the control API gives it. */
export type Control = {
  readonly get: <T>(path: string, shape: z.ZodType<T>) => Promise<T>
  readonly post: <T>(path: string, body: unknown, shape: z.ZodType<T>) => Promise<T>
  /** A run's facts as they are committed; ends when the run is over, or the connection is. */
  readonly watch: (run: string) => AsyncGenerator<WatchMessage>
}

/** A client of the control socket. Nothing is connected before the first call. */
export function connectControl(
  socketPath: string,
  { signal, user }: { readonly signal: AbortSignal; readonly user: string },
): Control {
  const headers = { [USER_HEADER]: encodeURIComponent(user.toWellFormed()) }
  const call = async (path: string, body?: string): Promise<IncomingMessage> => {
    const sent = request({ socketPath, path, method: body === undefined ? 'GET' : 'POST', headers, signal })
    sent.setTimeout(SILENCE_MS, () => sent.destroy(new Error('no answer for two minutes')))
    sent.end(body)
    try {
      const [response]: IncomingMessage[] = await once(sent, 'response')
      if (response === undefined) throw new Error('no response')
      // A body refused early breaks the pipe after the answer; the answer is what counts.
      sent.on('error', () => {})
      return response
    } catch (error) {
      throw unreachable(socketPath, error)
    }
  }
  const ask = async <T>(path: string, shape: z.ZodType<T>, body?: unknown): Promise<T> => {
    const response = await call(path, body === undefined ? undefined : JSON.stringify(body))
    const answer = parseJson(await readText(response))
    return response.statusCode === 200 ? parseAnswer(shape, answer) : refuse(answer)
  }
  return {
    get: (path, shape) => ask(path, shape),
    post: (path, body, shape) => ask(path, shape, body),
    watch: async function* (run) {
      const response = await call(`/v1/runs/${encodeURIComponent(run)}/watch`)
      if (response.statusCode !== 200) refuse(parseJson(await readText(response)))
      for await (const data of readEvents(response)) yield parseAnswer(WatchMessage, parseJson(data))
    },
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw badAnswer('no JSON', cause)
  }
}

function parseAnswer<T>(shape: z.ZodType<T>, answer: unknown): T {
  const parsed = shape.safeParse(answer)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw badAnswer(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, parsed.error)
}

/** The bot's error, thrown here as it was thrown there. */
function refuse(answer: unknown): never {
  const { code, message, remedy } = parseAnswer(ErrorAnswer, answer).error
  if (!isErrorCode(code)) throw badAnswer(`${code}: ${message}`)
  throw new FirebreakError(code, message, { remedy })
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorPages, code)
}

function badAnswer(what: string, cause?: unknown): FirebreakError {
  return new FirebreakError('api.bad-answer', `the bot's answer is not understood: ${what}`, {
    remedy: 'Use the same version of Firebreak for the bot and for this command.',
    cause,
  })
}

function unreachable(socketPath: string, cause: unknown): FirebreakError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const absent = ['ENOENT', 'ECONNREFUSED', 'ENOTSOCK', 'ENOTDIR'].includes(code)
  const why = absent
    ? `no bot runs on ${socketPath}`
    : `the bot on ${socketPath} cannot be asked: ${told(cause)}`
  return new FirebreakError('api.not-running', why, {
    remedy: 'Start it with "firebreak serve", or name its state folder with --state or FIREBREAK_STATE.',
    cause,
  })
}

function told(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
