import { z } from 'zod'
import type { OwnAnswer, OwnNeed } from '../../core/provider.ts'
import { known, nothing, together } from '../own.ts'
import type { Connection } from './connection.ts'
import { listAll } from './list.ts'
import { mountedBy, MountsShape } from './own-mounts.ts'
import { Metadata } from './shapes.ts'
import { controllerOf, type Controller, type Workload, type Workloads } from './workloads.ts'

export type Reading = {
  readonly connection: Connection
  readonly workloads: Workloads
  readonly signal: AbortSignal
}

/** Which pods, and what they are to Firebreak: `Firebreak`, `the database of its journal`. */
type Which = {
  readonly namespace: string
  readonly query: { readonly fieldSelector: string } | { readonly labelSelector: string }
  readonly role: string
}

const PodShape = z.object({
  metadata: Metadata,
  spec: MountsShape.extend({
    nodeName: z.string().optional(),
    serviceAccountName: z.string().optional(),
  }),
})
type Pod = z.infer<typeof PodShape>

/** Pods, what they mount, where they run, and who keeps them running. */
export async function needsOfPods(reading: Reading, which: Which): Promise<OwnAnswer> {
  const { connection, signal } = reading
  const { namespace, query, role } = which
  return known(`which pods of ${namespace} are ${role}, and what they need`, async () => {
    const items = await listAll((page) =>
      connection.core(
        { operation: `list pods in ${namespace}`, signal },
        async (api, options): Promise<unknown> =>
          api.listNamespacedPod({ namespace, ...query, ...page }, options),
      ),
    )
    const pods = items.map((item) => PodShape.parse(item))
    if (pods.length === 0) return { needs: [], unknown: [`no pod of ${namespace} is ${role}`] }
    const makers = distinct(pods.flatMap(({ metadata }) => controllerOf(metadata) ?? []))
    const kept = await Promise.all(makers.map((maker) => keepersOf(reading, { ...which, maker })))
    return together([{ needs: pods.flatMap((pod) => needsOf(pod, role)), unknown: [] }, ...kept])
  })
}

function needsOf({ metadata: { namespace, name, uid }, spec }: Pod, role: string): OwnNeed[] {
  const { nodeName, serviceAccountName } = spec
  const within = (kind: string, what: string, why: string): OwnNeed => {
    return { kind, namespace, name: `${namespace}/${what}`, why }
  }
  return [
    { ...within('Pod', name, `${role} runs in it`), id: uid },
    ...(nodeName === undefined ? [] : [{ kind: 'Node', name: nodeName, why: `${role} runs on it` }]),
    ...(serviceAccountName === undefined
      ? []
      : [within('ServiceAccount', serviceAccountName, `${role} runs as it`)]),
    ...mountedBy(spec).map(({ kind, name: what }) => within(kind, what, `the pod of ${role} needs it`)),
  ]
}

type Made = Which & { readonly maker: Controller }

/** Whoever made a pod, and whoever made that. */
async function keepersOf(reading: Reading, made: Made): Promise<OwnAnswer> {
  const { namespace, role, maker } = made
  const { kind, name, uid: id } = maker
  const why = `it keeps ${role} running`
  const own: OwnNeed = { kind, namespace, name: `${namespace}/${name}`, id, why }
  const above = await known(`who made ${kind} ${namespace}/${name}`, async () => {
    const next = (await read(reading, made))?.controller
    return next === undefined ? nothing : keepersOf(reading, { ...made, maker: next })
  })
  return together([{ needs: [own], unknown: [] }, above])
}

/** Other kinds than these are a controller's own objects, and nobody's above it is known. */
async function read({ workloads, signal }: Reading, made: Made): Promise<Workload | undefined> {
  const { namespace, maker } = made
  const { kind, name, apiVersion } = maker
  if (!apiVersion.startsWith('apps/')) return undefined
  if (kind === 'Deployment' || kind === 'StatefulSet')
    return workloads.find({ kind, namespace, name }, signal)
  return kind === 'ReplicaSet' ? workloads.replicaSet({ namespace, name }, signal) : undefined
}

function distinct(controllers: readonly Controller[]): Controller[] {
  return [...new Map(controllers.map((controller) => [controller.uid, controller])).values()]
}
