import type { Connection } from './connection.ts'
import { listAll } from './list.ts'
import { PodShape } from './shapes.ts'
import { controllerOf, type Controller } from './workloads.ts'

export type Pod = {
  readonly namespace: string
  readonly name: string
  readonly controller: Controller | undefined
  readonly phase: string
  /** Told to stop; its containers run until they do. */
  readonly stopping: boolean
  readonly images: readonly string[]
  readonly spec: PodShape['spec']
}

export type Pods = {
  /** Pods that a query selects, in one namespace or in all. */
  readonly list: (
    where: { readonly namespace?: string | undefined; readonly labelSelector?: string },
    signal: AbortSignal,
  ) => Promise<readonly Pod[]>
}

export function podsOf(connection: Connection): Pods {
  return {
    list: async ({ namespace, labelSelector }, signal) => {
      const select = labelSelector === undefined ? {} : { labelSelector }
      const items = await listAll((page) =>
        connection.core({ operation: 'list pods', signal }, async (api, options): Promise<unknown> => {
          const request = { ...select, ...page }
          return namespace === undefined
            ? api.listPodForAllNamespaces(request, options)
            : api.listNamespacedPod({ ...request, namespace }, options)
        }),
      )
      return items.map((item) => podFrom(PodShape.parse(item)))
    },
  }
}

function podFrom({ metadata, spec, status }: PodShape): Pod {
  const { namespace, name, deletionTimestamp } = metadata
  return {
    namespace,
    name,
    controller: controllerOf(metadata),
    phase: status.phase,
    stopping: deletionTimestamp !== undefined && deletionTimestamp !== null,
    images: spec.containers.map(({ image }) => image),
    spec,
  }
}
