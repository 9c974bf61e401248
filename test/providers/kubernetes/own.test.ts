import { afterEach, describe, expect, test } from 'vitest'
import type { OwnAnswer, OwnNeed } from '../../../src/core/provider.ts'
import { Secret } from '../../../src/core/secret.ts'
import { KubernetesConfig } from '../../../src/providers/kubernetes/config.ts'
import { serviceOf } from '../../../src/providers/kubernetes/own-database.ts'
import { placeOf } from '../../../src/providers/kubernetes/own-place.ts'
import { kubernetes } from '../../../src/providers/kubernetes/provider.ts'
import { botUser } from '../../../src/sandbox/kubernetes/scenario.ts'
import { strAt } from '../../../src/sandbox/kubernetes/value.ts'
import { type OwnCluster, startOwnCluster } from '../../support/own-cluster.ts'

let cluster: OwnCluster | undefined
afterEach(async () => {
  await cluster?.sandbox.close()
  cluster = undefined
})

async function ask(token: string, url?: string): Promise<OwnAnswer> {
  const server = cluster?.sandbox.url ?? ''
  const client = await kubernetes.connect(KubernetesConfig.parse({ server, token: new Secret(token) }))
  const database = url === undefined ? {} : { databaseUrl: new Secret(url) }
  const answer = await kubernetes.own?.(client, { signal: AbortSignal.timeout(10_000), ...database })
  return answer ?? { needs: [], unknown: [] }
}

function named({ kind, name, namespace }: OwnNeed): string {
  return `${kind ?? 'everything in'} ${name ?? namespace}`
}

const database = 'postgres://bot:word-of-the-test@pg-rw.data.svc.cluster.local:5432/firebreak'

describe('what Firebreak lives on in a cluster', () => {
  test('is the service account alone, where its process runs elsewhere', async () => {
    cluster = await startOwnCluster()
    const { needs, unknown } = await ask(cluster.sandbox.tokenFor(botUser))
    expect(needs.map(named)).toEqual(['ServiceAccount firebreak/firebreak', 'Namespace firebreak'])
    expect(unknown).toEqual([])
  })

  test('is nothing, where it is a user of its own', async () => {
    cluster = await startOwnCluster()
    expect(await ask(cluster.sandbox.token)).toEqual({ needs: [], unknown: [] })
  })

  test('is its pod with all that it mounts, its node, who keeps it running, and the whole namespace', async () => {
    cluster = await startOwnCluster()
    const { sandbox, pod, token } = cluster
    const { needs, unknown } = await ask(token)
    const node = strAt(sandbox.object('Pod', 'firebreak', pod), 'spec', 'nodeName')
    const [set] = sandbox.objects('ReplicaSet', 'firebreak').map((each) => strAt(each, 'metadata', 'name'))
    expect(unknown).toEqual([])
    expect(new Set(needs.map(named))).toEqual(
      new Set([
        'everything in firebreak',
        'Namespace firebreak',
        'ServiceAccount firebreak/firebreak',
        `Node ${node}`,
        `Pod firebreak/${pod}`,
        'ConfigMap firebreak/firebreak-config',
        'ConfigMap firebreak/firebreak-settings',
        'PersistentVolumeClaim firebreak/firebreak-state',
        'Secret firebreak/firebreak-secrets',
        'Secret firebreak/firebreak-key',
        'Secret firebreak/firebreak-env',
        'Secret firebreak/registry',
        `ReplicaSet firebreak/${set}`,
        'Deployment firebreak/firebreak',
      ]),
    )
    const deployment = needs.find(({ kind }) => kind === 'Deployment')
    expect(deployment?.id).toBe(
      strAt(sandbox.object('Deployment', 'firebreak', 'firebreak'), 'metadata', 'uid'),
    )
    expect(
      sandbox.requests.filter(({ method, query }) => method !== 'GET' && query['dryRun'] !== 'All'),
    ).toEqual([])
  })

  test('is the whole namespace all the same where it may read nothing there, and what is not known is said', async () => {
    cluster = await startOwnCluster([])
    const role = cluster.sandbox.object('ClusterRole', undefined, 'firebreak')
    cluster.sandbox.apply({ ...role, rules: [] })
    const { needs, unknown } = await ask(cluster.token)
    expect(needs.map(named)).toContain('everything in firebreak')
    expect(needs.map(named).filter((need) => need.startsWith('Node'))).toHaveLength(1)
    expect(unknown.join()).toContain('may not list pods in firebreak')
  })

  test('is its database: the Service, and what is behind it', async () => {
    cluster = await startOwnCluster()
    const { needs, unknown } = await ask(cluster.token, database)
    const there = needs.filter(({ name }) => name?.startsWith('data') === true).map(named)
    expect(unknown).toEqual([])
    expect(there).toEqual([
      'Service data/pg-rw',
      'Namespace data',
      'Pod data/pg-0',
      'ServiceAccount data/default',
      'Secret data/pg-certs',
      'StatefulSet data/pg',
    ])
    expect(needs.map(named)).not.toContain('everything in data')
    expect(JSON.stringify(needs)).not.toContain('word-of-the-test')
  })

  test('is the whole namespace of its database where it may not look what is behind the Service', async () => {
    cluster = await startOwnCluster(['firebreak'])
    const { needs, unknown } = await ask(cluster.token, database)
    expect(needs.map(named)).toContain('everything in data')
    expect(unknown.join()).toContain('may not get services in data')
  })

  test('is no database that is elsewhere', async () => {
    cluster = await startOwnCluster()
    const { needs } = await ask(cluster.token)
    for (const host of ['db.example.com', '10.0.0.7', 'localhost', 'nothing.data', 'pg']) {
      const answer = await ask(cluster.token, `postgres://${host}/firebreak`)
      expect({ host, needs: answer.needs }).toEqual({ host, needs })
      expect(answer.unknown).toEqual([])
    }
  }, 20_000)

  test('is taken for a Service where its name may be one, and nobody may look', async () => {
    cluster = await startOwnCluster()
    const { needs } = await ask(cluster.token, 'postgres://pg.nowhere/firebreak')
    expect(needs.map(named)).toContain('everything in nowhere')
  })

  test('cannot be found out with a token that is worth nothing', async () => {
    cluster = await startOwnCluster()
    await expect(ask('wrong')).rejects.toMatchObject({ code: 'provider.denied' })
  })
})

