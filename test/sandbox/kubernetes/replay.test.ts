import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startKubernetes, type KubernetesSandbox } from '../../../src/sandbox/kubernetes/server.ts'
import { at, comparable, isObj, recording, type Exchange, type Json, type Obj } from './recording.ts'

const recorded = recording()

/** Not served, with the reason. Printed by the test: this is what a user of the stand-in must know. */
const refused = new Map([
  [52, 'server-side apply with a conflict'],
  [53, 'server-side apply, forced'],
  [54, 'server-side apply that creates'],
])

/** Served, but other than recorded, on purpose. */
const different = new Map([
  [1, 'the version says that it is a sandbox'],
  [2, 'namespaces of the cluster the recording was made on'],
  [65, 'the rules review lists no /.well-known paths: none are served'],
  [121, 'discovery offers no deletecollection: it is refused'],
  [180, 'the real controller had not yet looked; here it has'],
  [205, 'no node controller: new nodes get no not-ready taint'],
  [206, 'no node controller: new nodes get no not-ready taint'],
  [218, 'events have names and messages of their own; their count depends on the pace of the rollout'],
])

/** Watches and polls that are compared by the test below this one, or that only show how long something took. */
function isWatch(exchange: Exchange): boolean {
  return exchange.query['watch'] !== undefined
}

function isPollOf(exchange: Exchange, next: Exchange | undefined): boolean {
  return (
    next !== undefined &&
    exchange.method === 'GET' &&
    next.method === 'GET' &&
    exchange.path === next.path &&
    isDeepStrictEqual(exchange.query, next.query)
  )
}

const paced = new Set([
  'HorizontalPodAutoscaler',
  'Deployment',
  'DeploymentList',
  'ReplicaSetList',
  'PodList',
  'Pod',
  'Scale',
])

/** Status of workloads depends on how fast the cluster was; pods carry what admission plugins add. */
function withoutPace(body: Json, kind: string): Json {
  if (Array.isArray(body)) return body.map((item) => withoutPace(item, kind))
  if (!isObj(body) || !paced.has(kind)) return body
  const items = body['items']
  if (Array.isArray(items)) return { ...body, items: items.map((item) => withoutPace(item, kind)) }
  const { status: _paced, ...rest } = body
  if (!kind.startsWith('Pod')) return kind === 'ReplicaSetList' ? withoutGeneration(rest) : rest
  return {
    containers: at(rest, 'spec', 'containers', '0') ?? null,
    labels: appOf(rest),
    owner: ownerOf(rest),
  }
}

function withoutGeneration(body: Obj): Json {
  const { generation: _count, ...metadata } = body['metadata'] as Obj
  return { ...body, metadata }
}

function appOf(pod: Obj): Json {
  return at(pod, 'metadata', 'labels', 'app') ?? null
}

function ownerOf(pod: Obj): Json {
  const owners = at(pod, 'metadata', 'ownerReferences')
  return Array.isArray(owners) ? (at(owners[0], 'kind') ?? null) : null
}

function nameOf(object: Obj | undefined): string {
  const name = at(object, 'metadata', 'name')
  return typeof name === 'string' ? name : ''
}

function logOf(exchange: Exchange): string {
  return typeof exchange.responseBody === 'string' ? exchange.responseBody : ''
}

/** Strict decoding errors quote the whole object; what matters is how they end. */
function shortened(body: Json): Json {
  const message = at(body, 'message')
  if (typeof message !== 'string' || !message.includes('strict decoding error') || !isObj(body)) return body
  return {
    reason: body['reason'] ?? null,
    code: body['code'] ?? null,
    end: message.slice(message.indexOf('strict decoding')),
  }
}

function essence(body: Json): Json {
  const kind = at(body, 'kind')
  return shortened(withoutPace(comparable(body), typeof kind === 'string' ? kind : ''))
}

