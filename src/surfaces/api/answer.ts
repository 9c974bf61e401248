import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { FirebreakError } from '../../core/errors.ts'
import type { ErrorAnswer } from '../../core/wire.ts'
import type { Log } from './log.ts'

/** HTTP status by code; where the code has none, by the part before its dot; else 422: understood, and refused. */
const statuses: { readonly [codeOrFamily: string]: ContentfulStatusCode } = {
  'alert.unauthorised': 401,
  'api.not-found': 404,
  'api.method': 405,
  'api.too-large': 413,
  'alert.too-large': 413,
  'playbook.unknown': 404,
  'run.unknown': 404,
  'why.unknown': 404,
  'alert.unknown-source': 404,
  'store.already-seen': 409,
  api: 400,
  usage: 400,
  input: 400,
  alert: 400,
  authority: 403,
  guardrail: 409,
  store: 503,
  internal: 500,
}

function statusOf(code: string): ContentfulStatusCode {
  return statuses[code] ?? statuses[code.split('.')[0] ?? ''] ?? 422
}

/** Headers that a client of this status needs: how to authenticate, when to come again. */
function headersFor(status: number): Record<string, string> {
  switch (status) {
    case 401:
      return { 'WWW-Authenticate': 'Bearer' }
    case 413:
      // The rest of the body is not read, so the connection cannot carry another request.
      return { Connection: 'close' }
    case 503:
      return { 'Retry-After': '5' }
    default:
      return {}
  }
}

/** The answer to any error. What was not foreseen is logged in full and told in general: its text may hold anything. */
export function answerError(error: unknown, context: Context, log: Log): Response {
  const told = error instanceof FirebreakError ? error : unforeseen(error)
  const status = statusOf(told.code)
  const fields = { code: told.code, method: context.req.method, path: context.req.path, status }
  if (status >= 500) log.error({ ...fields, err: error }, 'request failed')
  else log.warn(fields, 'request refused')
  const { code, message, remedy } = told
  const body: ErrorAnswer = { error: { code, message, remedy } }
  return context.json(body, status, headersFor(status))
}

function unforeseen(cause: unknown): FirebreakError {
  return new FirebreakError('internal.unexpected', 'the request failed for a reason that was not foreseen', {
    remedy: 'Look at the log of the bot; the entry has the time of this request.',
    cause,
  })
}

export function notFound(path: string): FirebreakError {
  return new FirebreakError('api.not-found', `nothing is at ${path.slice(0, 200)}`, {
    remedy: 'Check the path of the address.',
  })
}

export function wrongMethod(context: Context, allowed: string): FirebreakError {
  context.header('Allow', allowed)
  return new FirebreakError('api.method', `${context.req.path.slice(0, 200)} takes ${allowed} only`, {
    remedy: `Send the request with ${allowed}.`,
  })
}
