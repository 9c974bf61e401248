import type { IncomingMessage, ServerResponse } from 'node:http'
import { badRequest, StatusError, injected } from './status.ts'
import type { Answer } from './request.ts'
import type { Value } from './value.ts'

/** The limit of the real server for a request body. */
const MAX_BODY = 3 * 1024 * 1024

export async function readBody(request: IncomingMessage): Promise<Value | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > MAX_BODY) throw injected(413, 'RequestEntityTooLarge')
    chunks.push(bytes)
  }
  if (size === 0) return undefined
  const text = Buffer.concat(chunks).toString()
  try {
    const value: Value = JSON.parse(text)
    return value
  } catch {
    throw badRequest(
      `the object provided is unrecognized (must be of type JSON): couldn't get version/kind; json parse error`,
    )
  }
}

export function mediaType(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim() ?? ''
}

/** Warnings travel as RFC 7234 headers with code 299. */
function warningHeader(text: string): string {
  return `299 - "${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

export function writeAnswer(response: ServerResponse, answer: Answer): void {
  const plain = typeof answer.body === 'string'
  const warnings = (answer.warnings ?? []).map(warningHeader)
  if (warnings.length > 0) response.setHeader('warning', warnings)
  response.writeHead(answer.code, {
    'content-type': plain ? 'text/plain' : 'application/json',
  })
  response.end(plain ? answer.body : `${JSON.stringify(answer.body)}\n`)
}

/** The answer to what was thrown: the server's own Status, or a 500 for a fault of this stand-in. */
export function failureOf(error: unknown): Answer {
  if (error instanceof StatusError) return { code: error.code, body: error.body }
  const status = injected(500, 'InternalError')
  return { code: 500, body: { ...status.body, message: `the Kubernetes stand-in failed: ${String(error)}` } }
}
