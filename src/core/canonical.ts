import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import { FirebreakError } from './errors.ts'

/** Nesting beyond this is refused: no honest value comes near it, and it is what ends a cycle. */
const MAX_DEPTH = 256

/**
 * The one canonical text of a JSON value (RFC 8785, JCS): sorted keys, no blanks, ECMAScript numbers.
 * Whatever JSON.stringify would drop or rewrite in silence (undefined, functions, NaN, dates, class instances) is
 * refused here, because two different values with one digest would be a hole in every approval and in the log.
 */
export function canonicalJson(value: unknown): string {
  assertJson(value, '$', 0)
  const text = canonicalize(value)
  return text ?? refuse('$', 'a value without JSON form')
}

/** Lower-case hex SHA-256 of bytes, or of the UTF-8 form of a string. */
export function sha256Hex(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}

/** `sha256:` and the hex digest of the canonical JSON of a value. */
export function digestOf(value: unknown): string {
  return `sha256:${sha256Hex(canonicalJson(value))}`
}

function assertJson(value: unknown, path: string, depth: number): void {
  if (typeof value === 'object' && value !== null) {
    assertContainer(value, path, depth)
    return
  }
  const fault = scalarFault(value)
  if (fault !== undefined) refuse(path, fault)
}

function scalarFault(value: unknown): string | undefined {
  if (value === null || typeof value === 'boolean') return undefined
  if (typeof value === 'string') return value.isWellFormed() ? undefined : 'a string with a lone surrogate'
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : String(value)
  return `a value of type ${typeof value}`
}

function assertContainer(value: object, path: string, depth: number): void {
  if (depth >= MAX_DEPTH) refuse(path.slice(0, 60), `nesting deeper than ${MAX_DEPTH} (or a cycle)`)
  if (Array.isArray(value)) {
    // A counted loop, because forEach and entries of a sparse array would skip the holes.
    for (let i = 0; i < value.length; i++) assertJson(value[i], `${path}[${i}]`, depth + 1)
    return
  }
  if (!isPlain(value)) refuse(path, 'an instance of a class')
  for (const [key, child] of Object.entries(value)) {
    if (!key.isWellFormed()) refuse(path, 'a key with a lone surrogate')
    assertJson(child, `${path}.${key}`, depth + 1)
  }
}

/** Plain means: prototype null, or a prototype that itself has none (Object.prototype of any realm). */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function refuse(path: string, what: string): never {
  throw new FirebreakError('canonical.not-json', `${path} is ${what}, which JSON cannot carry`, {
    remedy:
      'Convert the value to plain JSON (objects, arrays, strings, finite numbers, booleans, null) first.',
  })
}
