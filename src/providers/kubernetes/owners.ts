import { FirebreakError } from '../../core/errors.ts'
import type { KubernetesClient } from './provider.ts'
import type { Workload, WorkloadRef } from './workloads.ts'

function refused(message: string, remedy: string): FirebreakError {
  return new FirebreakError('provider.refused', message, { remedy })
}

function nameOf({ kind, namespace, name }: WorkloadRef): string {
  return `${kind} ${namespace}/${name}`
}

/** API groups of model servers whose controllers own count and template of what they make, and restore both. */
const restorers: { readonly [group: string]: string } = {
  'serving.kserve.io':
    'Change the KServe object instead (InferenceService: spec.predictor.minReplicas; LLMInferenceService: spec.replicas), or stop its controller.',
  'serving.knative.dev': 'Change the annotations of the Knative Service instead, or delete its revision.',
}

/** Refuses a workload whose maker would undo the change; tells of any other maker, and of GitOps. */
export function makerOf(ref: WorkloadRef, { controller, labels, annotations }: Workload): string[] {
  const group = controller?.apiVersion.split('/')[0] ?? ''
  const [marked] = Object.keys(restorers).filter((each) =>
    Object.keys(labels).some((key) => key.startsWith(`${each}/`)),
  )
  const remedy = restorers[group] ?? (marked === undefined ? undefined : restorers[marked])
  if (remedy !== undefined) {
    const by = controller === undefined ? marked : `${controller.kind} ${controller.name}`
    throw refused(`${nameOf(ref)} is kept by ${by}, which would undo the change`, remedy)
  }
  const gitOps = ['argocd.argoproj.io/', 'kustomize.toolkit.fluxcd.io/', 'helm.toolkit.fluxcd.io/'].find(
    (prefix) => [...Object.keys(labels), ...Object.keys(annotations)].some((key) => key.startsWith(prefix)),
  )
  return [
    ...(controller === undefined
      ? []
      : [`Made by ${controller.kind} ${controller.name}, which may undo this.`]),
    ...(gitOps === undefined ? [] : [`Kept by GitOps (${gitOps.slice(0, -1)}), which may undo this.`]),
  ]
}

/** KEDA leaves a target alone while its object is paused, and at the count it is paused at. */
function pausedFor(annotations: { readonly [key: string]: string }, replicas: number): boolean {
  const at = annotations['autoscaling.keda.sh/paused-replicas']
  if (at !== undefined) return at === String(replicas)
  return annotations['autoscaling.keda.sh/paused'] === 'true'
}

/** Refuses a count that an autoscaler would not leave alone; tells of one that is in the way later. */
export async function scalerOf(
  client: KubernetesClient,
  ref: WorkloadRef,
  { replicas, signal }: { readonly replicas: number; readonly signal: AbortSignal },
): Promise<string[]> {
  const [keda, horizontal] = await Promise.all([
    client.autoscalers.keda(ref, signal),
    client.autoscalers.horizontal(ref, signal),
  ])
  const active = keda.find(({ annotations }) => !pausedFor(annotations, replicas))
  if (active !== undefined) {
    throw refused(
      `${nameOf(ref)} is scaled by the KEDA ScaledObject ${active.name}, which would undo the change`,
      `Pause it first: annotation autoscaling.keda.sh/paused-replicas: "${replicas}" on the ScaledObject.`,
    )
  }
  return horizontal.map(({ name, min, max }) => {
    if (replicas === 0 && min > 0) {
      return `HorizontalPodAutoscaler ${name} targets this; the API turns it off while the count is 0.`
    }
    if (replicas < min || replicas > max) {
      throw refused(
        `HorizontalPodAutoscaler ${name} keeps ${nameOf(ref)} between ${min} and ${max}, so ${replicas} would not stay`,
        'Change the bounds of the autoscaler, or choose a count within them.',
      )
    }
    return `HorizontalPodAutoscaler ${name} targets this and may choose another count between ${min} and ${max}.`
  })
}
