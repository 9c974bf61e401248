import { objsAt, strAt, at, type Obj } from './value.ts'

/** Where a custom resource keeps the counts that its scale subresource shows. */
type ScalePaths = { readonly spec: readonly string[]; readonly status: readonly string[] }

export type Kind = {
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly singular: string
  readonly kind: string
  readonly namespaced: boolean
  readonly subresources: readonly string[]
  /** Whether writes of the spec raise `metadata.generation`. */
  readonly generation: boolean
  /** Comes with the seed only: what the server adds to a new one (addresses, finalizers) is not modelled. */
  readonly seeded?: true
  /** The schema of a custom resource; absent for built-in kinds. */
  readonly custom?: { readonly schema: Obj; readonly scale?: ScalePaths }
}

type Row = Partial<Pick<Kind, 'subresources' | 'namespaced' | 'generation' | 'seeded'>> & {
  readonly plural?: string
}

function kind(apiVersion: string, name: string, row: Row = {}): Kind {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
  const singular = name.toLowerCase()
  return {
    group: group ?? '',
    version: version ?? '',
    kind: name,
    singular,
    plural: row.plural ?? `${singular}s`,
    namespaced: row.namespaced ?? true,
    subresources: row.subresources ?? [],
    generation: row.generation ?? false,
    ...(row.seeded === undefined ? {} : { seeded: row.seeded }),
  }
}

const rbac = 'rbac.authorization.k8s.io/v1'
const scalable: Row = { subresources: ['status', 'scale'], generation: true }

export const Namespace = kind('v1', 'Namespace', { namespaced: false, subresources: ['status'] })
export const Node = kind('v1', 'Node', { namespaced: false, subresources: ['status'] })
export const Pod = kind('v1', 'Pod', { subresources: ['status', 'log', 'eviction'], generation: true })
export const Event = kind('v1', 'Event')
export const ConfigMap = kind('v1', 'ConfigMap')
const Service = kind('v1', 'Service', { subresources: ['status'], seeded: true })
export const ServiceAccount = kind('v1', 'ServiceAccount')
export const Deployment = kind('apps/v1', 'Deployment', scalable)
export const ReplicaSet = kind('apps/v1', 'ReplicaSet', scalable)
export const StatefulSet = kind('apps/v1', 'StatefulSet', scalable)
export const Autoscaler = kind('autoscaling/v2', 'HorizontalPodAutoscaler', { subresources: ['status'] })
export const DisruptionBudget = kind('policy/v1', 'PodDisruptionBudget', {
  subresources: ['status'],
  generation: true,
})
const NetworkPolicy = kind('networking.k8s.io/v1', 'NetworkPolicy', {
  plural: 'networkpolicies',
  generation: true,
})
export const Role = kind(rbac, 'Role')
export const RoleBinding = kind(rbac, 'RoleBinding')
export const ClusterRole = kind(rbac, 'ClusterRole', { namespaced: false })
export const ClusterRoleBinding = kind(rbac, 'ClusterRoleBinding', { namespaced: false })
export const CustomResource = kind('apiextensions.k8s.io/v1', 'CustomResourceDefinition', {
  namespaced: false,
  subresources: ['status'],
  generation: true,
})

/** The built-in kinds that this stand-in serves. Everything else is a 404, as for an API that is not installed. */
export const builtIn: readonly Kind[] = [
  Namespace,
  Node,
  Pod,
  Event,
  Service,
  ServiceAccount,
  ConfigMap,
  Deployment,
  ReplicaSet,
  StatefulSet,
  Autoscaler,
  DisruptionBudget,
  NetworkPolicy,
  Role,
  RoleBinding,
  ClusterRole,
  ClusterRoleBinding,
  CustomResource,
]

export function keyOf(kind: Kind): string {
  return `${kind.group}/${kind.plural}`
}

export function apiVersionOf(kind: Kind): string {
  return kind.group === '' ? kind.version : `${kind.group}/${kind.version}`
}

function jsonPath(text: string | undefined): readonly string[] {
  return (text ?? '').split('.').filter((part) => part !== '')
}

function scalePaths(version: Obj): ScalePaths | undefined {
  const spec = strAt(version, 'subresources', 'scale', 'specReplicasPath')
  if (spec === undefined) return undefined
  return {
    spec: jsonPath(spec),
    status: jsonPath(strAt(version, 'subresources', 'scale', 'statusReplicasPath')),
  }
}

/** The kinds that a CustomResourceDefinition adds: one for each served version. */
export function kindsOf(definition: Obj): Kind[] {
  const names = at(definition, 'spec', 'names')
  return objsAt(definition, 'spec', 'versions')
    .filter((version) => version['served'] === true)
    .map((version) => {
      const scale = scalePaths(version)
      const status = at(version, 'subresources', 'status') === undefined ? [] : ['status']
      const schema = at(version, 'schema', 'openAPIV3Schema')
      return {
        group: strAt(definition, 'spec', 'group') ?? '',
        version: strAt(version, 'name') ?? '',
        plural: strAt(names, 'plural') ?? '',
        singular: strAt(names, 'singular') ?? '',
        kind: strAt(names, 'kind') ?? '',
        namespaced: strAt(definition, 'spec', 'scope') === 'Namespaced',
        subresources: scale === undefined ? status : [...status, 'scale'],
        generation: true,
        custom: { schema: isSchema(schema) ? schema : {}, ...(scale === undefined ? {} : { scale }) },
      }
    })
}

function isSchema(value: unknown): value is Obj {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
