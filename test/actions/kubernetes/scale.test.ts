import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { scale } from '../../../src/actions/kubernetes/scale.ts'
import type { Change } from '../../../src/core/change.ts'
import { KubernetesConfig } from '../../../src/providers/kubernetes/config.ts'
import { Secret } from '../../../src/core/secret.ts'
import { kubernetes } from '../../../src/providers/kubernetes/provider.ts'
import { objAt } from '../../../src/sandbox/kubernetes/value.ts'
import {
  edit,
  mutations,
  owned,
  probed,
  replicasOf,
  runningPods,
  scaleBy,
  startCluster,
  type Cluster,
} from './cluster.ts'
import { eventually } from '../../sandbox/kubernetes/eventually.ts'

let cluster: Cluster
beforeEach(async () => {
  cluster = await startCluster()
})
afterEach(() => cluster.close())

type Input = Parameters<typeof scale.plan>[0]
const down: Input = { namespace: 'inference', kind: 'Deployment', name: 'llama-70b', replicas: 0 }

function plan(input: Input): Promise<Change> {
  return scale.plan(input, cluster.context)
}
function apply(change: Change, input: Input): Promise<void> {
  return scale.apply(change, { ...cluster.context, input })
}
function probe(change: Change, input: Input) {
  return scale.probe(change, { ...cluster.context, input })
}

