import type { z } from 'zod'
import { FirebreakError } from '../../core/errors.ts'
import { MAX_BODY } from '../../core/wire.ts'

/**
 * The body, at most 1 MiB. A larger one is refused at its declared length, and one without a length as soon as it has
 * grown too large: memory is bounded either way.
 */
export async function readBody(request: Request): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > MAX_BODY) throw tooLarge()
  if (request.body === null) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of request.body) {
      size += chunk.byteLength
      if (size > MAX_BODY) throw tooLarge()
      chunks.push(chunk)
    }
  } catch (error) {
    throw error instanceof FirebreakError ? error : brokenOff(error)
  }
  return Buffer.concat(chunks)
}

/** The body as JSON of this shape. */
export async function readJson<T>(request: Request, shape: z.ZodType<T>): Promise<T> {
  return parseAs(shape, parseJson(await readBody(request)), 'the body')
}

export function parseAs<T>(shape: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = shape.safeParse(value)
  if (parsed.success) return parsed.data
  throw new FirebreakError('api.bad-request', `${what} is wrong: ${faultsOf(parsed.error)}`, {
    remedy: 'Correct the named places and send it again.',
  })
}

function faultsOf(error: z.ZodError): string {
  const faults = error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join('.') || 'value'}: ${issue.message}`)
  return faults.join('; ')
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (cause) {
    throw new FirebreakError('api.bad-request', 'the body is not JSON in UTF-8', {
      remedy: 'Send one JSON object.',
      cause,
    })
  }
}

function tooLarge(): FirebreakError {
  return new FirebreakError('api.too-large', `the body is larger than ${MAX_BODY} bytes`, {
    remedy: 'Send at most 1 MiB: let the sender group fewer alerts into one message.',
  })
}

function brokenOff(cause: unknown): FirebreakError {
  return new FirebreakError('api.bad-request', 'the connection ended before the body did', {
    remedy: 'Send it again, in one go.',
    cause,
  })
}
