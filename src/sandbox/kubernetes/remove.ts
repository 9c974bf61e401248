import type { Kind } from './kinds.ts'
import { subjectOf, writeOptions, type Answer, type Call, type Target } from './request.ts'
import * as status from './status.ts'
import type { Store } from './store.ts'
import { at, listAt, numAt, put, strAt, uidOf, type Obj } from './value.ts'

function assertPreconditions(target: Target, object: Obj, call: Call): void {
  const subject = { group: target.kind.group, kind: target.kind.kind, name: target.name ?? '' }
  const uid = strAt(call.body, 'preconditions', 'uid')
  if (uid !== undefined && uid !== uidOf(object)) {
    const record = `the UID in the precondition (${uid}) does not match the UID in record (${uidOf(object)})`
    throw status.conflict(subject, `${record}. The object might have been deleted and then recreated`)
  }
  const version = strAt(call.body, 'preconditions', 'resourceVersion')
  const current = strAt(object, 'metadata', 'resourceVersion')
  if (version !== undefined && version !== current) {
    const record = `the ResourceVersion in the precondition (${version}) does not match the ResourceVersion in record (${current})`
    throw status.conflict(subject, `${record}. The object might have been modified`)
  }
}

function propagation(call: Call): void {
  const policy = call.query.get('propagationPolicy') ?? strAt(call.body, 'propagationPolicy') ?? 'Background'
  if (policy !== 'Background') throw status.notModelled(`propagationPolicy=${policy}`)
}

/** Seconds a pod on a node may take to stop; nothing else has a grace. */
function graceOf(kind: Kind, object: Obj, call: Call): number {
  if (kind.kind !== 'Pod' || at(object, 'spec', 'nodeName') === undefined) return 0
  const asked = call.query.get('gracePeriodSeconds')
  if (asked !== null) return Number(asked)
  return (
    numAt(call.body, 'gracePeriodSeconds') ?? numAt(object, 'spec', 'terminationGracePeriodSeconds') ?? 30
  )
}

/** Marks an object as being deleted. A controller removes it once nothing holds it any more. */
export function markDeleted(store: Store, object: Obj, grace: number): Obj {
  if (at(object, 'metadata', 'deletionTimestamp') !== undefined) return object
  put(object, ['metadata', 'deletionTimestamp'], store.time())
  if (at(object, 'kind') === 'Namespace') put(object, ['status', 'phase'], 'Terminating')
  else if (at(object, 'kind') === 'Pod') {
    put(object, ['metadata', 'deletionGracePeriodSeconds'], grace)
    put(object, ['metadata', 'generation'], (numAt(object, 'metadata', 'generation') ?? 0) + 1)
  }
  return object
}

function drop(store: Store, target: Target, doomed: { object: Obj; dryRun: boolean }): Answer {
  const { group, plural, kind } = target.kind
  const { object, dryRun } = doomed
  const gone = dryRun ? object : store.remove(target.kind, object)
  if (kind === 'Pod') return { code: 200, body: gone }
  const details = {
    name: target.name ?? '',
    ...(group === '' ? {} : { group }),
    kind: plural,
    uid: uidOf(object),
  }
  return { code: 200, body: status.success(details) }
}

export function remove(store: Store, target: Target, call: Call): Answer {
  const { kind } = target
  const { dryRun } = writeOptions(call, 'DeleteOptions')
  propagation(call)
  const object = store.get(kind, target.namespace, target.name ?? '')
  if (object === undefined) throw status.notFound(subjectOf(target))
  assertPreconditions(target, object, call)
  const grace = graceOf(kind, object, call)
  const held = listAt(object, 'metadata', 'finalizers').length > 0
  // A pod on a node and a namespace take their time; so does anything that a finalizer holds.
  const slow = held || kind.kind === 'Namespace' || grace > 0
  const marked = slow || kind.kind === 'Pod' ? markDeleted(store, object, grace) : object
  if (slow) return { code: 200, body: dryRun ? marked : store.replace(kind, marked) }
  return drop(store, target, { object: marked, dryRun })
}
