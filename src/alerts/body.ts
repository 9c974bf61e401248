import { FirebreakError } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import { MAX_BODY } from '../core/wire.ts'

const MAX_DEPTH = 64

/**
 * A webhook's body as JSON. Numbers that would be rounded (nanoseconds, 64-bit ids) are kept as their text. Size and
 * nesting are limited first, because a reviver recurses. Of keys that stand twice the last one counts; the body's own
 * hash is what the log keeps.
 */
export function readBody(body: Uint8Array): Json {
  if (body.byteLength > MAX_BODY) {
    throw new FirebreakError('alert.too-large', `the body has ${body.byteLength} bytes; 1 MiB is the most`, {
      remedy: 'Let the sender put fewer alerts into one message.',
    })
  }
  const text = decode(body)
  if (depthOf(text) > MAX_DEPTH) throw unreadable(`it is nested deeper than ${MAX_DEPTH} levels`)
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSON.parse gives JSON and nothing else
    return JSON.parse(text, exact) as Json
  } catch (cause) {
    // The parser quotes the text, which is hostile; only the place is passed on.
    const place = cause instanceof Error ? /position \d+/.exec(cause.message)?.[0] : undefined
    throw unreadable(`it is not JSON${place === undefined ? '' : ` (${place})`}`)
  }
}

export function unreadable(why: string): FirebreakError {
  return new FirebreakError('alert.unreadable', `the body cannot be read as alerts: ${why}`, {
    remedy: 'Let the sender post its own webhook format to this address, unchanged.',
  })
}

function decode(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw unreadable('it is not UTF-8')
  }
}

/** The deepest nesting of brackets outside of strings. A loop, because a regular expression would backtrack. */
function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  let inText = false
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (inText) {
      if (character === '\\') i += 1
      else if (character === '"') inText = false
    } else if (character === '"') inText = true
    else depth += STEPS[character ?? ''] ?? 0
    deepest = Math.max(deepest, depth)
  }
  return deepest
}

const STEPS: { readonly [character: string]: number } = { '[': 1, '{': 1, ']': -1, '}': -1 }

function exact(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || context?.source === undefined) return value
  const isExact = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value)
  return isExact ? value : context.source
}
