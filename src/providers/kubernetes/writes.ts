import { FirebreakError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Connection } from './connection.ts'
import { isFailedTest } from './errors.ts'
import { ScaleShape, WorkloadShape } from './shapes.ts'
import { pluralOf, workloadFrom, type Workload, type WorkloadRef } from './workloads.ts'

const MANAGER = 'firebreak'

/** A write that happens only if the object is still as it was read. */
export type Conditional = {
  readonly resourceVersion: string
  readonly signal: AbortSignal
  readonly dryRun: boolean
}

export type Writes = {
  /** Sets the count through the scale subresource. Answers the count that the server has, or would have. */
  readonly scale: (ref: WorkloadRef, replicas: number, how: Conditional) => Promise<number>
  /** Puts another pod template in place. Answers the Deployment as the server has it, or would have it. */
  readonly setTemplate: (ref: WorkloadRef, template: JsonObject, how: Conditional) => Promise<Workload>
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
    scale: (ref, replicas, { resourceVersion, signal, dryRun }) => {
      const operation = `scale ${ref.kind} ${ref.namespace}/${ref.name}`
      const style = 'application/merge-patch+json'
      return connection.objects({ operation, signal, style }, async (api, options) => {
        const body = { metadata: { resourceVersion }, spec: { replicas } }
        const answer: unknown = await api.patchNamespacedCustomObjectScale(
          { ...requestFor(ref, dryRun), body },
          options,
        )
        return ScaleShape.parse(answer).spec.replicas
      })
    },
    setTemplate: (ref, template, how) => setTemplate(connection, { ref, template }, how),
  }
}

async function setTemplate(
  connection: Connection,
  { ref, template }: { ref: WorkloadRef; template: JsonObject },
  { resourceVersion, signal, dryRun }: Conditional,
): Promise<Workload> {
  const operation = `change the pod template of ${ref.kind} ${ref.namespace}/${ref.name}`
  const style = 'application/json-patch+json'
  const body = [
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'replace', path: '/spec/template', value: template },
  ]
  return connection.objects({ operation, signal, style }, async (api, options) => {
    try {
      const answer: unknown = await api.patchNamespacedCustomObject(
        { ...requestFor(ref, dryRun), body },
        options,
      )
      return workloadFrom(WorkloadShape.parse(answer))
    } catch (error) {
      if (isFailedTest(error)) throw conflict(operation)
      throw error
    }
  })
}

/** A failed `test` says nothing but 422. Our patch has no other way to fail like that. */
function conflict(operation: string): FirebreakError {
  return new FirebreakError('provider.conflict', `Kubernetes, ${operation}: it changed since it was read`, {
    remedy: 'Plan again: the change that was planned may no longer be right.',
  })
}