describe('planning a scale', () => {
  test('it is verified by the server, shows only the count, and changes nothing', async () => {
    const change = await plan(down)
    expect(owned(change)).toEqual({ before: { replicas: 3 }, after: { replicas: 0 } })
    expect(change).toMatchObject({
      confidence: 'verified',
      target: { kind: 'Deployment', name: 'inference/llama-70b' },
      output: { ...down, previousReplicas: 3 },
    })
    expect(change).not.toHaveProperty('note')
    expect(mutations(cluster.sandbox)).toEqual([
      {
        method: 'PATCH',
        path: '/apis/apps/v1/namespaces/inference/deployments/llama-70b/scale',
        dryRun: 'All',
      },
    ])
    expect(replicasOf(cluster.sandbox, 'llama-70b')).toBe(3)
  })

  test('a change of status or of an annotation leaves target, before and after as they were', async () => {
    const first = await plan(down)
    edit(cluster.sandbox, 'Deployment', {
      name: 'llama-70b',
      edit: (object) => (objAt(object, 'metadata')['annotations'] = { seen: 'now' }),
    })
    const { version: _first, ...before } = first
    const { version: _second, ...after } = await plan(down)
    expect(after).toEqual(before)
  })

  test('a count that is there already is an empty change, and nothing is sent', async () => {
    const change = await plan({ ...down, replicas: 3 })
    expect(change.before).toEqual(change.after)
    expect(mutations(cluster.sandbox)).toEqual([])
  })

  test('what does not exist is said to be missing', async () => {
    await expect(plan({ ...down, name: 'nope' })).rejects.toMatchObject({ code: 'provider.not-found' })
  })

  test('a role without the right to patch gives a predicted plan that says why', async () => {
    const role = cluster.sandbox.object('ClusterRole', undefined, 'firebreak')
    const readOnly = [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list'] }]
    cluster.sandbox.apply({ ...role, rules: readOnly })
    const change = await plan(down)
    expect(change.confidence).toBe('predicted')
    expect(change.note).toContain('may not patch deployments/scale')
    await expect(apply(change, down)).rejects.toMatchObject({ code: 'provider.denied' })
  })
})

describe('who would scale back', () => {
  test('a KEDA ScaledObject is refused, with what to do instead', async () => {
    const refusal = plan({ ...down, name: 'batch-embedder' })
    await expect(refusal).rejects.toMatchObject({ code: 'provider.refused' })
    await expect(refusal).rejects.toHaveProperty('remedy', expect.stringContaining('paused-replicas: "0"'))
    expect(mutations(cluster.sandbox)).toEqual([])
  })

  test('a ScaledObject that is paused at the wanted count is no obstacle', async () => {
    edit(cluster.sandbox, 'ScaledObject', {
      name: 'batch-embedder',
      edit: (object) =>
        (objAt(object, 'metadata')['annotations'] = { 'autoscaling.keda.sh/paused-replicas': '0' }),
    })
    expect((await plan({ ...down, name: 'batch-embedder' })).confidence).toBe('verified')
    const other = plan({ ...down, name: 'batch-embedder', replicas: 2 })
    await expect(other).rejects.toMatchObject({ code: 'provider.refused' })
  })

  test('a Deployment of KServe is refused, with what to do instead', async () => {
    const refusal = plan({ ...down, name: 'ranker-predictor' })
    await expect(refusal).rejects.toMatchObject({ code: 'provider.refused' })
    await expect(refusal).rejects.toHaveProperty('remedy', expect.stringContaining('InferenceService'))
  })

  test('an autoscaler is told of when the count goes to zero, which turns it off', async () => {
    const input = { ...down, name: 'reranker' }
    const change = await plan(input)
    expect(change.note).toContain('HorizontalPodAutoscaler reranker')
    await apply(change, input)
    await probed(() => probe(change, input), 'applied')
    expect(replicasOf(cluster.sandbox, 'reranker')).toBe(0)
  })

  test('a count outside the bounds of an autoscaler is refused', async () => {
    const above = plan({ ...down, name: 'reranker', replicas: 5 })
    await expect(above).rejects.toMatchObject({ code: 'provider.refused' })
  })

  test('a cluster without KEDA has no ScaledObjects, and that is no error', async () => {
    await eventually(() =>
      expect(
        cluster.sandbox.object('CustomResourceDefinition', undefined, 'scaledobjects.keda.sh'),
      ).toBeDefined(),
    )
    const url = `${cluster.sandbox.url}/apis/apiextensions.k8s.io/v1/customresourcedefinitions/scaledobjects.keda.sh`
    const headers = { authorization: `Bearer ${cluster.sandbox.token}` }
    expect((await fetch(url, { method: 'DELETE', headers })).status).toBe(200)
    expect((await plan(down)).confidence).toBe('verified')
  })
})

describe('doing it', () => {
  test('before the effect the probe says absent, after it applied, when no pod runs any more', async () => {
    const change = await plan(down)
    expect(await probe(change, down)).toBe('absent')
    await apply(change, down)
    await probed(() => probe(change, down), 'applied')
    expect(runningPods(cluster.sandbox, 'inference', 'llama-70b')).toBe(0)
    const written = mutations(cluster.sandbox).filter(({ dryRun }) => dryRun === undefined)
    expect(written).toHaveLength(1)
  })

  test('while a pod still runs the probe does not say applied', async () => {
    cluster.sandbox.pods.podsLinger = true
    const change = await plan(down)
    await apply(change, down)
    expect(await probe(change, down)).toBe('unknown')
    expect(runningPods(cluster.sandbox, 'inference', 'llama-70b')).toBe(3)
    cluster.sandbox.pods.podsLinger = false
    scaleBy(cluster.sandbox, 'gateway', 1)
    await probed(() => probe(change, down), 'applied')
  })

  test('the inverse restores the count', async () => {
    const change = await plan(down)
    await apply(change, down)
    await probed(() => probe(change, down), 'applied')
    const undo = scale.undo(change, { because: 'compromise', input: down })
    expect(undo).toEqual({ kind: 'inverse', action: 'kubernetes.scale', input: { ...down, replicas: 3 } })
    const up = { ...down, replicas: 3 }
    const back = await plan(up)
    await apply(back, up)
    await probed(() => probe(back, up), 'applied')
    await eventually(() => expect(runningPods(cluster.sandbox, 'inference', 'llama-70b')).toBe(3))
  })

  test('a StatefulSet is stopped and started alike', async () => {
    const input: Input = { namespace: 'training', kind: 'StatefulSet', name: 'finetune', replicas: 0 }
    await eventually(() => expect(runningPods(cluster.sandbox, 'training', 'finetune')).toBe(2))
    const change = await plan(input)
    expect(change).toMatchObject({ confidence: 'verified', before: { replicas: 2 } })
    await apply(change, input)
    await probed(() => probe(change, input), 'applied')
    expect(runningPods(cluster.sandbox, 'training', 'finetune')).toBe(0)
  })

  test('a target that changed since the plan is a conflict, and nothing happens', async () => {
    const change = await plan(down)
    scaleBy(cluster.sandbox, 'llama-70b', 5)
    await expect(apply(change, down)).rejects.toMatchObject({ code: 'provider.conflict' })
    expect(replicasOf(cluster.sandbox, 'llama-70b')).toBe(5)
    expect(await probe(change, down)).toBe('changed')
  })

  test('somebody who scales back at once is noticed: the probe says changed', async () => {
    const change = await plan(down)
    cluster.sandbox.autoscaler({ namespace: 'inference', name: 'llama-70b', replicas: 3 })
    await apply(change, down)
    await probed(() => probe(change, down), 'changed')
    expect(replicasOf(cluster.sandbox, 'llama-70b')).toBe(3)
  })

  test('somebody who scales back while the probe looks is noticed too', async () => {
    const patient = await startCluster(300)
    const context = { ...patient.context, input: down }
    const change = await scale.plan(down, patient.context)
    await scale.apply(change, context)
    await eventually(() => expect(runningPods(patient.sandbox, 'inference', 'llama-70b')).toBe(0))
    const verdict = scale.probe(change, context)
    patient.sandbox.autoscaler({ namespace: 'inference', name: 'llama-70b', replicas: 3, afterMs: 100 })
    expect(await verdict).toBe('changed')
    await patient.close()
  })

  test('an answer that is lost is no proof of anything: the probe finds the effect', async () => {
    const change = await plan(down)
    cluster.sandbox.faults.add({ method: 'PATCH', dryRun: false }, { kind: 'lose-answer' }, 1)
    await expect(apply(change, down)).rejects.toMatchObject({ code: 'provider.unavailable' })
    await probed(() => probe(change, down), 'applied')
  })

  test('a yes without effect is found out: the probe says absent', async () => {
    const change = await plan(down)
    cluster.sandbox.faults.add({ method: 'PATCH', dryRun: false }, { kind: 'no-effect' }, 1)
    await apply(change, down)
    expect(await probe(change, down)).toBe('absent')
  })

  test('a deleted and re-created target is another one', async () => {
    const change = await plan(down)
    const old = cluster.sandbox.object('Deployment', 'inference', 'llama-70b')
    const url = `${cluster.sandbox.url}/apis/apps/v1/namespaces/inference/deployments/llama-70b`
    await fetch(url, { method: 'DELETE', headers: { authorization: `Bearer ${cluster.sandbox.token}` } })
    const { uid: _uid, resourceVersion: _version, ...metadata } = objAt(old, 'metadata')
    cluster.sandbox.apply({ ...old, metadata })
    expect(await probe(change, down)).toBe('changed')
    await expect(apply(change, down)).rejects.toMatchObject({ code: 'provider.conflict' })
  })

  test('a slow server is given up in time, with a code of its own', async () => {
    const token = new Secret(cluster.sandbox.token)
    const client = await kubernetes.connect(
      KubernetesConfig.parse({ server: cluster.sandbox.url, token, timeoutMs: 100 }),
    )
    cluster.sandbox.faults.add({ method: 'GET' }, { kind: 'latency', ms: 2_000 }, 1)
    const late = scale.plan(down, { ...cluster.context, client })
    await expect(late).rejects.toMatchObject({ code: 'provider.timeout' })
  })
})
