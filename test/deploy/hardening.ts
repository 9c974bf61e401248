import { at, only, type Obj, type Path, type Value, textOf } from './manifests.ts'

const pod: Path = ['spec', 'template', 'spec']
export const container: Path = [...pod, 'containers', 0]

type Rule = { readonly path: Path; readonly ok: (value: Value | undefined) => boolean }

const is = (wanted: Value) => (value: Value | undefined) => value === wanted
const filled = (value: Value | undefined) => typeof value === 'string' && value !== ''
const isAboveZero = (value: Value | undefined) => typeof value === 'number' && value > 0

function probe(name: string, path: string): Rule[] {
  return [
    { path: [...container, name, 'httpGet', 'path'], ok: is(path) },
    { path: [...container, name, 'httpGet', 'port'], ok: is('http') },
  ]
}

/** What makes the pod a hardened one, each at its place in the Deployment. */
export const deploymentRules: readonly Rule[] = [
  { path: ['spec', 'replicas'], ok: is(1) },
  { path: ['spec', 'strategy', 'type'], ok: is('Recreate') },
  { path: [...pod, 'serviceAccountName'], ok: is('firebreak') },
  { path: [...pod, 'automountServiceAccountToken'], ok: is(true) },
  { path: [...pod, 'enableServiceLinks'], ok: is(false) },
  { path: [...pod, 'securityContext', 'runAsNonRoot'], ok: is(true) },
  { path: [...pod, 'securityContext', 'runAsUser'], ok: isAboveZero },
  { path: [...pod, 'securityContext', 'runAsGroup'], ok: isAboveZero },
  { path: [...pod, 'securityContext', 'fsGroup'], ok: isAboveZero },
  { path: [...pod, 'securityContext', 'fsGroupChangePolicy'], ok: is('OnRootMismatch') },
  { path: [...pod, 'securityContext', 'seccompProfile', 'type'], ok: is('RuntimeDefault') },
  { path: [...container, 'securityContext', 'allowPrivilegeEscalation'], ok: is(false) },
  { path: [...container, 'securityContext', 'privileged'], ok: is(false) },
  { path: [...container, 'securityContext', 'readOnlyRootFilesystem'], ok: is(true) },
  { path: [...container, 'securityContext', 'runAsNonRoot'], ok: is(true) },
  {
    path: [...container, 'securityContext', 'capabilities', 'drop'],
    ok: (value) => JSON.stringify(value) === '["ALL"]',
  },
  { path: [...container, 'resources', 'requests', 'cpu'], ok: filled },
  { path: [...container, 'resources', 'requests', 'memory'], ok: filled },
  { path: [...container, 'resources', 'limits', 'cpu'], ok: filled },
  { path: [...container, 'resources', 'limits', 'memory'], ok: filled },
  ...probe('startupProbe', '/healthz'),
  ...probe('livenessProbe', '/healthz'),
  ...probe('readinessProbe', '/readyz'),
  { path: [...container, 'ports', 0, 'containerPort'], ok: is(8180) },
]

/** What must not be there at all. */
const forbidden: readonly Path[] = [
  [...pod, 'hostNetwork'],
  [...pod, 'hostPID'],
  [...pod, 'hostIPC'],
  [...pod, 'initContainers'],
  [...pod, 'containers', 1],
  [...container, 'securityContext', 'capabilities', 'add'],
  [...container, 'securityContext', 'runAsUser'],
  [...container, 'securityContext', 'seccompProfile'],
]

export function deploymentFaults(deployment: Obj): string[] {
  const broken = deploymentRules.filter(({ path, ok }) => !ok(at(deployment, path)))
  const present = forbidden.filter((path) => at(deployment, path) !== undefined)
  return [
    ...broken.map(({ path }) => path.join('.')),
    ...present.map((path) => path.join('.')),
    ...volumeFaults(deployment),
  ]
}

