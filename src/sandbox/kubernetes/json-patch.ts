import { badRequest, unprocessable } from './status.ts'
import { clone, isObj, same, strAt, type Obj, type Value } from './value.ts'

function pointer(text: string | undefined): string[] {
  if (text === undefined || (text !== '' && !text.startsWith('/'))) throw unprocessable()
  return text
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function index(list: readonly Value[], key: string, upTo: number): number {
  if (!/^(0|[1-9]\d*)$/.test(key) || Number(key) > upTo) throw unprocessable()
  return Number(key)
}

function child(holder: Value | undefined, key: string): Value {
  if (Array.isArray(holder)) {
    const item = holder[index(holder, key, holder.length - 1)]
    if (item !== undefined) return item
  }
  if (isObj(holder) && Object.hasOwn(holder, key)) {
    const value = holder[key]
    if (value !== undefined) return value
  }
  throw unprocessable()
}

function split(path: readonly string[]): { parents: readonly string[]; last: string } {
  const last = path.at(-1)
  if (last === undefined) throw unprocessable()
  return { parents: path.slice(0, -1), last }
}

function add(root: Value, path: readonly string[], value: Value): void {
  const { parents, last } = split(path)
  const holder = parents.reduce(child, root)
  if (Array.isArray(holder))
    holder.splice(last === '-' ? holder.length : index(holder, last, holder.length), 0, value)
  else if (isObj(holder)) holder[last] = value
  else throw unprocessable()
}

function remove(root: Value, path: readonly string[]): Value {
  const { parents, last } = split(path)
  const holder = parents.reduce(child, root)
  const value = child(holder, last)
  if (Array.isArray(holder)) holder.splice(index(holder, last, holder.length - 1), 1)
  else if (isObj(holder)) delete holder[last]
  return value
}

function replace(root: Value, path: readonly string[], value: Value): void {
  const { parents, last } = split(path)
  const holder = parents.reduce(child, root)
  child(holder, last)
  if (Array.isArray(holder)) holder[index(holder, last, holder.length - 1)] = value
  else if (isObj(holder)) holder[last] = value
}

function step(root: Value, operation: Obj): void {
  const path = pointer(strAt(operation, 'path'))
  const value = clone(operation['value'] ?? null)
  switch (operation['op']) {
    case 'add':
      return add(root, path, value)
    case 'replace':
      return replace(root, path, value)
    case 'remove':
      remove(root, path)
      return
    case 'move':
      return add(root, path, remove(root, pointer(strAt(operation, 'from'))))
    case 'copy':
      return add(root, path, clone(pointer(strAt(operation, 'from')).reduce(child, root)))
    case 'test':
      if (!same(path.reduce(child, root), value)) throw unprocessable()
      return
    default:
      throw unprocessable()
  }
}

/** RFC 6902. Every failure is the same silent 422, as on the server; only a body that is no list is told apart. */
export function applyJsonPatch(target: Obj, patch: Value): Obj {
  if (!Array.isArray(patch)) {
    const kind = isObj(patch) ? 'object' : typeof patch
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${kind} into Go value of type []handlers.jsonPatchOp`,
    )
  }
  const root = clone(target)
  for (const operation of patch) {
    if (!isObj(operation)) throw unprocessable()
    step(root, operation)
  }
  return root
}
