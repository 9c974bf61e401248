import type { JsonObject } from '../../core/json.ts'
import type { Connection } from './connection.ts'
import { httpStatusOf } from './errors.ts'
import { countAll, listAll } from './list.ts'
import { type Selector, WorkloadShape } from './shapes.ts'

export type WorkloadKind = 'Deployment' | 'StatefulSet'
export type WorkloadRef = { readonly kind: WorkloadKind; readonly namespace: string; readonly name: string }
/** Who made an object and keeps it as it should be. */
export type Controller = {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
}

/** A workload, or a ReplicaSet, as the actions see it. */
export type Workload = {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly resourceVersion: string
  /** Raised by every change of the spec: tells one's own change from a change and its reversal. */
  readonly generation: number
  readonly labels: { readonly [key: string]: string }
  readonly annotations: { readonly [key: string]: string }
  readonly controller: Controller | undefined
  readonly replicas: number
  readonly paused: boolean
  /** Of a StatefulSet: the volumes of pods that go are deleted with them. */
  readonly dropsVolumes: boolean
  /** The selector of its pods, as a query. */
  readonly selector: string
  /** The pod template as the server sent it: fit to be sent back. */
  readonly template: JsonObject
  readonly status: {
    readonly observedGeneration: number
    readonly replicas: number
    readonly updatedReplicas: number
    readonly availableReplicas: number
  }
}

/** What actions need of workloads. The signal ends the call. */
export type Workloads = {
  /** Undefined when there is none of this name. */
  readonly find: (ref: WorkloadRef, signal: AbortSignal) => Promise<Workload | undefined>
  /** Of one namespace, or of all. */
  readonly list: (
    where: { readonly kind: WorkloadKind; readonly namespace?: string | undefined },
    signal: AbortSignal,
  ) => Promise<readonly Workload[]>
  /** How many of a kind a namespace has; undefined where the server does not say. */
  readonly count: (ref: Omit<WorkloadRef, 'name'>, signal: AbortSignal) => Promise<number | undefined>
  readonly replicaSet: (ref: Omit<WorkloadRef, 'kind'>, signal: AbortSignal) => Promise<Workload | undefined>
  /** The ReplicaSets that a Deployment controls. */
  readonly replicaSets: (deployment: Workload, signal: AbortSignal) => Promise<readonly Workload[]>
}

const APPS = { group: 'apps', version: 'v1' } as const

export function pluralOf(kind: WorkloadKind): 'deployments' | 'statefulsets' {
  return kind === 'Deployment' ? 'deployments' : 'statefulsets'
}

export function workloadsOf(connection: Connection): Workloads {
  return {
    find: (ref, signal) => find(connection, ref, signal),
    list: ({ kind, namespace }, signal) =>
      listWorkloads(connection, { plural: pluralOf(kind), namespace }, signal),
    count: ({ kind, namespace }, signal) => {
      const plural = pluralOf(kind)
      return countAll((page) =>
        connection.objects({ operation: `list ${plural}`, signal }, async (api, options): Promise<unknown> =>
          api.listNamespacedCustomObject({ ...APPS, plural, namespace, ...page }, options),
        ),
      )
    },
    // By a list, for whoever may list them need not have the right to get one.
    replicaSet: async ({ namespace, name }, signal) => {
      const fieldSelector = `metadata.name=${name}`
      const [found] = await listWorkloads(
        connection,
        { plural: 'replicasets', namespace, fieldSelector },
        signal,
      )
      return found
    },
    replicaSets: async (deployment, signal) => {
      const { namespace, selector: labelSelector } = deployment
      const sets = await listWorkloads(
        connection,
        { plural: 'replicasets', namespace, labelSelector },
        signal,
      )
      return sets.filter(({ controller }) => controller?.uid === deployment.uid)
    },
  }
}

async function find(
  connection: Connection,
  ref: WorkloadRef,
  signal: AbortSignal,
): Promise<Workload | undefined> {
  const { kind, namespace, name } = ref
  const operation = `get ${kind} ${namespace}/${name}`
  return connection.objects({ operation, signal }, async (api, options) => {
    try {
      const request = { ...APPS, plural: pluralOf(kind), namespace, name }
      const body: unknown = await api.getNamespacedCustomObject(request, options)
      return workloadFrom(WorkloadShape.parse(body))
    } catch (error) {
      if (httpStatusOf(error) === 404) return undefined
      throw error
    }
  })
}

type Where = {
  readonly plural: 'deployments' | 'statefulsets' | 'replicasets'
  readonly namespace: string | undefined
  readonly labelSelector?: string
  readonly fieldSelector?: string
}

async function listWorkloads(connection: Connection, where: Where, signal: AbortSignal): Promise<Workload[]> {
  const { plural, namespace, ...select } = where
  const how = { operation: `list ${plural}`, signal }
  const items = await listAll((page) =>
    connection.objects(how, async (api, options): Promise<unknown> => {
      const request = { ...APPS, plural, ...select, ...page }
      return namespace === undefined
        ? api.listClusterCustomObject(request, options)
        : api.listNamespacedCustomObject({ ...request, namespace }, options)
    }),
  )
  return items.map((item) => workloadFrom(WorkloadShape.parse(item)))
}

/** Reads a workload from an answer of the server. */
export function workloadFrom({ metadata, spec, status }: WorkloadShape): Workload {
  const { ownerReferences: _, ...rest } = metadata
  const controller = controllerOf(metadata)
  const { replicas, paused, template } = spec
  const dropsVolumes = spec.persistentVolumeClaimRetentionPolicy?.whenScaled === 'Delete'
  return {
    ...rest,
    controller,
    replicas,
    paused,
    dropsVolumes,
    template,
    status,
    selector: selectorQuery(spec.selector),
  }
}

export function controllerOf({ ownerReferences }: WorkloadShape['metadata']): Controller | undefined {
  return ownerReferences.find((owner) => owner.controller === true)
}

function selectorQuery({ matchLabels, matchExpressions }: Selector): string {
  const equal = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`)
  const more = matchExpressions.map(({ key, operator, values }) => {
    const list = (values ?? []).join(',')
    switch (operator) {
      case 'In':
        return `${key} in (${list})`
      case 'NotIn':
        return `${key} notin (${list})`
      case 'Exists':
        return key
      case 'DoesNotExist':
        return `!${key}`
    }
  })
  return [...equal, ...more].join(',')
}
