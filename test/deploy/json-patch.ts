import type { Obj, Value } from './manifests.ts'

type Operation = { readonly op: string; readonly path: string; readonly value: Value }

/** Applies a JSON patch (RFC 6902) as far as the overlays use it; anything else is an error. */
export function patched(object: Obj, patch: Value): Obj {
  const copy = structuredClone(object)
  for (const operation of patch as unknown as Operation[]) apply(copy, operation)
  return copy
}

function apply(object: Obj, { op, path, value }: Operation): void {
  const keys = path
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
  const last = keys.pop() ?? ''
  const parent = keys.reduce<Value | undefined>(child, object)
  if (typeof parent !== 'object' || parent === null) throw new Error(`nothing holds ${path}`)
  if (op === 'add') return add(parent, last, value)
  if (child(parent, last) === undefined) throw new Error(`nothing is at ${path}`)
  if (op === 'test') {
    if (JSON.stringify(child(parent, last)) !== JSON.stringify(value))
      throw new Error(`${path} is something else`)
  } else if (op === 'replace') (parent as Obj)[last] = value
  else throw new Error(`the operation ${op} is not known`)
}

function child(parent: Value | undefined, key: string): Value | undefined {
  return typeof parent === 'object' && parent !== null ? (parent as Obj)[key] : undefined
}

function add(parent: Obj | Value[], key: string, value: Value): void {
  if (!Array.isArray(parent)) parent[key] = value
  else if (key === '-') parent.push(value)
  else throw new Error('a place within a list is not used')
}
