import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { rollback } from '../../../src/actions/kubernetes/rollback.ts'
import type { Change } from '../../../src/core/change.ts'
import { image } from '../../../src/sandbox/kubernetes/manifests.ts'
import { at, nameOf, objAt, objsAt, put, strAt } from '../../../src/sandbox/kubernetes/value.ts'
import { edit, mutations, probed, scaleBy, startCluster, type Cluster } from './cluster.ts'
import { eventually } from '../../sandbox/kubernetes/eventually.ts'

let cluster: Cluster
beforeEach(async () => {
  cluster = await startCluster()
})
afterEach(() => cluster.close())

type Input = Parameters<typeof rollback.plan>[0]
const target = { namespace: 'inference', name: 'fraud-model' }
const toSecond: Input = { ...target, replicaSet: 'fraud-model-6f8b5d7c49' }

function plan(input: Input = toSecond): Promise<Change> {
  return rollback.plan(input, cluster.context)
}
function apply(change: Change, input: Input = toSecond): Promise<void> {
  return rollback.apply(change, { ...cluster.context, input })
}
function probe(change: Change, input: Input = toSecond) {
  return rollback.probe(change, { ...cluster.context, input })
}

function runningImages(): string[] {
  const pods = cluster.sandbox.objects('Pod', 'inference')
  return pods
    .filter((pod) => strAt(pod, 'metadata', 'labels', 'app') === 'fraud-model')
    .flatMap((pod) => objsAt(pod, 'spec', 'containers').map((container) => strAt(container, 'image') ?? ''))
}

function currentSet(): string {
  const sets = cluster.sandbox.objects('ReplicaSet', 'inference')
  const active = sets.find(
    (set) => nameOf(set).startsWith('fraud-model-') && at(set, 'spec', 'replicas') !== 0,
  )
  return active === undefined ? '' : nameOf(active)
}

describe('planning a roll back', () => {
  test('it is verified by the server, names both versions, and changes nothing', async () => {
    const before = cluster.sandbox.object('Deployment', 'inference', 'fraud-model')
    const change = await plan()
    expect(change).toMatchObject({
      confidence: 'verified',
      target: {
        kind: 'Deployment',
        id: '5f0d9c3e-6f4c-4a43-9d52-0d1c7b7f2a11',
        name: 'inference/fraud-model',
      },
      before: { replicaSet: currentSet(), images: [image('fraud', 3)] },
      after: { replicaSet: toSecond.replicaSet, templateHash: '6f8b5d7c49', images: [image('fraud', 2)] },
    })
    expect(mutations(cluster.sandbox)).toEqual([
      { method: 'PATCH', path: '/apis/apps/v1/namespaces/inference/deployments/fraud-model', dryRun: 'All' },
    ])
    expect(cluster.sandbox.object('Deployment', 'inference', 'fraud-model')).toEqual(before)
  })

  test('neither status nor the number of pods is part of what is approved', async () => {
    const { version: _first, ...first } = await plan()
    scaleBy(cluster.sandbox, 'fraud-model', 3)
    await eventually(() => expect(runningImages()).toHaveLength(3))
    const { version: _second, ...second } = await plan()
    expect(second).toEqual(first)
  })

  test('a template that somebody edited in the old ReplicaSet is another change, though its name and hash are the same', async () => {
    const first = await plan()
    edit(cluster.sandbox, 'ReplicaSet', {
      name: toSecond.replicaSet,
      edit: (object) => put(objAt(object, 'spec', 'template'), ['spec', 'serviceAccountName'], 'evil'),
    })
    const second = await plan()
    expect(second.after['templateHash']).toBe(first.after['templateHash'])
    expect(second.after).not.toEqual(first.after)
    await expect(apply(first)).rejects.toMatchObject({ code: 'provider.conflict' })
  })

  test('the version that runs is an empty change, and nothing is sent', async () => {
    const change = await plan({ ...target, replicaSet: currentSet() })
    expect(change.before).toEqual(change.after)
    expect(mutations(cluster.sandbox)).toEqual([])
  })

  test('a ReplicaSet of another Deployment is said to be missing', async () => {
    const others = cluster.sandbox.objects('ReplicaSet', 'inference').map(nameOf)
    const foreign = others.find((name) => name.startsWith('llama-70b-')) ?? ''
    await expect(plan({ ...target, replicaSet: foreign })).rejects.toMatchObject({
      code: 'provider.not-found',
    })
  })

  test('a paused Deployment is refused, since its template would have no effect', async () => {
    edit(cluster.sandbox, 'Deployment', {
      name: 'fraud-model',
      edit: (object) => (objAt(object, 'spec')['paused'] = true),
    })
    await expect(plan()).rejects.toMatchObject({ code: 'provider.refused' })
  })

  test('a Deployment of GitOps is planned with a warning', async () => {
    edit(cluster.sandbox, 'Deployment', {
      name: 'fraud-model',
      edit: (object) => put(object, ['metadata', 'annotations', 'argocd.argoproj.io/tracking-id'], 'x'),
    })
    expect((await plan()).note).toContain('argocd')
  })
})

