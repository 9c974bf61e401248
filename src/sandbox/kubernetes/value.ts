import { isDeepStrictEqual } from 'node:util'

/** JSON as the API server holds it: mutable, because patches and controllers work in place on their own copies. */
export type Value = null | boolean | number | string | Value[] | Obj
export type Obj = { [key: string]: Value }

export function isObj(value: Value | undefined): value is Obj {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value at a path of keys (label keys hold dots and slashes, so a path is a list, never a dotted string). */
export function at(value: Value | undefined, ...path: readonly string[]): Value | undefined {
  let here = value
  for (const key of path) {
    if (!isObj(here)) return undefined
    here = here[key]
  }
  return here
}

export function objAt(value: Value | undefined, ...path: readonly string[]): Obj {
  const found = at(value, ...path)
  return isObj(found) ? found : {}
}

export function listAt(value: Value | undefined, ...path: readonly string[]): Value[] {
  const found = at(value, ...path)
  return Array.isArray(found) ? found : []
}

export function objsAt(value: Value | undefined, ...path: readonly string[]): Obj[] {
  return listAt(value, ...path).filter(isObj)
}

export function strAt(value: Value | undefined, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path)
  return typeof found === 'string' ? found : undefined
}

export function numAt(value: Value | undefined, ...path: readonly string[]): number | undefined {
  const found = at(value, ...path)
  return typeof found === 'number' ? found : undefined
}

export function stringsAt(value: Value | undefined, ...path: readonly string[]): string[] {
  return listAt(value, ...path).filter((item) => typeof item === 'string')
}

/** Writes a value at a path, making the objects on the way. */
export function put(target: Obj, path: readonly string[], value: Value): void {
  const last = path.at(-1)
  if (last === undefined) return
  let here = target
  for (const key of path.slice(0, -1)) {
    const next = here[key]
    if (isObj(next)) {
      here = next
    } else {
      const made: Obj = {}
      here[key] = made
      here = made
    }
  }
  here[last] = value
}

/** Sets a key only where it has no value yet (what a server calls defaulting). */
export function fill(target: Obj, key: string, value: Value): void {
  if (target[key] === undefined || target[key] === null) target[key] = value
}

export function clone<T extends Value>(value: T): T {
  return structuredClone(value)
}

export function same(a: Value | undefined, b: Value | undefined): boolean {
  return isDeepStrictEqual(a, b)
}

export function nameOf(object: Obj): string {
  return strAt(object, 'metadata', 'name') ?? ''
}

export function namespaceOf(object: Obj): string | undefined {
  return strAt(object, 'metadata', 'namespace')
}

export function uidOf(object: Obj): string {
  return strAt(object, 'metadata', 'uid') ?? ''
}

export function isTerminating(object: Obj): boolean {
  return at(object, 'metadata', 'deletionTimestamp') !== undefined
}

/** A value as text, for messages: a string as it is, anything else as JSON. */
export function textOf(value: Value | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
