import type { Connection } from './connection.ts'
import { isFirebreakError } from '../../core/errors.ts'
import { listAll } from './list.ts'
import { AutoscalerShape, ScaledObjectShape } from './shapes.ts'
import type { WorkloadRef } from './workloads.ts'

type Autoscaler = { readonly name: string; readonly min: number; readonly max: number }

type ScaledObject = {
  readonly name: string
  readonly annotations: { readonly [key: string]: string }
}

/** Who would set another count than ours. */
export type Autoscalers = {
  /** HorizontalPodAutoscalers that target a workload. */
  readonly horizontal: (ref: WorkloadRef, signal: AbortSignal) => Promise<readonly Autoscaler[]>
  /** KEDA ScaledObjects that target a workload; none where KEDA is not installed. */
  readonly keda: (ref: WorkloadRef, signal: AbortSignal) => Promise<readonly ScaledObject[]>
}

export function autoscalersOf(connection: Connection): Autoscalers {
  return {
    horizontal: async (ref, signal) => {
      const kind = { group: 'autoscaling', version: 'v2', plural: 'horizontalpodautoscalers' }
      const all = (await list(connection, { ...kind, namespace: ref.namespace }, signal)).map((item) =>
        AutoscalerShape.parse(item),
      )
      return all.filter(targets(ref)).map(({ metadata, spec }) => ({
        name: metadata.name,
        min: spec.minReplicas,
        max: spec.maxReplicas,
      }))
    },
    keda: async (ref, signal) => {
      const kind = { group: 'keda.sh', version: 'v1alpha1', plural: 'scaledobjects' }
      const all = (await listIfInstalled(connection, { ...kind, namespace: ref.namespace }, signal)).map(
        (item) => ScaledObjectShape.parse(item),
      )
      return all.filter(targets(ref)).map(({ metadata }) => ({
        name: metadata.name,
        annotations: metadata.annotations,
      }))
    },
  }
}

type Kind = {
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly namespace: string
}

function targets(ref: WorkloadRef) {
  return ({
    spec,
  }: {
    readonly spec: { readonly scaleTargetRef: { kind: string; name: string } }
  }): boolean => spec.scaleTargetRef.kind === ref.kind && spec.scaleTargetRef.name === ref.name
}

async function list(connection: Connection, kind: Kind, signal: AbortSignal): Promise<readonly unknown[]> {
  return listAll((page) =>
    connection.objects({ operation: `list ${kind.plural}`, signal }, async (api, options): Promise<unknown> =>
      api.listNamespacedCustomObject({ ...kind, ...page }, options),
    ),
  )
}

/** A kind that the cluster does not have is a 404. */
async function listIfInstalled(
  connection: Connection,
  kind: Kind,
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  try {
    return await list(connection, kind, signal)
  } catch (error) {
    if (isFirebreakError(error, 'provider.not-found')) return []
    throw error
  }
}
