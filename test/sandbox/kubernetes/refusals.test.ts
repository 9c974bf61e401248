import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { scenarioSeed } from '../../../src/sandbox/kubernetes/scenario.ts'
import { startKubernetes, type KubernetesSandbox } from '../../../src/sandbox/kubernetes/server.ts'
import { numAt } from '../../../src/sandbox/kubernetes/value.ts'
import { eventually } from './eventually.ts'

let sandbox: KubernetesSandbox
beforeAll(async () => {
  sandbox = await startKubernetes({ seed: scenarioSeed(), tickMs: 2 })
})
afterAll(() => sandbox.close())
beforeEach(() => sandbox.faults.clear())

const gateway = '/apis/apps/v1/namespaces/inference/deployments/gateway'
const merge = 'application/merge-patch+json'

async function send(
  method: string,
  path: string,
  request: { body?: unknown; type?: string; token?: string } = {},
) {
  const { body, type = 'application/json', token = sandbox.token } = request
  const response = await fetch(`${sandbox.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': type },
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
  })
  const text = await response.text()
  return {
    status: response.status,
    body: text.startsWith('{') ? JSON.parse(text) : text,
    headers: response.headers,
  }
}

test.each([
  ['server-side apply', `PATCH ${gateway}?fieldManager=me`],
  ['orphaning what a deletion leaves', `DELETE ${gateway}?propagationPolicy=Orphan`],
  ['deleting a collection', 'DELETE /apis/apps/v1/namespaces/inference/deployments'],
  ['exact versions of lists', 'GET /api/v1/pods?resourceVersionMatch=Exact'],
])('%s is not modelled, and the answer says so', async (_what, request) => {
  const [method = '', path = ''] = request.split(' ')
  const type = 'application/apply-patch+yaml'
  const answer = await send(method, path, method === 'GET' ? {} : { body: {}, type })
  expect(answer).toMatchObject({ status: 501, body: { kind: 'Status', reason: 'NotModelled' } })
})

test('a kind that is not served is a 404 in plain text', async () => {
  const answer = await send('GET', '/apis/batch/v1/jobs')
  expect(answer).toMatchObject({ status: 404, body: '404 page not found\n' })
})

test('a body that is no JSON is a bad request', async () => {
  const answer = await send('PATCH', gateway, { body: '{', type: merge })
  expect(answer).toMatchObject({ status: 400, body: { reason: 'BadRequest' } })
})

test('an unknown field in a manifest is refused when the client asks for it, and dropped with a warning otherwise', async () => {
  const wrong = { spec: { template: { spec: { nodSelector: { a: 'b' } } } } }
  const strict = await send('PATCH', `${gateway}?fieldValidation=Strict&dryRun=All`, {
    body: wrong,
    type: merge,
  })
  expect(strict.status).toBe(422)
  const warned = await send('PATCH', `${gateway}?dryRun=All`, { body: wrong, type: merge })
  expect(warned.status).toBe(200)
  expect(warned.headers.get('warning')).toContain('spec.template.spec.nodSelector')
  expect(JSON.stringify(warned.body)).not.toContain('nodSelector')
})

test('a user without a role may do nothing, and is told what is missing', async () => {
  const answer = await send('GET', gateway, { token: sandbox.tokenFor('someone') })
  expect(answer.status).toBe(403)
  expect(answer.body.message).toBe(
    'deployments.apps "gateway" is forbidden: User "someone" cannot get resource "deployments" in API group "apps" in the namespace "inference"',
  )
})

test('a revoked token is a 401', async () => {
  const token = sandbox.tokenFor('leaver')
  sandbox.revokeToken('leaver')
  expect((await send('GET', gateway, { token })).status).toBe(401)
})

test('with a stale resourceVersion in it, a patch is a conflict', async () => {
  const body = { metadata: { resourceVersion: '1' }, spec: { replicas: 1 } }
  expect(await send('PATCH', gateway, { body, type: merge })).toMatchObject({
    status: 409,
    body: { reason: 'Conflict' },
  })
})

test('an injected refusal has its code, its Retry-After and no effect, as often as asked', async () => {
  sandbox.faults.add(
    { method: 'GET' },
    { kind: 'status', code: 429, reason: 'TooManyRequests', retryAfterSeconds: 7 },
    1,
  )
  const first = await send('GET', gateway)
  expect(first.status).toBe(429)
  expect(first.headers.get('retry-after')).toBe('7')
  expect((await send('GET', gateway)).status).toBe(200)
})

test('a call that lands late has its effect after the connection broke', async () => {
  const replicas = () => numAt(sandbox.object('Deployment', 'inference', 'gateway'), 'spec', 'replicas')
  sandbox.faults.add({ method: 'PATCH' }, { kind: 'land-late', ms: 50 }, 1)
  await expect(
    send('PATCH', `${gateway}/scale`, { body: { spec: { replicas: 1 } }, type: merge }),
  ).rejects.toThrow()
  expect(replicas()).toBe(2)
  await eventually(() => expect(replicas()).toBe(1))
})

test('the request log tells who asked for what, with the body, and what was answered', async () => {
  sandbox.requests.length = 0
  await send('PATCH', `${gateway}/scale?dryRun=All`, { body: { spec: { replicas: 4 } }, type: merge })
  expect(sandbox.requests).toMatchObject([
    {
      method: 'PATCH',
      path: `${gateway}/scale`,
      query: { dryRun: 'All' },
      contentType: merge,
      body: { spec: { replicas: 4 } },
      user: 'sandbox-admin',
      status: 200,
    },
  ])
})
