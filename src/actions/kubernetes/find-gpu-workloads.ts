import { z } from 'zod'
import { defineRead } from '../../core/action.ts'
import { gpusPerPod } from '../../providers/kubernetes/gpus.ts'
import { NamespaceName, ObjectName } from '../../providers/kubernetes/names.ts'
import type { Pod } from '../../providers/kubernetes/pods.ts'
import { kubernetes } from '../../providers/kubernetes/provider.ts'
import { imagesOf } from '../../providers/kubernetes/template.ts'
import type { Workload, WorkloadKind } from '../../providers/kubernetes/workloads.ts'

const common = {
  namespace: NamespaceName,
  name: ObjectName.describe('Name'),
  gpus: z.int().min(1).describe('GPUs that one pod holds'),
  images: z.array(z.string()).describe('Container images'),
}

const GpuWorkload = z.strictObject({
  ...common,
  kind: z.enum(['Deployment', 'StatefulSet']).describe('Kind of the workload'),
  replicas: z.int().min(0).describe('Number of pods wanted'),
})

const OtherGpuPods = z.strictObject({
  ...common,
  kind: z.string().describe('Kind of what made the pods: Job, DaemonSet, …, or Pod where nothing did'),
  pods: z.int().min(1).describe('Number of its pods that are not over'),
})

/** What runs on GPUs: workloads that can be scaled, and pods that come from anything else. */
export const findGpuWorkloads = defineRead({
  name: 'kubernetes.find-gpu-workloads',
  title: 'Find what runs on GPUs',
  effect: 'read',
  provider: kubernetes,
  contract: 1,
  permissions: {
    plan: {
      kubernetes: [
        { apiGroups: ['apps'], resources: ['deployments', 'statefulsets'], verbs: ['list'] },
        { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
      ],
    },
    apply: {},
  },
  input: z.strictObject({
    namespace: NamespaceName.optional().describe('Only in this namespace; without, in all'),
  }),
  output: z.strictObject({
    workloads: z
      .array(GpuWorkload)
      .describe('Deployments and StatefulSets whose pods ask for nvidia.com/gpu'),
    others: z.array(OtherGpuPods).describe('Pods on GPUs that kubernetes.scale cannot stop'),
  }),
  run: async ({ namespace }, { client, signal }) => {
    const [deployments, statefulSets, pods] = await Promise.all([
      client.workloads.list({ kind: 'Deployment', namespace }, signal),
      client.workloads.list({ kind: 'StatefulSet', namespace }, signal),
      client.pods.list({ namespace }, signal),
    ])
    return {
      workloads: [...gpuWorkloads('Deployment', deployments), ...gpuWorkloads('StatefulSet', statefulSets)],
      others: otherPods(pods),
    }
  },
})

function gpuWorkloads(kind: WorkloadKind, all: readonly Workload[]): z.infer<typeof GpuWorkload>[] {
  return all.flatMap(({ namespace, name, replicas, template }) => {
    const gpus = gpusPerPod(template['spec'])
    return gpus === 0 ? [] : [{ namespace, kind, name, replicas, gpus, images: imagesOf(template) }]
  })
}

/** Pods of ReplicaSets and StatefulSets belong to the workloads above. */
function otherPods(pods: readonly Pod[]): z.infer<typeof OtherGpuPods>[] {
  const found = new Map<string, z.infer<typeof OtherGpuPods>>()
  for (const { namespace, controller, name, phase, spec, images } of pods) {
    const gpus = gpusPerPod(spec)
    const owner = controller ?? { kind: 'Pod', name }
    const over = phase === 'Succeeded' || phase === 'Failed'
    if (gpus === 0 || over || owner.kind === 'ReplicaSet' || owner.kind === 'StatefulSet') continue
    const key = [namespace, owner.kind, owner.name].join('/')
    const seen = found.get(key)
    const entry = {
      namespace,
      kind: owner.kind,
      name: owner.name,
      gpus,
      images: [...images],
      pods: (seen?.pods ?? 0) + 1,
    }
    found.set(key, entry)
  }
  return [...found.values()]
}
