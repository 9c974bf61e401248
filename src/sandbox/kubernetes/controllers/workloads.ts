import { Pod, ReplicaSet, StatefulSet } from '../kinds.ts'
import { isReady } from '../pods.ts'
import { markDeleted } from '../remove.ts'
import type { Store } from '../store.ts'
import { at, isTerminating, nameOf, numAt, strAt, type Obj } from '../value.ts'
import { randomName } from '../write.ts'
import { counts, owned, templateHash } from './owned.ts'
import { podFrom } from './pods.ts'

function stop(store: Store, pod: Obj): void {
  const grace = numAt(pod, 'spec', 'terminationGracePeriodSeconds') ?? 30
  store.replace(Pod, markDeleted(store, pod, grace))
}

/** ReplicaSet → pods: as many as wanted; the unready and the youngest go first. */
export function reconcileReplicaSet(store: Store, set: Obj): void {
  const live = owned(store, Pod, set).filter((pod) => !isTerminating(pod))
  const wanted = numAt(set, 'spec', 'replicas') ?? 0
  for (let i = live.length; i < wanted; i++) {
    podFrom(store, ReplicaSet, { owner: set, name: `${nameOf(set)}-${randomName()}` })
  }
  const byWorth = live.sort((a, b) => Number(isReady(b)) - Number(isReady(a)))
  for (const pod of byWorth.slice(wanted)) stop(store, pod)
  const now = owned(store, Pod, set)
  const alive = now.filter((pod) => !isTerminating(pod))
  const ready = alive.filter(isReady).length
  set['status'] = {
    replicas: alive.length,
    ...counts({ fullyLabeledReplicas: alive.length, readyReplicas: ready, availableReplicas: ready }),
    terminatingReplicas: now.length - alive.length,
    observedGeneration: numAt(set, 'metadata', 'generation') ?? 0,
  }
  store.replace(ReplicaSet, set)
}

const REVISION = 'controller-revision-hash'

function ordinal(pod: Obj): number {
  return Number(nameOf(pod).split('-').at(-1))
}

/** One step of an ordered StatefulSet: make the next pod, remove the last, or replace an outdated one. */
function stepStatefulSet(store: Store, set: Obj, revision: string): void {
  const pods = owned(store, Pod, set).sort((a, b) => ordinal(a) - ordinal(b))
  if (pods.some(isTerminating)) return
  const wanted = numAt(set, 'spec', 'replicas') ?? 0
  const last = pods.at(-1)
  if (last !== undefined && pods.length > wanted) return stop(store, last)
  if (!pods.every(isReady)) return
  const stale = pods.findLast((pod) => strAt(pod, 'metadata', 'labels', REVISION) !== revision)
  if (stale !== undefined) return stop(store, stale)
  if (pods.length === wanted) return
  const taken = new Set(pods.map(ordinal))
  const next = Array.from({ length: wanted }, (_, i) => i).find((i) => !taken.has(i)) ?? pods.length
  podFrom(store, StatefulSet, {
    owner: set,
    name: `${nameOf(set)}-${next}`,
    labels: { [REVISION]: revision },
  })
}

export function reconcileStatefulSet(store: Store, set: Obj): void {
  const revision = `${nameOf(set)}-${templateHash(at(set, 'spec', 'template'))}`
  stepStatefulSet(store, set, revision)
  const pods = owned(store, Pod, set)
  const ready = pods.filter(isReady).length
  const updated = pods.filter((pod) => strAt(pod, 'metadata', 'labels', REVISION) === revision).length
  set['status'] = {
    observedGeneration: numAt(set, 'metadata', 'generation') ?? 0,
    replicas: pods.length,
    ...counts({ readyReplicas: ready, currentReplicas: updated, updatedReplicas: updated }),
    availableReplicas: ready,
    currentRevision: revision,
    updateRevision: revision,
    collisionCount: 0,
  }
  store.replace(StatefulSet, set)
}
