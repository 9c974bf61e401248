import { FirebreakError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Connection } from './connection.ts'
import { isFailedTest } from './errors.ts'
import { ScaleShape, WorkloadShape } from './shapes.ts'
import { pluralOf, workloadFrom, type Workload, type WorkloadRef } from './workloads.ts'

const MANAGER = 'firebreak'

/** As what an object was read when its change was planned. */
export type Seen = { readonly uid: string; readonly resourceVersion: string; readonly generation: number }

/**
 * A dry run is not conditional: a status that flaps between the read and the dry run must not fail a plan. A write
 * happens only if the object is still as it was seen.
 */
type How = { readonly signal: AbortSignal } & (
  | { readonly dryRun: true }
  | { readonly dryRun: false; readonly seen: Seen }
)

export type Writes = {
  /** Sets the count through the scale subresource. Answers the count that the server has, or would have. */
  readonly scale: (ref: WorkloadRef, replicas: number, how: How) => Promise<number>
  /** Puts another pod template in place. Answers the Deployment as the server has it, or would have it. */
  readonly setTemplate: (ref: WorkloadRef, template: JsonObject, how: How) => Promise<Workload>
}

function requestFor(ref: WorkloadRef, dryRun: boolean) {
  const { kind, namespace, name } = ref
  return {
    group: 'apps',
    version: 'v1',
    plural: pluralOf(kind),
    namespace,
    name,
    fieldManager: MANAGER,
    // Without Strict the server drops fields it does not know and says so in a header only.
    fieldValidation: 'Strict',
    // The one spelling that the server takes.
    ...(dryRun ? { dryRun: 'All' } : {}),
  }
}

export function writesOf(connection: Connection): Writes {
  return {
    scale: (ref, replicas, how) => scale(connection, { ref, replicas }, how),
    setTemplate: (ref, template, how) => setTemplate(connection, { ref, template }, how),
  }
}

async function scale(
  connection: Connection,
  { ref, replicas }: { ref: WorkloadRef; replicas: number },
  how: How,
): Promise<number> {
  const operation = `scale ${ref.kind} ${ref.namespace}/${ref.name}`
  const style = 'application/merge-patch+json'
  // A Scale has no generation, so here any change of the object is a conflict, one of its status too.
  const condition = how.dryRun ? {} : { metadata: { resourceVersion: how.seen.resourceVersion } }
  const body = { ...condition, spec: { replicas } }
  return connection.objects({ operation, signal: how.signal, style }, async (api, options) => {
    const request = { ...requestFor(ref, how.dryRun), body }
    const answer: unknown = await api.patchNamespacedCustomObjectScale(request, options)
    return ScaleShape.parse(answer).spec.replicas
  })
}

async function setTemplate(
  connection: Connection,
  { ref, template }: { ref: WorkloadRef; template: JsonObject },
  how: How,
): Promise<Workload> {
  const operation = `change the pod template of ${ref.kind} ${ref.namespace}/${ref.name}`
  const style = 'application/json-patch+json'
  const body = [...tests(how), { op: 'replace', path: '/spec/template', value: template }]
  return connection.objects({ operation, signal: how.signal, style }, async (api, options) => {
    try {
      const request = { ...requestFor(ref, how.dryRun), body }
      const answer: unknown = await api.patchNamespacedCustomObject(request, options)
      return workloadFrom(WorkloadShape.parse(answer))
    } catch (error) {
      if (isFailedTest(error)) throw conflict(operation)
      throw error
    }
  })
}

/** The generation changes with the spec and not with the status: a rollout that is under way is no conflict. */
function tests(how: How): { op: 'test'; path: string; value: string | number }[] {
  if (how.dryRun) return []
  const { uid, generation } = how.seen
  return [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'test', path: '/metadata/generation', value: generation },
  ]
}

/** A failed `test` says nothing but 422. Our patch has no other way to fail like that. */
function conflict(operation: string): FirebreakError {
  return new FirebreakError('provider.conflict', `Kubernetes, ${operation}: it changed since it was read`, {
    remedy: 'Plan again: the change that was planned may no longer be right.',
  })
}
