import { z } from 'zod'
import { digestOf } from '../../core/canonical.ts'
import type { JsonObject } from '../../core/json.ts'
import { PodSpecShape } from './shapes.ts'
import type { Workload } from './workloads.ts'

const HASH = 'pod-template-hash'
const REVISION = 'deployment.kubernetes.io/revision'

const object: z.ZodType<JsonObject> = z.record(z.string(), z.json())

/** A ReplicaSet's template without the label that the controller adds: the template as the Deployment had it. */
export function withoutHash(template: JsonObject): JsonObject {
  const metadata = object.parse(template['metadata'] ?? {})
  const { [HASH]: _hash, ...labels } = object.parse(metadata['labels'] ?? {})
  return { ...template, metadata: { ...metadata, labels } }
}

/** One name for what a template says, whoever holds it. The hash label cannot do: a ReplicaSet's template can be edited. */
export function templateDigest(template: JsonObject): string {
  return digestOf(withoutHash(template))
}

/** The images of a template, containers first. */
export function imagesOf(template: JsonObject): string[] {
  const { containers, initContainers } = PodSpecShape.parse(template['spec'])
  return [...containers, ...initContainers].map(({ image }) => image)
}

/** One entry of a Deployment's history. */
export type Revision = {
  readonly set: Workload
  readonly revision: number
  readonly templateHash: string
  readonly images: string[]
  /** It holds the template that the Deployment has now. */
  readonly current: boolean
}

/** The history of a Deployment, newest first. A ReplicaSet that was just made may have no number yet: it counts as 0. */
export function revisionsOf(deployment: Workload, sets: readonly Workload[]): Revision[] {
  const now = templateDigest(deployment.template)
  const all = sets.map((set) => ({
    set,
    revision: Number(set.annotations[REVISION] ?? '0'),
    templateHash: set.labels[HASH] ?? '',
    images: imagesOf(set.template),
    current: templateDigest(set.template) === now,
  }))
  return all.toSorted((a, b) => b.revision - a.revision)
}
