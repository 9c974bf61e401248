import { afterEach, beforeEach, expect, test } from 'vitest'
import { startKubernetes, type KubernetesSandbox } from '../../../src/sandbox/kubernetes/server.ts'
import { strAt } from '../../../src/sandbox/kubernetes/value.ts'
import { eventually } from './eventually.ts'

const place = { namespace: 'firebreak', name: 'bot' }
let sandbox: KubernetesSandbox
beforeEach(async () => {
  const pod = { serviceAccountName: 'firebreak', containers: [{ name: 'c', image: 'x:1' }] }
  const service = { selector: { app: 'bot' }, ports: [{ port: 80 }] }
  sandbox = await startKubernetes({
    seed: [
      { apiVersion: 'v1', kind: 'Pod', metadata: place, spec: pod },
      { apiVersion: 'v1', kind: 'Service', metadata: place, spec: service },
    ],
    tickMs: 2,
  })
  await eventually(() =>
    expect(strAt(sandbox.object('Pod', 'firebreak', 'bot'), 'status', 'phase')).toBe('Running'),
  )
})
afterEach(() => sandbox.close())

async function call(token: string, path: string, init: { method?: string; body?: object } = {}) {
  const { method = 'GET', body } = init
  const response = await fetch(`${sandbox.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as object }
}

const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
const whoAmI = (token: string) =>
  call(token, '/apis/authentication.k8s.io/v1/selfsubjectreviews', { method: 'POST', body: review })

test('a token that a pod finds mounted tells the account, the pod and the node', async () => {
  const { body } = await whoAmI(sandbox.tokenOf('firebreak', 'bot'))
  expect(body).toMatchObject({
    status: {
      userInfo: {
        username: 'system:serviceaccount:firebreak:firebreak',
        extra: {
          'authentication.kubernetes.io/pod-name': ['bot'],
          'authentication.kubernetes.io/pod-uid': [
            strAt(sandbox.object('Pod', 'firebreak', 'bot'), 'metadata', 'uid'),
          ],
          'authentication.kubernetes.io/node-name': ['sandbox-node-1'],
        },
      },
    },
  })
})

test('it ends with its pod', async () => {
  const token = sandbox.tokenOf('firebreak', 'bot')
  expect((await whoAmI(token)).status).toBe(201)
  await call(sandbox.token, '/api/v1/namespaces/firebreak/pods/bot', { method: 'DELETE' })
  await eventually(() => expect(sandbox.object('Pod', 'firebreak', 'bot')).toBeUndefined())
  expect((await whoAmI(token)).status).toBe(401)
})

test('a token of a user without a pod tells no pod', async () => {
  const { body } = await whoAmI(sandbox.tokenFor('system:serviceaccount:firebreak:firebreak'))
  expect(JSON.stringify(body)).not.toContain('extra')
})

test('a Service is read as the server completes it; writing one is not modelled', async () => {
  const path = '/api/v1/namespaces/firebreak/services'
  expect((await call(sandbox.token, `${path}/bot`)).body).toMatchObject({
    kind: 'Service',
    spec: {
      type: 'ClusterIP',
      selector: { app: 'bot' },
      ports: [{ port: 80, targetPort: 80, protocol: 'TCP' }],
    },
  })
  for (const [method, where] of [
    ['POST', path],
    ['PUT', `${path}/bot`],
    ['DELETE', `${path}/bot`],
  ] as const) {
    const { status, body } = await call(sandbox.token, where, { method, body: { metadata: place } })
    expect([status, body]).toMatchObject([501, { reason: 'NotModelled' }])
  }
})
