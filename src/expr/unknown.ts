/**
 * Stands for a value that is not known yet, as in a dry run. It is a symbol, so that it can never pass for JSON:
 * digesting or logging it by mistake is an error.
 */
export const UNKNOWN: unique symbol = Symbol('firebreak.unknown')
export type Unknown = typeof UNKNOWN

/** True when the value is unknown, or any part of it is. */
export function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true
  if (Array.isArray(value)) return value.some(hasUnknown)
  if (!isPlainObject(value)) return false
  return Object.values(value).some(hasUnknown)
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** The value at a path of field names. `undefined` where something on the way is absent, null or no object. */
export function valueAt(root: unknown, path: readonly string[]): unknown {
  let value = root
  for (const name of path) {
    if (value === UNKNOWN) return UNKNOWN
    if (!isPlainObject(value) || !Object.hasOwn(value, name)) return undefined
    value = value[name]
  }
  return value
}
