import { setTimeout as sleep } from 'node:timers/promises'
import type { Pod } from './pods.ts'
import type { KubernetesClient } from './provider.ts'
import type { Workload, WorkloadRef } from './workloads.ts'

/** A pod that is over holds no GPU and answers nobody. */
function isOver({ phase }: Pod): boolean {
  return phase === 'Succeeded' || phase === 'Failed'
}

/**
 * The pods of a workload that still run, or will. Pods without a controller count too: a Service finds them by label,
 * and they are what is left when a ReplicaSet was deleted without its pods.
 */
export async function livePods(
  client: KubernetesClient,
  { kind, workload }: { readonly kind: WorkloadRef['kind']; readonly workload: Workload },
  signal: AbortSignal,
): Promise<readonly Pod[]> {
  const { namespace, selector: labelSelector } = workload
  const [pods, sets] = await Promise.all([
    client.pods.list({ namespace, labelSelector }, signal),
    kind === 'Deployment' ? client.workloads.replicaSets(workload, signal) : [],
  ])
  const makers = new Set([workload.uid, ...sets.map(({ uid }) => uid)])
  return pods.filter(
    (pod) => !isOver(pod) && (pod.controller === undefined || makers.has(pod.controller.uid)),
  )
}

/** Looks again a little later: whoever fights a change usually does so at once. */
export async function lookAgain(
  client: KubernetesClient,
  ref: WorkloadRef,
  signal: AbortSignal,
): Promise<Workload | undefined> {
  await sleep(client.steadyMs, undefined, { signal })
  return client.workloads.find(ref, signal)
}
