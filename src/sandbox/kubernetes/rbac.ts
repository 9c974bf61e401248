import { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from './kinds.ts'
import type { Store } from './store.ts'
import { at, nameOf, namespaceOf, objsAt, strAt, stringsAt, type Obj } from './value.ts'

export type User = {
  readonly name: string
  readonly groups: readonly string[]
  /** The pod that the token was made for. It ends with the pod. */
  readonly pod?: {
    readonly namespace: string
    readonly name: string
    readonly uid: string
    readonly node: string
  }
}

export type Access = {
  readonly verb: string
  readonly group: string
  /** With the subresource, as rules write it: `deployments/scale`. */
  readonly resource: string
  readonly namespace?: string
  readonly name?: string
}

type Grant = { readonly rules: readonly Obj[]; readonly reason: string }

/** Of this group, everything is allowed. */
export const MASTERS = 'system:masters'

/** What every authenticated user may do (`system:basic-user`). */
export const basicRules: readonly Obj[] = [
  {
    verbs: ['create'],
    apiGroups: ['authorization.k8s.io'],
    resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
  },
  { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
]

function subjectText(subject: Obj, user: User, home: string | undefined): string | undefined {
  const name = strAt(subject, 'name') ?? ''
  const namespace = strAt(subject, 'namespace') ?? home ?? ''
  switch (subject['kind']) {
    case 'User':
      return user.name === name ? `User "${name}"` : undefined
    case 'Group':
      return user.groups.includes(name) ? `Group "${name}"` : undefined
    case 'ServiceAccount':
      return user.name === `system:serviceaccount:${namespace}:${name}`
        ? `ServiceAccount "${name}/${namespace}"`
        : undefined
    default:
      return undefined
  }
}

function bindings(store: Store, namespace: string | undefined): Obj[] {
  const cluster = store.list(ClusterRoleBinding)
  return namespace === undefined ? cluster : [...cluster, ...store.list(RoleBinding, namespace)]
}

function grantOf(store: Store, binding: Obj, user: User): Grant | undefined {
  const namespace = namespaceOf(binding)
  const who = objsAt(binding, 'subjects')
    .map((subject) => subjectText(subject, user, namespace))
    .find((text) => text !== undefined)
  if (who === undefined) return undefined
  const ref = strAt(binding, 'roleRef', 'name') ?? ''
  const clusterWide = at(binding, 'roleRef', 'kind') === 'ClusterRole'
  const role = clusterWide ? store.get(ClusterRole, undefined, ref) : store.get(Role, namespace, ref)
  if (role === undefined) return undefined
  const kind = namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding'
  const name = namespace === undefined ? nameOf(binding) : `${nameOf(binding)}/${namespace}`
  const reason = `RBAC: allowed by ${kind} "${name}" of ${clusterWide ? 'ClusterRole' : 'Role'} "${ref}" to ${who}`
  return { rules: objsAt(role, 'rules'), reason }
}

/** The rules that hold for a user in a namespace, with the reason each is given. */
export function grants(store: Store, user: User, namespace: string | undefined): Grant[] {
  return bindings(store, namespace).flatMap((binding) => grantOf(store, binding, user) ?? [])
}

function covers(rule: Obj, access: Access): boolean {
  const [, subresource] = access.resource.split('/')
  const resources = [access.resource, '*', ...(subresource === undefined ? [] : [`*/${subresource}`])]
  const names = stringsAt(rule, 'resourceNames')
  return (
    stringsAt(rule, 'verbs').some((verb) => verb === '*' || verb === access.verb) &&
    stringsAt(rule, 'apiGroups').some((group) => group === '*' || group === access.group) &&
    stringsAt(rule, 'resources').some((resource) => resources.includes(resource)) &&
    (names.length === 0 || (access.name !== undefined && names.includes(access.name)))
  )
}

/** The reason why an access is allowed, or undefined where it is not. */
export function allowedBy(store: Store, user: User, access: Access): string | undefined {
  if (user.groups.includes(MASTERS)) return ''
  if (basicRules.some((rule) => covers(rule, access))) {
    return 'RBAC: allowed by ClusterRoleBinding "system:basic-user" of ClusterRole "system:basic-user" to Group "system:authenticated"'
  }
  return grants(store, user, access.namespace).find((grant) =>
    grant.rules.some((rule) => covers(rule, access)),
  )?.reason
}
