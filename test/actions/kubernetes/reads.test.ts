import { afterAll, beforeAll, expect, test } from 'vitest'
import { findGpuWorkloads } from '../../../src/actions/kubernetes/find-gpu-workloads.ts'
import { listRevisions } from '../../../src/actions/kubernetes/list-revisions.ts'
import { rollback } from '../../../src/actions/kubernetes/rollback.ts'
import { scale } from '../../../src/actions/kubernetes/scale.ts'
import type { ActionInfo, KubernetesRule } from '../../../src/core/action.ts'
import { image } from '../../../src/sandbox/kubernetes/manifests.ts'
import { botRules } from '../../../src/sandbox/kubernetes/scenario.ts'
import { mutations, startCluster, type Cluster } from './cluster.ts'

let cluster: Cluster
beforeAll(async () => {
  cluster = await startCluster()
})
afterAll(() => cluster.close())

test('what holds GPUs is found in one namespace, and what is on CPUs is not', async () => {
  const found = await findGpuWorkloads.run({ namespace: 'inference' }, cluster.context)
  expect(found.others).toEqual([])
  expect(found.workloads.map(({ name, gpus, replicas }) => ({ name, gpus, replicas }))).toEqual([
    { name: 'batch-embedder', gpus: 1, replicas: 1 },
    { name: 'embedder', gpus: 1, replicas: 2 },
    { name: 'fraud-model', gpus: 1, replicas: 2 },
    { name: 'llama-70b', gpus: 4, replicas: 3 },
    { name: 'ranker-predictor', gpus: 1, replicas: 1 },
    { name: 'reranker', gpus: 1, replicas: 2 },
  ])
  expect(found.workloads[3]).toMatchObject({ kind: 'Deployment', images: [image('llama-70b', 5)] })
})

test('over all namespaces, StatefulSets and pods without a workload are found too', async () => {
  const found = findGpuWorkloads.output.parse(await findGpuWorkloads.run({}, cluster.context))
  expect(found.workloads).toHaveLength(7)
  expect(found.workloads.at(-1)).toMatchObject({
    kind: 'StatefulSet',
    namespace: 'training',
    name: 'finetune',
    gpus: 4,
  })
  expect(found.others).toEqual([
    {
      namespace: 'training',
      kind: 'Pod',
      name: 'notebook',
      gpus: 1,
      pods: 1,
      images: [image('notebook', 1)],
    },
  ])
})

test('the history of a Deployment is listed newest first, with the current version marked', async () => {
  const input = { namespace: 'inference', name: 'fraud-model' }
  const { revisions } = listRevisions.output.parse(await listRevisions.run(input, cluster.context))
  expect(
    revisions.map(({ revision, images, current, replicas }) => ({ revision, images, current, replicas })),
  ).toEqual([
    { revision: 3, images: [image('fraud', 3)], current: true, replicas: 2 },
    { revision: 2, images: [image('fraud', 2)], current: false, replicas: 0 },
    { revision: 1, images: [image('fraud', 1)], current: false, replicas: 0 },
  ])
  expect(revisions[1]).toMatchObject({ replicaSet: 'fraud-model-6f8b5d7c49', templateHash: '6f8b5d7c49' })
})

test('a Deployment that does not exist is said to be missing', async () => {
  const missing = listRevisions.run({ namespace: 'inference', name: 'nope' }, cluster.context)
  await expect(missing).rejects.toMatchObject({ code: 'provider.not-found' })
})

test('reads change nothing', () => {
  expect(mutations(cluster.sandbox)).toEqual([])
})

function flat(rules: readonly KubernetesRule[]): string[] {
  const each = rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource} ${group}`)),
    ),
  )
  return [...new Set(each)].toSorted()
}

test('the bot of the scenario may do exactly what its actions declare', () => {
  const actions: Pick<ActionInfo, 'permissions'>[] = [scale, findGpuWorkloads, listRevisions, rollback]
  const declared = actions.flatMap(({ permissions: { plan, apply } }) => [
    ...(plan.kubernetes ?? []),
    ...(apply.kubernetes ?? []),
  ])
  expect(flat(botRules)).toEqual(flat(declared))
})