describe.skipIf(recorded === undefined)('the stand-in against the recorded API server', () => {
  const all = recorded ?? []
  const bodyOf = (id: number): Json => all.find((each) => each.id === id)?.responseBody ?? null
  let sandbox: KubernetesSandbox
  const substitutes = new Map<string, string>()

  beforeAll(async () => {
    const nodes = at(bodyOf(203), 'items') as Obj[]
    const seed = [
      ...nodes.map((node) => ({ apiVersion: 'v1', kind: 'Node', ...node })),
      ...[99, 101, 103].map(bodyOf),
    ]
    sandbox = await startKubernetes({ seed: seed as object[], tickMs: 1 })
  })
  afterAll(() => sandbox.close())

  function tokenOf(exchange: Exchange): string {
    const users = { bot: 'incident-bot', nobody: 'peer-nobody' } as const
    if (exchange.as === 'admin') return sandbox.token
    return exchange.as === 'invalid-token' ? 'wrong' : sandbox.tokenFor(users[exchange.as])
  }

  /** Pod names and list cursors differ here; each recorded one stands for one of ours. */
  function translate(text: string): string {
    return [...substitutes].reduce((all, [theirs, ours]) => all.replaceAll(theirs, ours), text)
  }

  async function send(exchange: Exchange): Promise<{ status: number; body: Json; warning: string | null }> {
    const pod = /\/pods\/(ev-[^/]+)/.exec(exchange.path)?.[1]
    if (pod !== undefined && !substitutes.has(pod)) {
      const own = sandbox.objects('Pod').find((each) => at(each, 'metadata', 'labels', 'app') === 'ev')
      substitutes.set(pod, nameOf(own))
    }
    const query = new URLSearchParams(exchange.query).toString()
    const headers: Record<string, string> = { authorization: `Bearer ${tokenOf(exchange)}` }
    if (exchange.contentType !== undefined) headers['content-type'] = exchange.contentType
    if (exchange.id === 66) headers['impersonate-user'] = 'alice@example.test'
    const body = exchange.requestBody === undefined ? null : translate(JSON.stringify(exchange.requestBody))
    const url = translate(`${sandbox.url}${exchange.path}?${query}`)
    const response = await fetch(url, { method: exchange.method, headers, body })
    const text = await response.text()
    const plain = response.headers.get('content-type') !== 'application/json'
    return {
      status: response.status,
      body: plain ? text : JSON.parse(text),
      warning: response.headers.get('warning'),
    }
  }

  /** What a refused request would have made is made by the administrator, so that later requests find it. */
  function createAsApplied(exchange: Exchange): void {
    const object = exchange.requestBody as Obj
    const namespace = exchange.path.split('/')[5] ?? ''
    sandbox.apply({ ...object, metadata: { ...(object['metadata'] as Obj), namespace } })
  }

  function differs(exchange: Exchange, got: Awaited<ReturnType<typeof send>>): boolean {
    const warning = exchange.responseHeaders['warning'] ?? null
    if (got.status !== exchange.status || got.warning !== warning) return true
    return !isDeepStrictEqual(essence(got.body), essence(exchange.responseBody))
  }

  async function checkRefusal(exchange: Exchange): Promise<void> {
    expect((await send(exchange)).body).toMatchObject({ reason: 'NotModelled', code: 501 })
    if (exchange.id === 54) createAsApplied(exchange)
  }

  /** What controllers do takes its time, here as there: a read is repeated until it agrees or the deadline passes. */
  async function compare(exchange: Exchange): Promise<string[]> {
    const expected = different.has(exchange.id)
    const deadline = Date.now() + (exchange.method === 'GET' && !expected ? 1_000 : 0)
    for (;;) {
      const got = await send(exchange)
      const [theirs, ours] = [exchange.responseBody, got.body].map((body) => at(body, 'metadata', 'continue'))
      if (typeof theirs === 'string' && typeof ours === 'string') substitutes.set(theirs, ours)
      if (expected || !differs(exchange, got)) return []
      if (Date.now() <= deadline) continue
      const sides = [got.body, exchange.responseBody].map((body) => JSON.stringify(essence(body)))
      return [`${exchange.id} ${exchange.method} ${exchange.path}: ${got.status}\n  ${sides.join('\n  ')}`]
    }
  }

  test('every recorded exchange is answered alike, but for a printed list', { timeout: 60_000 }, async () => {
    const wrong: string[] = []
    for (const [i, exchange] of all.entries()) {
      if (isWatch(exchange) || isPollOf(exchange, all[i + 1])) continue
      if (exchange.id === 208) sandbox.logs.set(`${exchange.path.split('/')[4]}/logpod`, logOf(exchange))
      if (refused.has(exchange.id)) await checkRefusal(exchange)
      else wrong.push(...(await compare(exchange)))
    }
    for (const [id, what] of refused) console.log(`not served: exchange ${id}, ${what}`)
    for (const [id, why] of different) console.log(`served otherwise: exchange ${id}, ${why}`)
    expect(wrong.join('\n')).toBe('')
  })

  test('the comparison can fail: a changed answer is a difference', async () => {
    const exchange = all.find((each) => each.id === 25)
    if (exchange === undefined) throw new Error('exchange 25 is missing')
    const got = { status: 422, body: exchange.responseBody, warning: null }
    expect(differs(exchange, got)).toBe(false)
    expect(differs(exchange, { ...got, status: 200 })).toBe(true)
    expect(differs(exchange, { ...got, body: { ...(got.body as Obj), reason: 'Conflict' } })).toBe(true)
  })
})
