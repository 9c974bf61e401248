import { allowedBy, basicRules, grants, type Access, type User } from './rbac.ts'
import { bodyObject, type Answer, type Call } from './request.ts'
import { notModelled } from './status.ts'
import type { Store } from './store.ts'
import { clone, objAt, strAt, stringsAt, type Obj } from './value.ts'

/** The reviews are kinds without a store: what is posted is answered and forgotten. */
export const reviewPaths: Readonly<Record<string, { readonly group: string; readonly resource: string }>> = {
  '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews': {
    group: 'authorization.k8s.io',
    resource: 'selfsubjectaccessreviews',
  },
  '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews': {
    group: 'authorization.k8s.io',
    resource: 'selfsubjectrulesreviews',
  },
  '/apis/authentication.k8s.io/v1/selfsubjectreviews': {
    group: 'authentication.k8s.io',
    resource: 'selfsubjectreviews',
  },
}

/** Paths that are no resources, open to every authenticated user. */
const openPaths: readonly Obj[] = [
  {
    verbs: ['get'],
    nonResourceURLs: [
      '/api',
      '/api/*',
      '/apis',
      '/apis/*',
      '/healthz',
      '/livez',
      '/openapi',
      '/openapi/*',
      '/readyz',
      '/version',
      '/version/',
    ],
  },
  { verbs: ['get'], nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'] },
]

function accessOf(wanted: Obj): Access {
  const text = (key: string): string => strAt(wanted, key) ?? ''
  const [namespace, name, sub] = [text('namespace'), text('name'), text('subresource')]
  return {
    verb: text('verb'),
    group: text('group'),
    resource: sub === '' ? text('resource') : `${text('resource')}/${sub}`,
    ...(namespace === '' ? {} : { namespace }),
    ...(name === '' ? {} : { name }),
  }
}

function accessReview(store: Store, call: Call, user: User): Obj {
  const spec = objAt(bodyObject(call), 'spec')
  const wanted = objAt(spec, 'resourceAttributes')
  if (spec['resourceAttributes'] === undefined)
    throw notModelled('access reviews of paths that are no resources')
  const reason = allowedBy(store, user, accessOf(wanted))
  const status =
    reason === undefined ? { allowed: false } : { allowed: true, ...(reason === '' ? {} : { reason }) }
  return {
    kind: 'SelfSubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: {},
    spec: clone(spec),
    status,
  }
}

function rulesReview(store: Store, call: Call, user: User): Obj {
  const namespace = strAt(bodyObject(call), 'spec', 'namespace') ?? ''
  const own = grants(store, user, namespace).flatMap((grant) => grant.rules)
  const resourceRules = [...basicRules, ...own].map((rule) => ({
    verbs: stringsAt(rule, 'verbs'),
    apiGroups: stringsAt(rule, 'apiGroups'),
    resources: stringsAt(rule, 'resources'),
    ...(rule['resourceNames'] === undefined ? {} : { resourceNames: stringsAt(rule, 'resourceNames') }),
  }))
  const status = { resourceRules, nonResourceRules: openPaths.map((rule) => clone(rule)), incomplete: false }
  return {
    kind: 'SelfSubjectRulesReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: {},
    spec: {},
    status,
  }
}

/** What a token says that is bound to a pod (Kubernetes, "Managing Service Accounts"); the node since 1.30. */
function extraOf({ pod }: User): Obj {
  if (pod === undefined) return {}
  const claim = 'authentication.kubernetes.io'
  const extra = {
    [`${claim}/pod-name`]: [pod.name],
    [`${claim}/pod-uid`]: [pod.uid],
    [`${claim}/node-name`]: [pod.node],
  }
  return { extra }
}

function selfReview(user: User): Obj {
  const status = { userInfo: { username: user.name, groups: [...user.groups], ...extraOf(user) } }
  return { kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1', metadata: {}, status }
}

/** Who am I, and what may I do: answered for the user of the call. */
export function review(store: Store, call: Call, resource: string): Answer {
  const { user } = call
  switch (resource) {
    case 'selfsubjectaccessreviews':
      return { code: 201, body: accessReview(store, call, user) }
    case 'selfsubjectrulesreviews':
      return { code: 201, body: rulesReview(store, call, user) }
    default:
      return { code: 201, body: selfReview(user) }
  }
}
