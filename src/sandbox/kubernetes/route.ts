import { discover } from './discovery.ts'
import type { Kind } from './kinds.ts'
import { evict, log } from './pods.ts'
import { allowedBy, type Access } from './rbac.ts'
import { get, list, type Pages } from './read.ts'
import { remove } from './remove.ts'
import { subjectOf, type Answer, type Call, type Target } from './request.ts'
import { review, reviewPaths } from './reviews.ts'
import { scale } from './scale.ts'
import { forbidden, methodNotAllowed, notFound, notModelled } from './status.ts'
import type { Store } from './store.ts'
import { create, patch, update } from './write.ts'

export type World = {
  readonly store: Store
  readonly pages: Pages
  readonly logs: Map<string, string>
  /** False: everybody may do everything. */
  readonly rbac: boolean
}

/** What an API server says of a path it does not know: plain text, no Status. */
const unknownPath: Answer = { code: 404, body: '404 page not found\n' }

type Place = {
  readonly namespace?: string
  readonly plural: string
  readonly name?: string
  readonly sub?: string
}

function named(parts: readonly string[]): Place | undefined {
  const [plural = '', name, sub, extra] = parts
  if (extra !== undefined) return undefined
  if (name === undefined) return { plural }
  return sub === undefined ? { plural, name } : { plural, name, sub }
}

/** `namespaces/a/pods/b/log`, `nodes/c`; but `namespaces/a/status` is about the namespace itself. */
function place(rest: readonly string[]): Place | undefined {
  const [first, namespace, third] = rest
  if (first === undefined) return undefined
  const scoped = first === 'namespaces' && third !== undefined && !['status', 'finalize'].includes(third)
  if (!scoped || namespace === undefined) return named(rest)
  const found = named(rest.slice(2))
  return found === undefined ? undefined : { ...found, namespace }
}

/** Finds the kind a path speaks of. */
function targetOf(store: Store, path: string): Target | undefined {
  const [root, ...segments] = path.split('/').slice(1).map(decodeURIComponent)
  const core = root === 'api'
  if (!core && root !== 'apis') return undefined
  const [group, version, ...rest] = core ? ['', ...segments] : segments
  const found = place(rest)
  if (found === undefined) return undefined
  const { plural, ...where } = found
  const kind = store
    .kinds()
    .find((each) => each.group === group && each.version === version && each.plural === plural)
  if (
    kind === undefined ||
    (kind.namespaced !== (where.namespace !== undefined) && !crossNamespace(kind, where))
  ) {
    return undefined
  }
  return { kind, ...where }
}

/** A namespaced kind may be listed and watched over all namespaces. */
function crossNamespace(kind: Kind, where: Omit<Place, 'plural'>): boolean {
  return kind.namespaced && where.namespace === undefined && where.name === undefined
}

export function isWatch(call: Call): boolean {
  return call.method === 'GET' && ['true', '1'].includes(call.query.get('watch') ?? '')
}

function verbOf(call: Call, target: Target): string {
  switch (call.method) {
    case 'GET':
      if (target.name !== undefined) return 'get'
      return isWatch(call) ? 'watch' : 'list'
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'DELETE':
      return target.name === undefined ? 'deletecollection' : 'delete'
    default:
      return call.method.toLowerCase()
  }
}

function assertAllowed(world: World, call: Call, target: Target): void {
  if (!world.rbac) return
  const { kind, sub, name } = target
  const namespace = kind.kind === 'Namespace' ? name : target.namespace
  const access: Access = {
    verb: verbOf(call, target),
    group: kind.group,
    resource: sub === undefined ? kind.plural : `${kind.plural}/${sub}`,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  }
  if (allowedBy(world.store, call.user, access) !== undefined) return
  const scope = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
  const what = `cannot ${access.verb} resource "${access.resource}" in API group "${access.group}" ${scope}`
  throw forbidden(subjectOf(target), `User "${call.user.name}" ${what}`)
}

function onSub(world: World, target: Target, call: Call): Answer {
  const { kind, sub = '' } = target
  if (!kind.subresources.includes(sub)) throw notFound(subjectOf(target))
  const how = `${call.method} ${sub}`
  if (sub === 'scale' && ['GET', 'PUT', 'PATCH'].includes(call.method))
    return scale(world.store, target, call)
  if (how === 'GET log') return log(world.store, target, { call, logs: world.logs })
  if (how === 'POST eviction') return evict(world.store, target, call)
  if (how === 'GET status') return get(world.store, target)
  if (how === 'PUT status') return update(world.store, target, call)
  if (how === 'PATCH status') return patch(world.store, target, call)
  throw methodNotAllowed()
}

function onObject(world: World, target: Target, call: Call): Answer {
  switch (call.method) {
    case 'GET':
      return get(world.store, target)
    case 'PUT':
      return update(world.store, target, call)
    case 'PATCH':
      return patch(world.store, target, call)
    case 'DELETE':
      return remove(world.store, target, call)
    default:
      throw methodNotAllowed()
  }
}

function onCollection(world: World, target: Target, call: Call): Answer {
  switch (call.method) {
    case 'GET':
      return list(world.store, target, { call, pages: world.pages })
    case 'POST':
      return create(world.store, target, call)
    case 'DELETE':
      throw notModelled('deleting a collection')
    default:
      throw methodNotAllowed()
  }
}

function act(world: World, target: Target, call: Call): Answer {
  if (target.kind.seeded === true && call.method !== 'GET') throw notModelled(`writing a ${target.kind.kind}`)
  if (target.sub !== undefined) return onSub(world, target, call)
  return target.name === undefined ? onCollection(world, target, call) : onObject(world, target, call)
}

/** The target of a call that its user may make, or the answer to a path that is none. */
export function resolve(world: World, call: Call): Target | Answer {
  const target = targetOf(world.store, call.path)
  if (target === undefined) return unknownPath
  assertAllowed(world, call, target)
  return target
}

/** Answers every call but watches. */
export function answer(world: World, call: Call): Answer {
  const asked = reviewPaths[call.path]
  if (asked !== undefined) {
    if (call.method !== 'POST') throw methodNotAllowed()
    return review(world.store, call, asked.resource)
  }
  const discovered = call.method === 'GET' ? discover(world.store, call.path) : undefined
  if (discovered !== undefined) return discovered
  const resolved = resolve(world, call)
  return 'code' in resolved ? resolved : act(world, resolved, call)
}
