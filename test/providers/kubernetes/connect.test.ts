import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Secret } from '../../../src/core/secret.ts'
import { KubernetesConfig } from '../../../src/providers/kubernetes/config.ts'
import { kubernetes, type KubernetesClient } from '../../../src/providers/kubernetes/provider.ts'
import { startKubernetes, type KubernetesSandbox } from '../../../src/sandbox/kubernetes/server.ts'

const signal = AbortSignal.timeout(20_000)
let sandbox: KubernetesSandbox
let folder: string
beforeAll(async () => {
  sandbox = await startKubernetes()
})
afterAll(() => sandbox.close())
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firebreak-kubeconfig-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function connect(config: unknown): Promise<KubernetesClient> {
  return kubernetes.connect(KubernetesConfig.parse(config))
}

describe('the configuration', () => {
  test.each([
    ['two ways at once', { kubeconfig: '/k', inCluster: true }],
    ['no way', { timeoutMs: 1_000 }],
    ['an unknown key', { inCluster: true, contxt: 'prod' }],
    ['a token as plain text', { server: 'https://k.example', token: 'plain' }],
    ['plain HTTP to another machine', { server: 'http://k.example', token: new Secret('t') }],
  ])('%s is refused', (_what, config) => {
    expect(KubernetesConfig.safeParse(config).success).toBe(false)
  })
})

describe('the way in', () => {
  test('a kubeconfig with its context works', async () => {
    const path = join(folder, 'config')
    writeFileSync(path, JSON.stringify(sandbox.kubeconfig))
    const client = await connect({ kubeconfig: path, context: 'sandbox' })
    expect(await client.pods.list({}, signal)).toEqual([])
  })

  test('a missing file, an unknown context and a file that is none are refused before any call', async () => {
    const missing = connect({ kubeconfig: join(folder, 'nope') })
    await expect(missing).rejects.toMatchObject({ code: 'kubernetes.bad-access' })
    const path = join(folder, 'config')
    writeFileSync(path, JSON.stringify(sandbox.kubeconfig))
    const unknown = connect({ kubeconfig: path, context: 'prod' })
    await expect(unknown).rejects.toMatchObject({ code: 'kubernetes.bad-access' })
    await expect(unknown).rejects.toHaveProperty('remedy', expect.stringContaining('sandbox'))
    writeFileSync(path, ': : :')
    await expect(connect({ kubeconfig: path })).rejects.toMatchObject({ code: 'kubernetes.bad-access' })
  })

  test('inCluster outside a cluster is refused before any call', async () => {
    await expect(connect({ inCluster: true })).rejects.toMatchObject({ code: 'kubernetes.bad-access' })
  })

  test('a wrong token is denied, without the token in the error', async () => {
    const client = await connect({ server: sandbox.url, token: new Secret('canary-token') })
    const error: unknown = await client.pods.list({}, signal).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'provider.denied' })
    expect(`${String(error)}${JSON.stringify(error)}`).not.toContain('canary-token')
  })

  test('a server that is not there is unavailable', async () => {
    const closed = await startKubernetes()
    await closed.close()
    const client = await connect({ server: closed.url, token: new Secret('t') })
    await expect(client.pods.list({}, signal)).rejects.toMatchObject({ code: 'provider.unavailable' })
  })
})

describe('the calls', () => {
  test('forty calls in a row use one connection, and say who calls', async () => {
    let sockets = 0
    const agents = new Set<string | undefined>()
    const server = createServer((request, response) => {
      agents.add(request.headers['user-agent'])
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"metadata":{},"items":[]}')
    })
    server.on('connection', () => (sockets += 1))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const client = await connect({ server: `http://127.0.0.1:${port}`, token: new Secret('t') })
    for (let i = 0; i < 20; i++) {
      await client.pods.list({ namespace: 'a' }, signal)
      await client.workloads.list({ kind: 'Deployment' }, signal)
    }
    server.closeAllConnections()
    server.close()
    expect(sockets).toBeLessThanOrEqual(2)
    expect([...agents]).toEqual(['firebreak'])
  })

  test('the signal of a step ends its call', async () => {
    const client = await connect({ server: sandbox.url, token: new Secret(sandbox.token) })
    const disarm = sandbox.faults.add({ method: 'GET' }, { kind: 'latency', ms: 3_000 })
    const stop = new AbortController()
    const call = client.pods.list({}, stop.signal)
    stop.abort()
    await expect(call).rejects.toMatchObject({ code: 'provider.timeout' })
    disarm()
  })

  test('a list goes on over all its pages', async () => {
    const full = await startKubernetes({
      seed: Array.from({ length: 501 }, (_, i) => ({
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        metadata: { namespace: 'many', name: `set-${i}`, labels: { app: 'x' } },
        spec: {
          replicas: 0,
          selector: { matchLabels: { app: 'x' } },
          template: { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
        },
      })),
      tickMs: 60_000,
    })
    const client = await connect({ server: full.url, token: new Secret(full.token) })
    const owner = { namespace: 'many', selector: 'app=x', uid: 'none' }
    const all = await client.pods.list({ namespace: 'many' }, signal)
    expect(all).toEqual([])
    full.requests.length = 0
    const deployment = {
      ...owner,
      name: 'x',
      resourceVersion: '1',
      generation: 1,
      labels: {},
      annotations: {},
    }
    const status = { observedGeneration: 0, replicas: 0, updatedReplicas: 0, availableReplicas: 0 }
    const rest = {
      controller: undefined,
      replicas: 0,
      paused: false,
      dropsVolumes: false,
      template: {},
      status,
    }
    await client.workloads.replicaSets({ ...deployment, ...rest }, signal)
    const cursors = full.requests.map(({ query }) => query['continue'] !== undefined)
    expect(cursors).toEqual([false, true])
    await full.close()
  })

  test('fields that the client library does not know come back unharmed', async () => {
    const named = await startKubernetes({ tickMs: 60_000 })
    const envFrom = [{ configMapRef: { name: 'a' }, fieldOfTheFuture: true }]
    const container = {
      name: 'c',
      image: 'i',
      envFrom,
      readinessProbe: { httpGet: { path: '/', port: 1 }, newer: 1 },
    }
    named.apply({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { namespace: 'default', name: 'web' },
      spec: {
        selector: { matchLabels: { app: 'web' } },
        template: { metadata: { labels: { app: 'web' } }, spec: { containers: [container] } },
      },
    })
    const client = await connect({ server: named.url, token: new Secret(named.token) })
    const ref = { kind: 'Deployment', namespace: 'default', name: 'web' } as const
    const found = await client.workloads.find(ref, signal)
    expect(JSON.stringify(found?.template)).toContain('fieldOfTheFuture')
    expect(JSON.stringify(found?.template)).toContain('"newer":1')
    await named.close()
  })
})
