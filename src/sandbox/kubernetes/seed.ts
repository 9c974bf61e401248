import { applyDefaults } from './defaults.ts'
import { Namespace, Node, type Kind } from './kinds.ts'
import { badRequest, notModelled } from './status.ts'
import type { Store } from './store.ts'
import { validate } from './validate.ts'
import { at, clone, isObj, nameOf, namespaceOf, numAt, put, strAt, type Obj, type Value } from './value.ts'

/** Any plain object as JSON. What JSON cannot carry is refused by the parser, not dropped. */
function manifest(object: object): Obj {
  const value: Value = JSON.parse(JSON.stringify(object))
  if (isObj(value)) return value
  throw badRequest('a manifest must be an object')
}

/** Creates or replaces an object as an administrator with all rights would; its status is taken as given. */
export function applyObject(store: Store, given: object): Obj {
  const object = manifest(given)
  const [apiVersion, name] = [strAt(object, 'apiVersion') ?? '', strAt(object, 'kind') ?? '']
  const kind = store.kindOf(apiVersion, name)
  if (kind === undefined) throw notModelled(`the kind ${apiVersion} ${name}`)
  if (kind.namespaced && namespaceOf(object) === undefined) put(object, ['metadata', 'namespace'], 'default')
  const old = store.get(kind, namespaceOf(object), nameOf(object))
  applyDefaults(kind.kind, object)
  validate(kind, object, old)
  if (old === undefined) return store.add(kind, withGivenUid(store.stamp(kind, object), object))
  return replaceSeeded(store, kind, { old, object })
}

/** A manifest may bring its uid, so that other manifests can name it as their owner. */
function withGivenUid(stamped: Obj, given: Obj): Obj {
  const uid = strAt(given, 'metadata', 'uid')
  if (uid !== undefined) put(stamped, ['metadata', 'uid'], uid)
  return stamped
}

function replaceSeeded(store: Store, kind: Kind, change: { old: Obj; object: Obj }): Obj {
  const { old, object } = change
  for (const key of ['uid', 'creationTimestamp', 'resourceVersion']) {
    put(object, ['metadata', key], clone(at(old, 'metadata', key) ?? null))
  }
  if (kind.generation)
    put(object, ['metadata', 'generation'], (numAt(old, 'metadata', 'generation') ?? 0) + 1)
  return store.replace(kind, { ...(old['status'] === undefined ? {} : { status: old['status'] }), ...object })
}

function namespace(name: string): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
}

/** What every cluster has, then the given manifests; namespaces that a manifest needs are made for it. */
export function seedStore(store: Store, manifests: readonly object[]): void {
  for (const name of ['default', 'kube-node-lease', 'kube-public', 'kube-system'])
    applyObject(store, namespace(name))
  for (const given of manifests) {
    const home = namespaceOf(manifest(given))
    if (home !== undefined && store.get(Namespace, undefined, home) === undefined)
      applyObject(store, namespace(home))
    applyObject(store, given)
  }
  if (store.list(Node).length > 0) return
  const capacity = { cpu: '64', memory: '512Gi', 'nvidia.com/gpu': '8', pods: '110' }
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'KubeletReady',
    message: 'kubelet is posting ready status',
  }
  const status = { capacity, allocatable: capacity, conditions: [ready] }
  applyObject(store, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'sandbox-node-1' }, status })
}
