import { Autoscaler, type Kind } from '../kinds.ts'
import type { Store } from '../store.ts'
import { namespaceOf, numAt, strAt, type Obj } from '../value.ts'
import { conditions, setReplicas, type Condition } from './owned.ts'

const disabled: Condition = {
  type: 'ScalingActive',
  ok: false,
  reason: 'ScalingDisabled',
  message: 'scaling is disabled since the replica count of the target is zero',
}
const blind: Condition = {
  type: 'ScalingActive',
  ok: false,
  reason: 'FailedGetResourceMetric',
  message:
    'the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)',
}
const able: Condition = {
  type: 'AbleToScale',
  ok: true,
  reason: 'SucceededGetScale',
  message: "the HPA controller was able to get the target's current scale",
}

function targetOf(store: Store, autoscaler: Obj): { kind: Kind; object: Obj } | undefined {
  const apiVersion = strAt(autoscaler, 'spec', 'scaleTargetRef', 'apiVersion') ?? ''
  const kind = store.kindOf(apiVersion, strAt(autoscaler, 'spec', 'scaleTargetRef', 'kind') ?? '')
  if (kind === undefined || !kind.subresources.includes('scale')) return undefined
  const name = strAt(autoscaler, 'spec', 'scaleTargetRef', 'name') ?? ''
  const object = store.get(kind, namespaceOf(autoscaler), name)
  return object === undefined ? undefined : { kind, object }
}

function boundsOf(autoscaler: Obj): { min: number; max: number } {
  return {
    min: numAt(autoscaler, 'spec', 'minReplicas') ?? 1,
    max: numAt(autoscaler, 'spec', 'maxReplicas') ?? 1,
  }
}

/**
 * A HorizontalPodAutoscaler in a cluster without metrics: it keeps its target within its bounds, and leaves it alone at
 * zero, as the real controller does unless `minReplicas` is 0.
 */
export function reconcileAutoscaler(store: Store, autoscaler: Obj): void {
  const target = targetOf(store, autoscaler)
  if (target === undefined) return
  const current = numAt(target.object, 'spec', 'replicas') ?? 1
  const { min, max } = boundsOf(autoscaler)
  const off = current === 0 && min !== 0
  const desired = Math.min(max, Math.max(min, current))
  if (!off) setReplicas(store, target.kind, { object: target.object, replicas: desired })
  autoscaler['status'] = {
    currentReplicas: numAt(target.object, 'status', 'replicas') ?? 0,
    // Without metrics nothing is computed: only a bound that was broken gives a count.
    desiredReplicas: off || desired === current ? 0 : desired,
    currentMetrics: [{ type: '' }],
    conditions: conditions(store, autoscaler, [able, off ? disabled : blind]),
  }
  store.replace(Autoscaler, autoscaler)
}
