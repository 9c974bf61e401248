import { expect } from 'vitest'
import type { Change, Verdict } from '../../../src/core/change.ts'
import { Secret } from '../../../src/core/secret.ts'
import { KubernetesConfig } from '../../../src/providers/kubernetes/config.ts'
import { kubernetes, type KubernetesClient } from '../../../src/providers/kubernetes/provider.ts'
import { botUser, scenarioSeed } from '../../../src/sandbox/kubernetes/scenario.ts'
import { startKubernetes, type KubernetesSandbox } from '../../../src/sandbox/kubernetes/server.ts'
import { eventually } from '../../sandbox/kubernetes/eventually.ts'
import { numAt, objAt, strAt, type Obj } from '../../../src/sandbox/kubernetes/value.ts'

export type Cluster = {
  readonly sandbox: KubernetesSandbox
  readonly client: KubernetesClient
  /** What actions get besides their input. */
  readonly context: {
    readonly client: KubernetesClient
    readonly signal: AbortSignal
    readonly idempotencyKey: string
  }
  readonly close: () => Promise<void>
}

/** The scenario, settled, and the real client of the bot's service account. */
export async function startCluster(steadyMs = 40): Promise<Cluster> {
  const sandbox = await startKubernetes({ seed: scenarioSeed(), tickMs: 2 })
  const token = new Secret(sandbox.tokenFor(botUser))
  const client = await kubernetes.connect(
    KubernetesConfig.parse({ server: sandbox.url, token, steadyMs, timeoutMs: 5_000 }),
  )
  await eventually(() => expect(runningPods(sandbox, 'inference')).toBe(13))
  const context = { client, signal: AbortSignal.timeout(15_000), idempotencyKey: 'run/step' }
  return { sandbox, client, context, close: () => sandbox.close() }
}

/** Probes as the engine does: until the effect is in place. */
export async function probed(probe: () => Promise<Verdict>, wanted: Verdict): Promise<void> {
  await eventually(async () => expect(await probe()).toBe(wanted))
}

export function runningPods(sandbox: KubernetesSandbox, namespace: string, app?: string): number {
  return sandbox
    .objects('Pod', namespace)
    .filter((pod) => strAt(pod, 'status', 'phase') === 'Running')
    .filter((pod) => app === undefined || strAt(pod, 'metadata', 'labels', 'app') === app).length
}

export function replicasOf(
  sandbox: KubernetesSandbox,
  name: string,
  namespace = 'inference',
): number | undefined {
  return numAt(sandbox.object('Deployment', namespace, name), 'spec', 'replicas')
}

/** Lets the administrator change an object. */
export function edit(
  sandbox: KubernetesSandbox,
  kind: string,
  change: { name: string; edit: (object: Obj) => void },
): void {
  const object = sandbox.object(kind, 'inference', change.name)
  if (object === undefined) throw new Error(`no ${kind} ${change.name}`)
  change.edit(object)
  sandbox.apply(object)
}

export function scaleBy(sandbox: KubernetesSandbox, name: string, replicas: number): void {
  edit(sandbox, 'Deployment', { name, edit: (object) => (objAt(object, 'spec')['replicas'] = replicas) })
}

/** Requests that could change the world, with whether they were dry runs. */
export function mutations(
  sandbox: KubernetesSandbox,
): { method: string; path: string; dryRun: string | undefined }[] {
  return sandbox.requests
    .filter(({ method }) => method !== 'GET')
    .map(({ method, path, query }) => ({ method, path, dryRun: query['dryRun'] }))
}

export function owned({ before, after }: Change): unknown {
  return { before, after }
}
