import type { Change, Target } from '../../core/change.ts'
import { FirebreakError } from '../../core/errors.ts'
import { PodSpecShape } from './shapes.ts'
import type { KubernetesClient } from './provider.ts'
import type { Workload, WorkloadRef } from './workloads.ts'

/** A workload as plans, claims and guardrails know it. */
export function workloadTarget(kind: WorkloadRef['kind'], workload: Workload): Target {
  const { uid: id, namespace, name, labels } = workload
  return { kind, id, name: `${namespace}/${name}`, namespace, labels }
}

/**
 * How many workloads of the kind the namespace has. Nobody is kept from stopping one because they cannot be counted: the
 * fleet is left out then, and a guardrail that speaks of a share says what it makes of that.
 */
export async function fleetOf(
  { workloads }: KubernetesClient,
  ref: WorkloadRef,
  signal: AbortSignal,
): Promise<Pick<Change, 'fleet'>> {
  try {
    const count = await workloads.count(ref, signal)
    // Its own target is one of them, so a count of none comes from a stale answer.
    return count === undefined || count === 0 ? {} : { fleet: count }
  } catch (error) {
    if (error instanceof FirebreakError && error.code.startsWith('provider.')) return {}
    throw error
  }
}

/**
 * Always something: the memory and the files of a container end with its pod, and so does what is in an emptyDir or in a
 * volume claimed for the pod alone (Kubernetes, "Volumes": "the data in the emptyDir is deleted permanently"). It may be
 * the evidence of what an intruder did.
 */
export function lostWith(pods: string, { template, dropsVolumes }: Workload): { readonly loses: string } {
  const { volumes } = PodSpecShape.parse(template['spec'])
  const local = (volumes ?? []).filter(({ emptyDir, ephemeral }) => isGiven(emptyDir) || isGiven(ephemeral))
  const also = [
    ...(local.length === 0 ? [] : [`the volumes ${local.map(({ name }) => name).join(', ')}`]),
    ...(dropsVolumes ? ['the claimed volumes, which it has deleted when it is scaled down'] : []),
  ]
  const what = ['the memory and local files', ...also].join(', ')
  return { loses: `${what} of ${pods}: save first what is evidence` }
}

function isGiven(volume: unknown): boolean {
  return volume !== undefined && volume !== null
}