/** Which volume may be written to, and of what kind each must be. */
const volumeKinds: { readonly [mountPath: string]: { readonly kind: string; readonly readOnly: boolean } } = {
  '/var/lib/firebreak': { kind: 'persistentVolumeClaim', readOnly: false },
  '/tmp': { kind: 'emptyDir', readOnly: false },
  '/etc/firebreak': { kind: 'configMap', readOnly: true },
  '/run/firebreak/secrets': { kind: 'secret', readOnly: true },
}

function volumeFaults(deployment: Obj): string[] {
  const volumes = (at(deployment, [...pod, 'volumes']) ?? []) as Obj[]
  const mounts = (at(deployment, [...container, 'volumeMounts']) ?? []) as Obj[]
  const missing = Object.keys(volumeKinds).filter(
    (path) => !mounts.some(({ mountPath }) => mountPath === path),
  )
  const wrong = mounts.filter(({ name, mountPath, readOnly = false }) => {
    const wanted = volumeKinds[textOf(mountPath)]
    const volume = volumes.find((each) => each['name'] === name)
    return wanted === undefined || volume?.[wanted.kind] === undefined || readOnly !== wanted.readOnly
  })
  return [...missing, ...wrong.map(({ mountPath }) => textOf(mountPath))].map((path) => `volume ${path}`)
}

/** The rest of the objects: who has a token, who reaches what. */
export function clusterFaults(objects: readonly Obj[]): string[] {
  const faults: string[] = []
  const account = only(objects, 'ServiceAccount')
  if (account['automountServiceAccountToken'] !== false)
    faults.push('ServiceAccount.automountServiceAccountToken')
  const labels = at(only(objects, 'Namespace'), ['metadata', 'labels']) as Obj
  if (labels['pod-security.kubernetes.io/enforce'] !== 'restricted') faults.push('Namespace: restricted')
  if (objects.some(({ kind }) => kind === 'Secret')) faults.push('a Secret in a file')
  if (objects.some(({ kind }) => kind === 'ClusterRoleBinding')) faults.push('a right in every namespace')
  return [...faults, ...policyFaults(only(objects, 'NetworkPolicy'), only(objects, 'Deployment'))]
}

function same(one: Value | undefined, other: Value | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function policyFaults(policy: Obj, deployment: Obj): string[] {
  const labels = at(deployment, ['spec', 'template', 'metadata', 'labels'])
  const ingress = (at(policy, ['spec', 'ingress']) ?? []) as Obj[]
  const egress = (at(policy, ['spec', 'egress']) ?? []) as Obj[]
  return [
    ...(same(at(policy, ['spec', 'podSelector', 'matchLabels']), labels) ? [] : ['the pod']),
    ...(same(at(policy, ['spec', 'policyTypes']), ['Ingress', 'Egress']) ? [] : ['both ways']),
    ...ingress.flatMap(ingressFaults),
    ...egress.flatMap(egressFaults),
  ].map((fault) => `NetworkPolicy: ${fault}`)
}

/** A rule without peers means: from everywhere. So does one without ports, for ports. */
function ingressFaults(rule: Obj): string[] {
  const peers = (rule['from'] ?? []) as Obj[]
  const closed =
    peers.length > 0 && peers.every((peer) => at(peer, ['namespaceSelector', 'matchLabels']) !== undefined)
  const port = JSON.stringify(rule['ports']) === '[{"port":8180,"protocol":"TCP"}]'
  return [...(closed ? [] : ['ingress from anywhere']), ...(port ? [] : ['ingress port'])]
}

function egressFaults(rule: Obj): string[] {
  const peers = (rule['to'] ?? []) as Obj[]
  const ports = ((rule['ports'] ?? []) as Obj[]).map(({ port }) => port)
  const known = ports.length > 0 && ports.every((port) => [53, 443, 6443].includes(Number(port)))
  return [
    ...(peers.length > 0 ? [] : ['egress to anywhere']),
    ...(known ? [] : ['egress port']),
    ...(peers.some(reachesMetadata) ? ['instance metadata'] : []),
  ]
}

function reachesMetadata(peer: Obj): boolean {
  const except = (at(peer, ['ipBlock', 'except']) ?? []) as Value[]
  return at(peer, ['ipBlock', 'cidr']) === '0.0.0.0/0' && !except.includes('169.254.0.0/16')
}
