import {
  Autoscaler,
  ConfigMap,
  Deployment,
  DisruptionBudget,
  Namespace,
  ReplicaSet,
  ServiceAccount,
  StatefulSet,
  type Kind,
} from '../kinds.ts'
import type { Store } from '../store.ts'
import { isTerminating, nameOf, numAt, type Obj } from '../value.ts'
import { reconcileAutoscaler } from './autoscalers.ts'
import { collectGarbage, drainNamespaces, finishDeletions, reconcileBudget } from './cleanup.ts'
import { reconcileDeployment } from './deployment.ts'
import { setReplicas } from './owned.ts'
import { runPods, type PodBehaviour } from './pods.ts'
import { reconcileReplicaSet, reconcileStatefulSet } from './workloads.ts'

/** Somebody who scales a workload back up: an operator, a GitOps tool, an autoscaler that nobody knew of. */
type FightBack = {
  readonly kind: Kind
  readonly namespace: string
  readonly name: string
  readonly replicas: number
  readonly afterMs: number
}

export type Manager = {
  readonly behaviour: PodBehaviour
  readonly fight: (fighter: FightBack) => () => void
  readonly stop: () => void
}

function eachOf(store: Store, kind: Kind, reconcile: (store: Store, object: Obj) => void): void {
  for (const object of store.list(kind)) if (!isTerminating(object)) reconcile(store, object)
}

/** What every namespace gets: a service account and the certificate that pods trust. */
function furnish(store: Store): void {
  const given = [
    { kind: ServiceAccount, name: 'default', content: {} },
    { kind: ConfigMap, name: 'kube-root-ca.crt', content: { data: { 'ca.crt': '' } } },
  ]
  for (const namespace of store.list(Namespace)) {
    if (isTerminating(namespace)) continue
    for (const { kind, name, content } of given) {
      const home = nameOf(namespace)
      if (store.get(kind, home, name) !== undefined) continue
      store.add(kind, store.stamp(kind, { metadata: { name, namespace: home }, ...content }))
    }
  }
}

function pass(store: Store, behaviour: PodBehaviour): void {
  furnish(store)
  runPods(store, behaviour)
  eachOf(store, Autoscaler, reconcileAutoscaler)
  eachOf(store, ReplicaSet, reconcileReplicaSet)
  eachOf(store, Deployment, reconcileDeployment)
  eachOf(store, StatefulSet, reconcileStatefulSet)
  eachOf(store, DisruptionBudget, reconcileBudget)
  finishDeletions(store)
  collectGarbage(store)
  drainNamespaces(store)
}

function scaleBack(store: Store, fighter: FightBack): void {
  const object = store.get(fighter.kind, fighter.namespace, fighter.name)
  if (object === undefined || (numAt(object, 'spec', 'replicas') ?? 0) >= fighter.replicas) return
  setReplicas(store, fighter.kind, { object, replicas: fighter.replicas })
}

/**
 * The controllers of the cluster. Every change starts a tick after `tickMs`; ticks go on until one changes nothing. So a
 * client sees what it sees on a real cluster: an answer first, the consequences later.
 */
export function startControllers(store: Store, tickMs: number): Manager {
  const behaviour: PodBehaviour = { brokenImages: new Set(), podsLinger: false }
  const fighters = new Set<FightBack>()
  const timers = new Set<NodeJS.Timeout>()
  let ticking: NodeJS.Timeout | undefined
  const later = (ms: number, act: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      act()
    }, ms)
    timers.add(timer)
  }
  const tick = (): void => {
    ticking = undefined
    pass(store, behaviour)
  }
  const react = (): void => {
    ticking ??= setTimeout(tick, tickMs)
    for (const fighter of fighters)
      later(fighter.afterMs, () => fighters.has(fighter) && scaleBack(store, fighter))
  }
  const unsubscribe = store.subscribe(react)
  react()
  return {
    behaviour,
    fight: (fighter) => {
      fighters.add(fighter)
      react()
      return () => fighters.delete(fighter)
    },
    stop: () => {
      unsubscribe()
      clearTimeout(ticking)
      for (const timer of timers) clearTimeout(timer)
    },
  }
}
