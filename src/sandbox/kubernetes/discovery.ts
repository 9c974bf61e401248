import { apiVersionOf, type Kind } from './kinds.ts'
import type { Answer } from './request.ts'
import type { Store } from './store.ts'
import type { Obj } from './value.ts'

const version: Obj = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: 'v1.36.3+sandbox',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2026-08-21T00:00:00Z',
  goVersion: '',
  compiler: '',
  platform: '',
}

const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch']
const subVerbs: Readonly<Record<string, readonly string[]>> = {
  log: ['get'],
  eviction: ['create'],
  status: ['get', 'patch', 'update'],
  scale: ['get', 'patch', 'update'],
}

function resources(kind: Kind): Obj[] {
  const { plural, singular, namespaced } = kind
  const main: Obj = { name: plural, singularName: singular, namespaced, kind: kind.kind, verbs: [...verbs] }
  const subs = kind.subresources.map((sub): Obj => {
    const scale = sub === 'scale' ? { group: 'autoscaling', version: 'v1' } : {}
    const eviction = sub === 'eviction' ? { group: 'policy', version: 'v1' } : {}
    const name = { scale: 'Scale', eviction: 'Eviction' }[sub] ?? kind.kind
    const allowed = [...(subVerbs[sub] ?? [])]
    return {
      name: `${plural}/${sub}`,
      singularName: '',
      namespaced,
      ...scale,
      ...eviction,
      kind: name,
      verbs: allowed,
    }
  })
  return [main, ...subs]
}

const reviews: Readonly<Record<string, readonly string[]>> = {
  'authorization.k8s.io/v1': ['SelfSubjectAccessReview', 'SelfSubjectRulesReview'],
  'authentication.k8s.io/v1': ['SelfSubjectReview'],
}

function reviewResources(groupVersion: string): Obj[] {
  return (reviews[groupVersion] ?? []).map((kind) => {
    const singularName = kind.toLowerCase()
    return { name: `${singularName}s`, singularName, namespaced: false, kind, verbs: ['create'] }
  })
}

function groupVersions(store: Store): string[] {
  const stored = store.kinds().map(apiVersionOf)
  return [...new Set([...stored, ...Object.keys(reviews)])].filter((each) => each.includes('/'))
}

function groupList(store: Store): Obj {
  const names = [...new Set(groupVersions(store).map((each) => each.split('/')[0] ?? ''))]
  const groups = names.map((name): Obj => {
    const versions = groupVersions(store)
      .filter((each) => each.startsWith(`${name}/`))
      .map((groupVersion) => ({ groupVersion, version: groupVersion.split('/')[1] ?? '' }))
    return { name, versions, preferredVersion: versions[0] ?? {} }
  })
  return { kind: 'APIGroupList', apiVersion: 'v1', groups }
}

/** `/version`, `/api`, `/apis` and below: the kinds served and nothing else. Undefined: not a discovery path. */
export function discover(store: Store, path: string): Answer | undefined {
  if (path === '/version') return { code: 200, body: version }
  if (['/healthz', '/livez', '/readyz'].includes(path)) return { code: 200, body: 'ok' }
  if (path === '/api') return { code: 200, body: { kind: 'APIVersions', versions: ['v1'] } }
  if (path === '/apis') return { code: 200, body: groupList(store) }
  const groupVersion = /^\/api\/(v1)$|^\/apis\/([^/]+\/[^/]+)$/.exec(path)
  const wanted = groupVersion?.[1] ?? groupVersion?.[2]
  if (wanted === undefined) return undefined
  const served = store.kinds().filter((kind) => apiVersionOf(kind) === wanted)
  const list = [...served.flatMap(resources), ...reviewResources(wanted)]
  if (list.length === 0) return undefined
  return {
    code: 200,
    body: { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: wanted, resources: list },
  }
}
