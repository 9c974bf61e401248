import { Deployment, Pod, ReplicaSet } from '../kinds.ts'
import { isReady } from '../pods.ts'
import type { Store } from '../store.ts'
import {
  at,
  clone,
  isTerminating,
  nameOf,
  namespaceOf,
  numAt,
  objAt,
  put,
  same,
  strAt,
  type Obj,
  type Value,
} from '../value.ts'
import { conditions, counts, emit, owned, ownerReference, setReplicas, templateHash } from './owned.ts'
import { limitsOf, rollingStep } from './rollout.ts'

const REVISION = 'deployment.kubernetes.io/revision'
const HISTORY = 'deployment.kubernetes.io/revision-history'
const HASH = 'pod-template-hash'
const COMPONENT = 'deployment-controller'

function withoutHash(template: Value | undefined): Obj {
  const copy = clone(objAt(template))
  delete objAt(copy, 'metadata', 'labels')[HASH]
  return copy
}

function revisionOf(set: Obj): number {
  return Number(strAt(set, 'metadata', 'annotations', REVISION) ?? '0')
}

function replicasOf(object: Obj): number {
  return numAt(object, 'spec', 'replicas') ?? 0
}

function announce(store: Store, deployment: Obj, scaled: { set: Obj; from: number; to: number }): void {
  const { set, from, to } = scaled
  const message = `Scaled ${to > from ? 'up' : 'down'} replica set ${nameOf(set)} from ${from} to ${to}`
  emit(store, deployment, { reason: 'ScalingReplicaSet', message, component: COMPONENT })
}

/** A new ReplicaSet is born with the count of the first step, so that its generation starts at 1. */
function firstCount(deployment: Obj, old: readonly Obj[]): number {
  if (at(deployment, 'spec', 'strategy', 'type') === 'Recreate' && old.some((set) => replicasOf(set) > 0))
    return 0
  const limits = limitsOf(deployment, replicasOf(deployment))
  return rollingStep({ replicas: 0, available: 0 }, old.map(shareOf), limits).fresh
}

function createSet(store: Store, deployment: Obj, old: readonly Obj[]): Obj {
  const hash = templateHash(at(deployment, 'spec', 'template'))
  const template = withoutHash(at(deployment, 'spec', 'template'))
  put(template, ['metadata', 'labels', HASH], hash)
  const selector = clone(objAt(deployment, 'spec', 'selector'))
  const replicas = firstCount(deployment, old)
  put(selector, ['matchLabels', HASH], hash)
  const set = store.stamp(ReplicaSet, {
    metadata: {
      name: `${nameOf(deployment)}-${hash}`,
      namespace: namespaceOf(deployment) ?? '',
      labels: clone(objAt(template, 'metadata', 'labels')),
      annotations: {},
      ownerReferences: [ownerReference(Deployment, deployment)],
    },
    spec: { replicas, selector, template },
    status: { replicas: 0 },
  })
  if (replicas > 0) announce(store, deployment, { set, from: 0, to: replicas })
  return store.add(ReplicaSet, set)
}

/** The annotations a ReplicaSet takes over, with the next revision where it is not the newest already. */
function annotate(store: Store, deployment: Obj, sets: { set: Obj; others: readonly Obj[] }): Obj {
  const { set, others } = sets
  const { desired, surge } = limitsOf(deployment, replicasOf(deployment))
  const annotations = objAt(set, 'metadata', 'annotations')
  const { [REVISION]: _revision, ...inherited } = objAt(deployment, 'metadata', 'annotations')
  const newest = Math.max(0, ...others.map(revisionOf))
  const current = revisionOf(set)
  const next: Obj = {
    ...annotations,
    ...inherited,
    'deployment.kubernetes.io/desired-replicas': String(desired),
    'deployment.kubernetes.io/max-replicas': String(desired + surge),
  }
  if (current <= newest) {
    next[REVISION] = String(newest + 1)
    const history = strAt(annotations, HISTORY)
    if (current > 0) next[HISTORY] = history === undefined ? String(current) : `${history},${current}`
  }
  put(set, ['metadata', 'annotations'], next)
  return store.replace(ReplicaSet, set)
}

function scaleSet(store: Store, deployment: Obj, change: { set: Obj; replicas: number }): Obj {
  const { set, replicas } = change
  const from = replicasOf(set)
  if (from === replicas) return set
  announce(store, deployment, { set, from, to: replicas })
  return setReplicas(store, ReplicaSet, { object: set, replicas })
}

function shareOf(set: Obj) {
  return { replicas: replicasOf(set), available: numAt(set, 'status', 'availableReplicas') ?? 0 }
}

