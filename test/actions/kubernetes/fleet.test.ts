import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { rollback } from '../../../src/actions/kubernetes/rollback.ts'
import { scale } from '../../../src/actions/kubernetes/scale.ts'
import { objAt, objsAt } from '../../../src/sandbox/kubernetes/value.ts'
import { edit, startCluster, type Cluster } from './cluster.ts'

let cluster: Cluster
beforeEach(async () => {
  cluster = await startCluster()
})
afterEach(() => cluster.close())

const down = { namespace: 'inference', kind: 'Deployment', name: 'llama-70b', replicas: 0 } as const
const back = { namespace: 'inference', name: 'fraud-model', replicaSet: 'fraud-model-6f8b5d7c49' }
const finetune = { namespace: 'training', kind: 'StatefulSet', name: 'finetune', replicas: 0 } as const

const planScale = (input: Parameters<typeof scale.plan>[0] = down) => scale.plan(input, cluster.context)
const planBack = () => rollback.plan(back, cluster.context)

function listsOf(plural: string) {
  return cluster.sandbox.requests.filter(
    ({ method, path }) => method === 'GET' && path.endsWith(`/${plural}`),
  )
}

describe('how many there are', () => {
  test('is told by one short list, for either action', async () => {
    const count = cluster.sandbox.objects('Deployment', 'inference').length
    expect((await planScale()).fleet).toBe(count)
    expect((await planBack()).fleet).toBe(count)
    expect(listsOf('deployments').map(({ query }) => query['limit'])).toEqual(['1', '1'])
  })

  test('counts the kind and the namespace of the target only', async () => {
    expect((await planScale(finetune)).fleet).toBe(1)
  })

  test('is left out where the bot may not list them, and the plan stands', async () => {
    const role = cluster.sandbox.object('ClusterRole', undefined, 'firebreak')
    const rules = objsAt(role, 'rules').map((rule) =>
      JSON.stringify(rule).includes('"deployments"') ? { ...rule, verbs: ['get', 'patch'] } : rule,
    )
    cluster.sandbox.apply({ ...role, rules })
    for (const change of [await planScale(), await planBack()]) {
      expect(change).not.toHaveProperty('fleet')
      expect(change.confidence).toBe('verified')
    }
    expect(listsOf('deployments').map(({ status }) => status)).toEqual([403, 403])
  })

  test.each([500, 429])('is left out where the server answers %i, and the plan stands', async (code) => {
    const fault = { kind: 'status', code, reason: 'InternalError' } as const
    cluster.sandbox.faults.add({ method: 'GET', path: /\/deployments$/ }, fault)
    const change = await planScale()
    expect(change).not.toHaveProperty('fleet')
    expect(change.confidence).toBe('verified')
  })
})

describe('what is lost for ever', () => {
  test('is said of pods that end, and of no others', async () => {
    expect((await planScale()).loses).toBe(
      'the memory and local files of 3 of 3 pods: save first what is evidence',
    )
    expect((await planScale({ ...down, replicas: 2 })).loses).toContain('1 of 3 pods')
    expect(await planScale({ ...down, replicas: 3 })).not.toHaveProperty('loses')
    expect(await planScale({ ...down, replicas: 4 })).not.toHaveProperty('loses')
  })

  test('is said of a roll back, which replaces every pod, unless there is none', async () => {
    expect((await planBack()).loses).toBe(
      'the memory and local files of all its pods: save first what is evidence',
    )
    edit(cluster.sandbox, 'Deployment', {
      name: 'fraud-model',
      edit: (object) => (objAt(object, 'spec')['replicas'] = 0),
    })
    expect(await planBack()).not.toHaveProperty('loses')
  })

  test('names the volumes that end with a pod, and not the others', async () => {
    edit(cluster.sandbox, 'Deployment', {
      name: 'llama-70b',
      edit: (object) => {
        objAt(object, 'spec', 'template', 'spec')['volumes'] = [
          { name: 'cache', emptyDir: {} },
          { name: 'weights', persistentVolumeClaim: { claimName: 'weights' } },
          { name: 'scratch', ephemeral: { volumeClaimTemplate: { spec: {} } } },
        ]
      },
    })
    const { loses } = await planScale()
    expect(loses).toContain('the volumes cache, scratch')
    expect(loses).not.toContain('weights')
  })

  test('names the volumes that a StatefulSet has deleted with its pods', async () => {
    expect((await planScale(finetune)).loses).not.toContain('claimed')
    const object = cluster.sandbox.object('StatefulSet', 'training', 'finetune') ?? {}
    objAt(object, 'spec')['persistentVolumeClaimRetentionPolicy'] = { whenScaled: 'Delete' }
    cluster.sandbox.apply(object)
    expect((await planScale(finetune)).loses).toContain('the claimed volumes')
  })
})
