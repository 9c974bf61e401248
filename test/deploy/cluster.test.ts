import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { actions } from '../../src/actions/index.ts'
import type { KubernetesRule } from '../../src/core/action.ts'
import { startKubernetes, type KubernetesSandbox } from '../../src/sandbox/kubernetes/server.ts'
import { at, manifests, only, type Obj, textOf } from './manifests.ts'

const bot = 'system:serviceaccount:firebreak:firebreak'

/** Group, resource and verb of every right, one a line. */
function rights(rules: readonly KubernetesRule[]): string[] {
  const lines = rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource} ${group}`)),
    ),
  )
  return [...new Set(lines)].toSorted()
}

const declared = rights(
  Object.values(actions).flatMap(({ permissions: { plan, apply } }) => [
    ...(plan.kubernetes ?? []),
    ...(apply.kubernetes ?? []),
  ]),
)

it('the generated ClusterRole gives exactly what the actions declare', () => {
  const given = rights(only(manifests(), 'ClusterRole')['rules'] as unknown as KubernetesRule[])
  expect(given).toEqual(declared)
  expect(given.length).toBeGreaterThan(5)
  expect(given.filter((right) => right.includes('*'))).toEqual([])
})

function collection({ apiVersion, kind, metadata }: Obj): string {
  const api = textOf(apiVersion)
  const plural = kind === 'NetworkPolicy' ? 'networkpolicies' : `${textOf(kind).toLowerCase()}s`
  const namespace = at(metadata, ['namespace'])
  const place = namespace === undefined ? '' : `/namespaces/${textOf(namespace)}`
  // The kinds whose fields the stand-in knows; shape.ts checks those of all.
  const strict = kind === 'Deployment' || kind === 'NetworkPolicy' ? '?fieldValidation=Strict' : ''
  return `${api.includes('/') ? '/apis' : '/api'}/${api}${place}/${plural}${strict}`
}

describe('in a cluster', () => {
  let cluster: KubernetesSandbox
  /** What the API said to each manifest. */
  const answers = new Map<string, { status: number; message: unknown }>()

  beforeAll(async () => {
    cluster = await startKubernetes({
      seed: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'inference' } }],
    })
    for (const object of manifests().toSorted((one) => (one['kind'] === 'Namespace' ? -1 : 1))) {
      // oxlint-disable-next-line no-await-in-loop -- as kubectl does: one after the other, the namespace first
      const { status, body } = await send(cluster.token, collection(object), object)
      answers.set(textOf(object['kind']), { status, message: body['message'] })
    }
  })
  afterAll(() => cluster.close())

  async function send(token: string, path: string, body: object): Promise<{ status: number; body: Obj }> {
    const answer = await fetch(cluster.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const text = await answer.text()
    return { status: answer.status, body: text.startsWith('{') ? (JSON.parse(text) as Obj) : {} }
  }

  async function allowed(right: string, namespace: string): Promise<boolean> {
    const [verb, path = '', group] = right.split(' ')
    const [resource, subresource] = path.split('/')
    const resourceAttributes = {
      verb,
      group,
      resource,
      namespace,
      ...(subresource === undefined ? {} : { subresource }),
    }
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes },
    }
    const { body } = await send(
      cluster.tokenFor(bot),
      '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      review,
    )
    return at(body, ['status', 'allowed']) === true
  }

  /** What the API says to each right. */
  function ask(rights: readonly string[], namespace: string): Promise<string[]> {
    return Promise.all(rights.map(async (right) => `${right} ${String(await allowed(right, namespace))}`))
  }

  it('the API takes every manifest of a kind that the stand-in serves', () => {
    const refused = [...answers].filter(([, { status }]) => status !== 201)
    expect(refused.map(([kind, { status }]) => `${kind} ${status}`).toSorted()).toEqual([
      'PersistentVolumeClaim 404',
      'Service 501',
    ])
    expect(answers.size).toBe(8)
  })

  it('the service account may do what the actions need where it is bound, and nothing elsewhere', async () => {
    const strange = ['get secrets ', 'create pods ', 'create pods/exec ', 'delete deployments apps']
    const all = [...declared, ...strange]
    expect(await ask(declared, 'inference')).toEqual(declared.map((right) => `${right} true`))
    expect(await ask(strange, 'inference')).toEqual(strange.map((right) => `${right} false`))
    expect(await ask(all, 'kube-system')).toEqual(all.map((right) => `${right} false`))
  })
})
