import { z } from 'zod'
import type { JsonObject } from '../../core/json.ts'

// Only what the actions read. Everything else in an answer is ignored, so that newer servers do no harm.

const json: z.ZodType<JsonObject> = z.record(z.string(), z.json())
const texts = z.record(z.string(), z.string()).default({})
const count = z.int().min(0).default(0)

const OwnerReference = z.object({
  apiVersion: z.string().default(''),
  kind: z.string(),
  name: z.string(),
  uid: z.string(),
  controller: z.boolean().optional(),
})

export const Metadata = z.object({
  name: z.string(),
  namespace: z.string(),
  uid: z.string(),
  resourceVersion: z.string(),
  generation: count,
  labels: texts,
  annotations: texts,
  ownerReferences: z.array(OwnerReference).default([]),
})

const Selector = z.object({
  matchLabels: texts,
  matchExpressions: z
    .array(
      z.object({
        key: z.string(),
        operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
        values: z.array(z.string()).nullish(),
      }),
    )
    .default([]),
})
export type Selector = z.infer<typeof Selector>

/** Deployment, StatefulSet or ReplicaSet. `template` is the JSON as it came: it may be sent back. */
export const WorkloadShape = z.object({
  metadata: Metadata,
  spec: z.object({
    // Absent means one; zero is written out here, unlike in a Scale.
    replicas: z.int().min(0).default(1),
    paused: z.boolean().default(false),
    selector: Selector,
    template: json,
    // Of a StatefulSet: what becomes of the volumes of pods that go (kept unless it says Delete).
    persistentVolumeClaimRetentionPolicy: z.object({ whenScaled: z.string().optional() }).optional(),
  }),
  status: z
    .object({
      observedGeneration: count,
      replicas: count,
      updatedReplicas: count,
      availableReplicas: count,
    })
    .prefault({}),
})
export type WorkloadShape = z.infer<typeof WorkloadShape>

const amounts = z.record(z.string(), z.union([z.string(), z.number()])).default({})

const Container = z.object({
  name: z.string(),
  image: z.string().default(''),
  resources: z.object({ requests: amounts, limits: amounts }).prefault({}),
})
export type Container = z.infer<typeof Container>

/** The part of a pod template that says what runs. */
export const PodSpecShape = z.object({
  containers: z.array(Container),
  initContainers: z.array(Container).default([]),
  volumes: z
    .array(
      z.object({ name: z.string(), emptyDir: z.unknown().optional(), ephemeral: z.unknown().optional() }),
    )
    .nullish(),
})

/** A pod from the typed client: dates are Dates there, but nothing read here is one, save whether it is being deleted. */
export const PodShape = z.object({
  metadata: Metadata.extend({ deletionTimestamp: z.unknown().optional() }),
  spec: PodSpecShape,
  status: z.object({ phase: z.string().default('Unknown') }).prefault({}),
})
export type PodShape = z.infer<typeof PodShape>

/** A count of zero is left out of a Scale. */
export const ScaleShape = z.object({
  metadata: z.object({ uid: z.string(), resourceVersion: z.string() }),
  spec: z.object({ replicas: z.int().min(0).default(0) }).prefault({}),
})

const TargetRef = z.object({ kind: z.string().default('Deployment'), name: z.string() })

export const AutoscalerShape = z.object({
  metadata: Metadata,
  spec: z.object({
    scaleTargetRef: TargetRef,
    minReplicas: z.int().min(0).default(1),
    maxReplicas: z.int().min(1),
  }),
})

/** A KEDA ScaledObject, v1alpha1. */
export const ScaledObjectShape = z.object({
  metadata: Metadata,
  spec: z.object({ scaleTargetRef: TargetRef }),
})

export const ListShape = z.object({
  metadata: z
    .object({
      continue: z.string().optional(),
      _continue: z.string().optional(),
      // Absent where the list ends here, and where the server does not say.
      remainingItemCount: z.int().min(0).optional().catch(undefined),
    })
    .prefault({}),
  items: z.array(z.unknown()),
})
