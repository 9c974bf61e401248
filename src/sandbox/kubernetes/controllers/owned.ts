import { randomBytes } from 'node:crypto'
import { apiVersionOf, Event, type Kind } from '../kinds.ts'
import type { Store } from '../store.ts'
import { at, nameOf, namespaceOf, numAt, objsAt, put, strAt, uidOf, type Obj, type Value } from '../value.ts'

/** The objects of a kind that another object controls. */
export function owned(store: Store, kind: Kind, owner: Obj): Obj[] {
  const uid = uidOf(owner)
  return store
    .list(kind, namespaceOf(owner))
    .filter((object) => objsAt(object, 'metadata', 'ownerReferences').some((each) => each['uid'] === uid))
}

export function ownerReference(kind: Kind, owner: Obj): Value {
  return {
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    name: nameOf(owner),
    uid: uidOf(owner),
    controller: true,
    blockOwnerDeletion: true,
  }
}

/** Sets the wanted count of a workload, as a client of `/scale` would. */
export function setReplicas(store: Store, kind: Kind, change: { object: Obj; replicas: number }): Obj {
  const { object, replicas } = change
  if (numAt(object, 'spec', 'replicas') === replicas) return object
  put(object, ['spec', 'replicas'], replicas)
  put(object, ['metadata', 'generation'], (numAt(object, 'metadata', 'generation') ?? 0) + 1)
  return store.replace(kind, object)
}

/** Counts that are zero are left out of a status, as on the server. */
export function counts(all: Readonly<Record<string, number>>): Obj {
  return Object.fromEntries(Object.entries(all).filter(([, count]) => count !== 0))
}

export type Condition = {
  readonly type: string
  readonly ok: boolean
  readonly reason: string
  readonly message: string
}

/** Conditions keep their times while nothing about them changes. */
export function conditions(store: Store, object: Obj, wanted: readonly Condition[]): Value {
  const old = objsAt(object, 'status', 'conditions')
  return wanted.map(({ type, ok, reason, message }) => {
    const before = old.find((each) => each['type'] === type)
    const status = ok ? 'True' : 'False'
    const now = store.time()
    const kept = before?.['status'] === status
    const untouched = kept && before?.['reason'] === reason && before['message'] === message
    return {
      type,
      status,
      lastUpdateTime: (untouched ? strAt(before, 'lastUpdateTime') : undefined) ?? now,
      lastTransitionTime: (kept ? strAt(before, 'lastTransitionTime') : undefined) ?? now,
      reason,
      message,
    }
  })
}

export function emit(
  store: Store,
  about: Obj,
  event: { reason: string; message: string; component: string },
): void {
  const now = store.time()
  const name = `${nameOf(about)}.${randomBytes(8).toString('hex')}`
  const object = store.stamp(Event, {
    metadata: { name, namespace: namespaceOf(about) ?? 'default' },
    involvedObject: {
      kind: strAt(about, 'kind') ?? '',
      namespace: namespaceOf(about) ?? '',
      name: nameOf(about),
      uid: uidOf(about),
      apiVersion: strAt(about, 'apiVersion') ?? '',
      resourceVersion: strAt(about, 'metadata', 'resourceVersion') ?? '',
    },
    reason: event.reason,
    message: event.message,
    source: { component: event.component },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
    type: 'Normal',
    eventTime: null,
    reportingComponent: event.component,
    reportingInstance: '',
  })
  store.add(Event, object)
}

/** A short name for a pod template, in the alphabet of the real `pod-template-hash` (FNV-1a; the digits differ from Go's). */
export function templateHash(template: Value | undefined): string {
  const text = JSON.stringify(sorted(template ?? null))
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789'
  return Array.from(String(hash), (digit) => alphabet[digit.charCodeAt(0) % alphabet.length]).join('')
}

function sorted(value: Value): Value {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const keys = Object.keys(value).sort()
  return Object.fromEntries(keys.map((key) => [key, sorted(at(value, key) ?? null)]))
}