function recreate(store: Store, deployment: Obj, sets: { fresh: Obj; old: readonly Obj[] }): void {
  for (const set of sets.old) scaleSet(store, deployment, { set, replicas: 0 })
  const gone = sets.old.every((set) => owned(store, Pod, set).length === 0)
  if (gone) scaleSet(store, deployment, { set: sets.fresh, replicas: replicasOf(deployment) })
}

function roll(store: Store, deployment: Obj, sets: { fresh: Obj; old: readonly Obj[] }): void {
  if (at(deployment, 'spec', 'strategy', 'type') === 'Recreate') return recreate(store, deployment, sets)
  const { fresh, old } = sets
  const step = rollingStep(shareOf(fresh), old.map(shareOf), limitsOf(deployment, replicasOf(deployment)))
  scaleSet(store, deployment, { set: fresh, replicas: step.fresh })
  for (const [i, set] of old.entries()) scaleSet(store, deployment, { set, replicas: step.old[i] ?? 0 })
}

function forgetOld(store: Store, deployment: Obj, old: readonly Obj[]): void {
  const limit = numAt(deployment, 'spec', 'revisionHistoryLimit') ?? 10
  const idle = old.filter((set) => replicasOf(set) === 0 && (numAt(set, 'status', 'replicas') ?? 0) === 0)
  const extra = idle.sort((a, b) => revisionOf(a) - revisionOf(b)).slice(0, Math.max(0, idle.length - limit))
  for (const set of extra) store.remove(ReplicaSet, set)
}

function tally(store: Store, sets: readonly Obj[], fresh: Obj | undefined) {
  const pods = sets.flatMap((set) => owned(store, Pod, set).map((pod) => ({ pod, set: nameOf(set) })))
  const live = pods.filter(({ pod }) => !isTerminating(pod))
  const ready = live.filter(({ pod }) => isReady(pod)).length
  const updated = live.filter(({ set }) => fresh !== undefined && set === nameOf(fresh)).length
  return { replicas: live.length, ready, updated, terminating: pods.length - live.length }
}

function writeStatus(
  store: Store,
  deployment: Obj,
  sets: { all: readonly Obj[]; fresh: Obj | undefined },
): void {
  const { replicas, ready, updated, terminating } = tally(store, sets.all, sets.fresh)
  const desired = replicasOf(deployment)
  const enough = ready >= desired - limitsOf(deployment, desired).unavailable
  const complete = updated === desired && replicas === desired && ready === desired
  const set = sets.fresh === undefined ? '' : nameOf(sets.fresh)
  const available = enough
    ? { reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' }
    : { reason: 'MinimumReplicasUnavailable', message: 'Deployment does not have minimum availability.' }
  const progress = complete
    ? { reason: 'NewReplicaSetAvailable', message: `ReplicaSet "${set}" has successfully progressed.` }
    : { reason: 'ReplicaSetUpdated', message: `ReplicaSet "${set}" is progressing.` }
  const next = {
    observedGeneration: numAt(deployment, 'metadata', 'generation') ?? 0,
    ...counts({ replicas, updatedReplicas: updated, readyReplicas: ready, availableReplicas: ready }),
    ...counts({ unavailableReplicas: Math.max(0, desired - ready) }),
    terminatingReplicas: terminating,
    conditions: conditions(store, deployment, [
      { type: 'Available', ok: enough, ...available },
      { type: 'Progressing', ok: true, ...progress },
    ]),
  }
  if (sets.fresh !== undefined) {
    put(deployment, ['metadata', 'annotations', REVISION], String(revisionOf(sets.fresh)))
  }
  deployment['status'] = next
  store.replace(Deployment, deployment)
}

/** Deployment → ReplicaSets: finds or makes the one of the current template, rolls over to it, keeps the history. */
export function reconcileDeployment(store: Store, deployment: Obj): void {
  const all = owned(store, ReplicaSet, deployment)
  const wanted = withoutHash(at(deployment, 'spec', 'template'))
  const found = all.find((set) => same(withoutHash(at(set, 'spec', 'template')), wanted))
  const old = all.filter((set) => set !== found)
  if (at(deployment, 'spec', 'paused') === true) {
    const active = all.filter((set) => replicasOf(set) > 0)
    const only = active.length === 1 ? active[0] : undefined
    if (only !== undefined) scaleSet(store, deployment, { set: only, replicas: replicasOf(deployment) })
    return writeStatus(store, deployment, { all, fresh: found })
  }
  const fresh = annotate(store, deployment, {
    set: found ?? createSet(store, deployment, old),
    others: old,
  })
  roll(store, deployment, { fresh, old })
  forgetOld(store, deployment, old)
  writeStatus(store, deployment, { all: [...old, fresh], fresh })
}
