import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startControllers, type Manager } from './controllers/manager.ts'
import { Faults } from './faults.ts'
import { Deployment, StatefulSet } from './kinds.ts'
import { Pages } from './read.ts'
import type { World } from './route.ts'
import { applyObject, seedStore } from './seed.ts'
import { serve, type Parts } from './serve.ts'
import { notModelled } from './status.ts'
import { Store } from './store.ts'
import type { Kubeconfig, KubernetesSandbox, SandboxOptions } from './types.ts'
import { admin, Users } from './users.ts'
import type { Obj } from './value.ts'

export type { KubernetesSandbox, SandboxOptions } from './types.ts'

function kubeconfig(server: string, user: { name: string; token: string }): Kubeconfig {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'sandbox', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: user.name, user: { token: user.token } }],
    contexts: [{ name: 'sandbox', context: { cluster: 'sandbox', user: user.name } }],
    'current-context': 'sandbox',
  }
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string')
    throw new Error('the Kubernetes stand-in has no TCP port')
  return `http://127.0.0.1:${address.port}`
}

function kindNamed(store: Store, name: string) {
  const kind = store.kinds().find((each) => each.kind === name)
  if (kind === undefined) throw notModelled(`the kind ${name}`)
  return kind
}

/** The administrator's view, past HTTP: for seeding, for tests, for the demo page. */
function adminDoor(
  store: Store,
  manager: Manager,
): Pick<KubernetesSandbox, 'objects' | 'object' | 'apply' | 'autoscaler'> {
  return {
    objects: (kind, namespace) => store.list(kindNamed(store, kind), namespace),
    object: (kind, namespace, name): Obj | undefined => store.get(kindNamed(store, kind), namespace, name),
    apply: (object) => applyObject(store, object),
    autoscaler: ({ kind = 'Deployment', namespace, name, replicas, afterMs = 0 }) =>
      manager.fight({
        kind: kind === 'Deployment' ? Deployment : StatefulSet,
        namespace,
        name,
        replicas,
        afterMs,
      }),
  }
}

async function close(server: Server, manager: Manager): Promise<void> {
  manager.stop()
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

/**
 * A stand-in for a Kubernetes API server with its controllers, at the wire, on 127.0.0.1 over plain HTTP. Clients connect
 * to it unmodified. It is held against recorded traffic of a real server; what it does not model, it refuses with a
 * Status whose reason is `NotModelled` (501).
 */
export async function startKubernetes(options: SandboxOptions = {}): Promise<KubernetesSandbox> {
  const { port = 0, seed = [], clock = () => new Date(), rbac = true, tickMs = 5 } = options
  const store = new Store(clock)
  seedStore(store, seed)
  const world: World = { store, pages: new Pages(), logs: new Map(), rbac }
  const parts: Parts = { world, users: new Users(), faults: new Faults(), requests: [] }
  const server = createServer((request, response) => void serve(parts, request, response))
  const url = await listen(server, port)
  const manager = startControllers(store, tickMs)
  const { users } = parts
  const configFor = (name: string): Kubeconfig => kubeconfig(url, { name, token: users.tokenFor(name) })
  return {
    url,
    token: users.tokenFor(admin.name),
    kubeconfig: configFor(admin.name),
    tokenFor: (user) => users.tokenFor(user),
    tokenOf: (namespace, pod) => users.tokenOf(store, namespace, pod),
    kubeconfigFor: configFor,
    revokeToken: (user) => users.revoke(user),
    ...adminDoor(store, manager),
    requests: parts.requests,
    faults: parts.faults,
    pods: manager.behaviour,
    logs: world.logs,
    expireWatches: () => store.compact(),
    close: () => close(server, manager),
  }
}