describe('doing it', () => {
  test('before the effect the probe says absent, after it applied, when only the old version runs', async () => {
    const change = await plan()
    expect(await probe(change)).toBe('absent')
    await apply(change)
    await probed(() => probe(change), 'applied')
    expect(runningImages()).toEqual([image('fraud', 2), image('fraud', 2)])
    const labels = objAt(
      cluster.sandbox.object('Deployment', 'inference', 'fraud-model'),
      'spec',
      'template',
      'metadata',
      'labels',
    )
    expect(labels).toEqual({ app: 'fraud-model' })
  })

  test('the inverse goes back to the version that ran before, whatever its number is by then', async () => {
    const previous = currentSet()
    const change = await plan()
    await apply(change)
    await probed(() => probe(change), 'applied')
    const undo = rollback.undo(change, { because: 'defect', input: toSecond })
    const back = { ...target, replicaSet: previous }
    expect(undo).toEqual({ kind: 'inverse', action: 'kubernetes.rollback', input: back })
    const again = await plan(back)
    await apply(again, back)
    await probed(() => probe(again, back), 'applied')
    expect(runningImages()).toEqual([image('fraud', 3), image('fraud', 3)])
  })

  test('a rollout that hangs on its image is never called applied', async () => {
    cluster.sandbox.pods.brokenImages.add(image('fraud', 2))
    const change = await plan()
    await apply(change)
    await eventually(() => expect(runningImages()).toContain(image('fraud', 2)))
    expect(await probe(change)).toBe('unknown')
  })

  test('a Deployment that changed since the plan is a conflict, and nothing happens', async () => {
    const change = await plan()
    scaleBy(cluster.sandbox, 'fraud-model', 1)
    await expect(apply(change)).rejects.toMatchObject({ code: 'provider.conflict' })
    expect(runningImages()).not.toContain(image('fraud', 2))
  })

  test('a status that changed since the plan is no conflict', async () => {
    const change = await plan()
    const version = () =>
      strAt(cluster.sandbox.object('Deployment', 'inference', 'fraud-model'), 'metadata', 'resourceVersion')
    const planned = version()
    const url = `${cluster.sandbox.url}/apis/apps/v1/namespaces/inference/deployments/fraud-model/status`
    const headers = {
      authorization: `Bearer ${cluster.sandbox.token}`,
      'content-type': 'application/merge-patch+json',
    }
    await fetch(url, { method: 'PATCH', headers, body: JSON.stringify({ status: { collisionCount: 1 } }) })
    expect(version()).not.toBe(planned)
    await apply(change)
    await probed(() => probe(change), 'applied')
  })

  test('another template than both is somebody else’s change', async () => {
    const change = await plan()
    const other: Input = { ...target, replicaSet: 'fraud-model-5c9d7b6f84' }
    await apply(await plan(other), other)
    expect(await probe(change)).toBe('changed')
  })
})
