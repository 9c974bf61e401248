import { DisruptionBudget, Namespace, type Kind } from '../kinds.ts'
import { budgetOf } from '../pods.ts'
import { markDeleted } from '../remove.ts'
import type { Store } from '../store.ts'
import { isTerminating, listAt, nameOf, numAt, objsAt, strAt, textOf, uidOf, type Obj } from '../value.ts'

function discard(store: Store, kind: Kind, object: Obj): void {
  if (kind.kind === 'Pod') store.replace(kind, markDeleted(store, object, 0))
  else store.remove(kind, object)
}

/** Deletes what is controlled by something that no longer exists. */
export function collectGarbage(store: Store): void {
  const kinds = store.kinds()
  const alive = new Set(kinds.flatMap((kind) => store.list(kind).map(uidOf)))
  for (const kind of kinds) {
    for (const object of store.list(kind)) {
      const owners = objsAt(object, 'metadata', 'ownerReferences')
      const orphan = owners.length > 0 && owners.every((owner) => !alive.has(textOf(owner['uid'])))
      if (orphan && !isTerminating(object)) discard(store, kind, object)
    }
  }
}

/** Objects marked as deleted go when the last finalizer is gone. Pods are the kubelet's, namespaces have a rule of their own. */
export function finishDeletions(store: Store): void {
  for (const kind of store.kinds()) {
    if (kind.kind === 'Pod' || kind.kind === 'Namespace') continue
    for (const object of store.list(kind)) {
      if (isTerminating(object) && listAt(object, 'metadata', 'finalizers').length === 0)
        store.remove(kind, object)
    }
  }
}

/** A namespace that is being deleted loses its content first, then itself. */
export function drainNamespaces(store: Store): void {
  for (const namespace of store.list(Namespace).filter(isTerminating)) {
    const content = store
      .kinds()
      .filter((kind) => kind.namespaced)
      .flatMap((kind) => store.list(kind, nameOf(namespace)).map((object) => ({ kind, object })))
    for (const { kind, object } of content) if (!isTerminating(object)) discard(store, kind, object)
    if (content.length === 0) store.remove(Namespace, namespace)
  }
}

function condition(store: Store, budget: Obj, now: { status: string; reason: string }): Obj {
  const before = objsAt(budget, 'status', 'conditions')[0]
  const kept = before?.['status'] === now.status ? strAt(before, 'lastTransitionTime') : undefined
  return {
    type: 'DisruptionAllowed',
    ...now,
    observedGeneration: numAt(budget, 'metadata', 'generation') ?? 0,
    lastTransitionTime: kept ?? store.time(),
    message: '',
  }
}

export function reconcileBudget(store: Store, budget: Obj): void {
  const { healthy, desired, expected } = budgetOf(store, budget)
  const allowed = Math.max(0, healthy - desired)
  const status = allowed > 0 ? 'True' : 'False'
  const reason = allowed > 0 ? 'SufficientPods' : 'InsufficientPods'
  budget['status'] = {
    observedGeneration: numAt(budget, 'metadata', 'generation') ?? 0,
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    conditions: [condition(store, budget, { status, reason })],
  }
  store.replace(DisruptionBudget, budget)
}