describe('the host of a database', () => {
  test.each([
    ['pg.data.svc.cluster.local', undefined, { namespace: 'data', name: 'pg', sure: true }],
    ['PG.Data.SVC.', undefined, { namespace: 'data', name: 'pg', sure: true }],
    ['pg-0.pg.data.svc', undefined, { namespace: 'data', name: 'pg', sure: true }],
    ['pg.data', 'firebreak', { namespace: 'data', name: 'pg', sure: false }],
    ['pg', 'firebreak', { namespace: 'firebreak', name: 'pg', sure: false }],
    ['pg.data', undefined, undefined],
    ['svc.example.com', 'firebreak', undefined],
    ['localhost', 'firebreak', undefined],
    ['10.1.2.3', 'firebreak', undefined],
    ['[::1]', 'firebreak', undefined],
    ['/var/run/postgresql', 'firebreak', undefined],
    ['a.b.c.d.rds.amazonaws.com', 'firebreak', undefined],
    ['', 'firebreak', undefined],
  ])('%s, seen from %s', (host, home, expected) => {
    expect(serviceOf(host, home)).toEqual(expected)
  })
})

describe('where a process runs', () => {
  const account = { namespace: 'bots', name: 'firebreak' }
  const self = { username: 'system:serviceaccount:bots:firebreak', account }
  const outside = { inCluster: false, namespace: undefined, env: {} }
  const inside = { inCluster: true, namespace: 'bots', env: { HOSTNAME: 'firebreak-1' } }

  test.each([
    [
      'as a bound token says',
      { ...self, pod: 'p', node: 'n' },
      outside,
      { namespace: 'bots', pod: 'p', node: 'n' },
    ],
    ['as a token says that knows no node', { ...self, pod: 'p' }, outside, { namespace: 'bots', pod: 'p' }],
    ['as its surroundings say', self, inside, { namespace: 'bots', pod: 'firebreak-1' }],
    [
      'as the downward API says, before the host name',
      self,
      { ...inside, env: { POD_NAME: 'real', HOSTNAME: 'node-3' } },
      { namespace: 'bots', pod: 'real' },
    ],
    [
      'by its account, where nothing is mounted',
      self,
      { ...inside, namespace: undefined, env: {} },
      { namespace: 'bots' },
    ],
    ['nowhere in a cluster that is another', self, { ...inside, inCluster: false }, undefined],
    ['nowhere, for a person', { username: 'ada' }, outside, undefined],
  ])('%s', (...[, who, around, expected]) => {
    expect(placeOf(who, around)).toEqual(expected)
  })
})
