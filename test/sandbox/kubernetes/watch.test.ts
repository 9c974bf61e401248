import { KubeConfig, Watch } from '@kubernetes/client-node'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { scenarioSeed } from '../../../src/sandbox/kubernetes/scenario.ts'
import { startKubernetes, type KubernetesSandbox } from '../../../src/sandbox/kubernetes/server.ts'
import { nameOf, objAt, strAt } from '../../../src/sandbox/kubernetes/value.ts'
import { eventually } from './eventually.ts'

let sandbox: KubernetesSandbox
beforeEach(async () => {
  sandbox = await startKubernetes({ seed: scenarioSeed(), tickMs: 2 })
})
afterEach(() => sandbox.close())

type Seen = { type: string; name: string; reason?: string }

/** The real client watches; what it sees is collected until the test stops it. */
async function watch(path: string, query: Record<string, string>) {
  const config = new KubeConfig()
  config.loadFromString(JSON.stringify(sandbox.kubeconfig))
  const seen: Seen[] = []
  const ended: unknown[] = []
  const controller = await new Watch(config).watch(
    path,
    query,
    (type: string, object: { metadata?: { name?: string }; reason?: string }) =>
      seen.push({
        type,
        name: object.metadata?.name ?? '',
        ...(object.reason ? { reason: object.reason } : {}),
      }),
    (error: unknown) => ended.push(error),
  )
  return { seen, ended, stop: () => controller.abort() }
}

const deployments = '/apis/apps/v1/namespaces/inference/deployments'

function relabel(name: string, tier: string | undefined): void {
  const object = sandbox.object('Deployment', 'inference', name)
  const labels = objAt(object, 'metadata', 'labels')
  if (tier === undefined) delete labels['tier']
  else labels['tier'] = tier
  sandbox.apply({ ...object })
}

test('a watch without a version begins with what there is and goes on with what changes', async () => {
  const { seen, stop } = await watch(deployments, { fieldSelector: 'metadata.name=gateway' })
  await eventually(() => expect(seen[0]).toEqual({ type: 'ADDED', name: 'gateway' }))
  relabel('gateway', 'edge')
  await eventually(() => expect(seen).toContainEqual({ type: 'MODIFIED', name: 'gateway' }))
  stop()
})

test('an object that begins to match is added, one that no longer does is deleted', async () => {
  const { seen, stop } = await watch(deployments, { labelSelector: 'tier=edge' })
  relabel('gateway', 'edge')
  await eventually(() => expect(seen).toContainEqual({ type: 'ADDED', name: 'gateway' }))
  relabel('gateway', undefined)
  await eventually(() => expect(seen.at(-1)).toEqual({ type: 'DELETED', name: 'gateway' }))
  stop()
})

test('a watch that resumes sees what it missed, and one from too long ago is told so', async () => {
  const from =
    strAt(sandbox.object('Deployment', 'inference', 'gateway'), 'metadata', 'resourceVersion') ?? ''
  relabel('gateway', 'edge')
  const resumed = await watch(deployments, { resourceVersion: from, labelSelector: 'app=gateway' })
  await eventually(() => expect(resumed.seen.map(({ name }) => name)).toContain('gateway'))
  resumed.stop()
  sandbox.expireWatches()
  const late = await watch(deployments, { resourceVersion: from })
  await eventually(() => expect(late.seen[0]).toMatchObject({ type: 'ERROR', reason: 'Expired' }))
})

test('a watch ends by itself after timeoutSeconds', async () => {
  const { ended } = await watch(deployments, { timeoutSeconds: '1' })
  await eventually(() => expect(ended).toHaveLength(1))
})

test('a watch needs the right to watch', async () => {
  const headers = { authorization: `Bearer ${sandbox.tokenFor('nobody')}` }
  const answer = await fetch(`${sandbox.url}${deployments}?watch=true`, { headers })
  expect(answer.status).toBe(403)
  expect(await answer.text()).toContain('cannot watch resource')
})

test('a deleted Deployment takes its ReplicaSets and pods with it', async () => {
  await eventually(() => expect(podsOf('gateway')).toHaveLength(2))
  const headers = { authorization: `Bearer ${sandbox.token}` }
  await fetch(`${sandbox.url}${deployments}/gateway`, { method: 'DELETE', headers })
  await eventually(() => expect(podsOf('gateway')).toHaveLength(0))
  const sets = sandbox.objects('ReplicaSet', 'inference').map(nameOf)
  expect(sets.filter((name) => name.startsWith('gateway-'))).toEqual([])
})

function podsOf(app: string): string[] {
  const pods = sandbox.objects('Pod', 'inference')
  return pods.filter((pod) => strAt(pod, 'metadata', 'labels', 'app') === app).map(nameOf)
}
