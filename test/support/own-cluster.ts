import { expect } from 'vitest'
import { scenarioSeed } from '../../src/sandbox/kubernetes/scenario.ts'
import { startKubernetes, type KubernetesSandbox } from '../../src/sandbox/kubernetes/server.ts'
import { strAt } from '../../src/sandbox/kubernetes/value.ts'
import { eventually } from './eventually.ts'

// The cluster of the scenario, with a bot that runs in it and has its journal in a database there.

/** Rights that a bot may have to find out what it lives on. */
const ownRules = [
  { apiGroups: [''], resources: ['pods', 'services'], verbs: ['get', 'list'] },
  { apiGroups: ['apps'], resources: ['deployments', 'statefulsets', 'replicasets'], verbs: ['get', 'list'] },
]

const fromSecret = (name: string) => ({ valueFrom: { secretKeyRef: { name, key: 'x' } } })

const botPod = {
  serviceAccountName: 'firebreak',
  imagePullSecrets: [{ name: 'registry' }],
  containers: [
    {
      name: 'firebreak',
      image: 'firebreak:1',
      env: [
        { name: 'A', ...fromSecret('firebreak-env') },
        { name: 'B', value: 'plain' },
        { name: 'C', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      ],
      envFrom: [{ configMapRef: { name: 'firebreak-settings' } }],
    },
  ],
  volumes: [
    { name: 'config', configMap: { name: 'firebreak-config' } },
    { name: 'secrets', secret: { secretName: 'firebreak-secrets' } },
    { name: 'state', persistentVolumeClaim: { claimName: 'firebreak-state' } },
    { name: 'all', projected: { sources: [{ secret: { name: 'firebreak-key' } }, { downwardAPI: {} }] } },
    { name: 'tmp', emptyDir: {} },
  ],
}

function workload(kind: string, place: { namespace: string; name: string }, spec: object): object {
  const labels = { app: place.name }
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { ...place, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec },
      ...(kind === 'StatefulSet' ? { serviceName: place.name } : {}),
    },
  }
}

function role(namespace: string, rules: readonly object[]): object[] {
  const rbac = 'rbac.authorization.k8s.io'
  const metadata = { namespace, name: 'firebreak-own' }
  return [
    { apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: rbac, kind: 'Role', name: 'firebreak-own' },
      subjects: [{ kind: 'ServiceAccount', namespace: 'firebreak', name: 'firebreak' }],
    },
  ]
}

const small = { containers: [{ name: 'c', image: 'x:1' }] }
const database = {
  ...small,
  volumes: [{ name: 'certs', secret: { secretName: 'pg-certs' } }],
}

export type OwnCluster = {
  readonly sandbox: KubernetesSandbox
  /** The pod of the bot, and the token that it finds mounted. */
  readonly pod: string
  readonly token: string
}

/** `rights`: namespaces in which the bot may look for what it lives on. */
export async function startOwnCluster(
  rights: readonly string[] = ['firebreak', 'data'],
): Promise<OwnCluster> {
  const seed = [
    ...scenarioSeed(),
    workload('Deployment', { namespace: 'firebreak', name: 'firebreak' }, botPod),
    workload('Deployment', { namespace: 'firebreak', name: 'mate' }, small),
    workload('StatefulSet', { namespace: 'data', name: 'pg' }, database),
    workload('Deployment', { namespace: 'data', name: 'other' }, small),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace: 'data', name: 'pg-rw' },
      spec: { selector: { app: 'pg' }, ports: [{ port: 5432 }] },
    },
    ...rights.flatMap((namespace) => role(namespace, ownRules)),
  ]
  const sandbox = await startKubernetes({ seed, tickMs: 2 })
  const running = (): boolean => {
    const pods = sandbox.objects('Pod')
    return pods.length === 20 && pods.every((pod) => strAt(pod, 'status', 'phase') === 'Running')
  }
  await eventually(running, { what: 'the pods of the scenario' })
  const [bot] = sandbox
    .objects('Pod', 'firebreak')
    .filter((pod) => strAt(pod, 'metadata', 'labels', 'app') === 'firebreak')
  const pod = strAt(bot, 'metadata', 'name') ?? ''
  expect(pod).not.toBe('')
  return { sandbox, pod, token: sandbox.tokenOf('firebreak', pod) }
}
