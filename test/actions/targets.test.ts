import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { actions } from '../../src/actions/index.ts'
import type { AnyAction, AnyEffectAction } from '../../src/core/action.ts'
import { Change, type Undo } from '../../src/core/change.ts'
import type { JsonObject } from '../../src/core/json.ts'
import type { ProviderName } from '../../src/core/provider.ts'
import { LEAKED_KEY } from '../../src/sandbox/aws/scenario.ts'
import { objAt } from '../../src/sandbox/kubernetes/value.ts'
import { bench, type Bench } from './aws/harness.ts'
import { edit, startCluster, type Cluster } from './kubernetes/cluster.ts'

// Guardrails know a target by what its plan says of it: every plan says what its provider can tell, those of an undo too.

const old = '11111111-1111-4111-8111-111111111111'
const current = '22222222-2222-4222-8222-222222222222'

let account: Bench
let cluster: Cluster
beforeAll(async () => {
  account = await bench({
    users: [{ userName: 'ci', path: '/ml/', tags: { team: 'serving' }, keys: [{ accessKeyId: LEAKED_KEY }] }],
    secrets: [
      {
        name: 'prod/s',
        tags: { team: 'serving' },
        versions: [
          { id: old, stages: ['AWSPREVIOUS'], string: 'canary-old' },
          { id: current, stages: ['AWSCURRENT'], string: 'canary-current' },
        ],
      },
    ],
  })
  cluster = await startCluster()
  for (const [kind, name] of [
    ['Deployment', 'llama-70b'],
    ['Deployment', 'fraud-model'],
  ] as const)
    edit(cluster.sandbox, kind, {
      name,
      edit: (object) => (objAt(object, 'metadata')['labels'] = { app: name, team: 'serving' }),
    })
})
afterAll(async () => {
  await account.sandbox.close()
  await cluster.close()
})

const key = { userName: 'ci', accessKeyId: LEAKED_KEY }
/** An input for each effect of the registry: whoever adds one says here what it is tried with. */
const inputs: { readonly [name: string]: JsonObject } = {
  'aws.activate-access-key': key,
  'aws.deactivate-access-key': key,
  'aws.restore-secret-version': { secretId: 'prod/s', versionId: old },
  'aws.rotate-secret': { secretId: 'prod/s' },
  'kubernetes.rollback': {
    namespace: 'inference',
    name: 'fraud-model',
    replicaSet: 'fraud-model-6f8b5d7c49',
  },
  'kubernetes.scale': { namespace: 'inference', kind: 'Deployment', name: 'llama-70b', replicas: 1 },
}

/** What each provider can tell of where a target is. */
const places: { readonly [provider in ProviderName]?: JsonObject } = {
  aws: { account: '123456789012' },
  kubernetes: { namespace: 'inference' },
}

function isEffect(action: AnyAction): action is AnyEffectAction {
  return 'plan' in action
}

const effects = Object.values(actions as { [name: string]: AnyAction }).filter(isEffect)

async function planned(action: AnyEffectAction, given: JsonObject): Promise<Change> {
  const clients: { readonly [name: string]: unknown } = { aws: account.client, kubernetes: cluster.client }
  const context = { client: clients[action.provider.name], signal: AbortSignal.timeout(15_000) }
  return Change.parse(await action.plan(action.input.parse(given) as never, context as never))
}

function inputOf(name: string): JsonObject {
  const input = inputs[name]
  if (input === undefined) throw new Error(`say in this test what ${name} is tried with`)
  return input
}

function expectAllTold({ provider, name }: AnyEffectAction, { target }: Change): void {
  const place = places[provider.name]
  if (place === undefined) throw new Error(`say in this test what ${name} can tell of its target`)
  expect(target).toMatchObject({ ...place, labels: expect.objectContaining({ team: 'serving' }) })
}

describe.each(effects.map((action) => [action.name, action] as const))('%s', (name, action) => {
  test('says where its target is, and what labels or tags it has', async () => {
    expectAllTold(action, await planned(action, inputOf(name)))
  })

  test('says so when the world is as wanted already', async () => {
    const change = await planned(action, inputOf(name))
    const done: { readonly [action: string]: JsonObject } = {
      'kubernetes.scale': { ...inputOf(name), replicas: change.before['replicas'] ?? null },
      'kubernetes.rollback': { ...inputOf(name), replicaSet: change.before['replicaSet'] ?? null },
      'aws.restore-secret-version': { secretId: 'prod/s', versionId: current },
    }
    expectAllTold(action, await planned(action, done[name] ?? inputOf(name)))
  })

  test('has an undo that says so too', async () => {
    const input = inputOf(name)
    const change = await planned(action, input)
    // As the engine asks for it: what was changed is what was planned.
    const undo: Undo = action.undo(change, { because: 'drill', input: action.input.parse(input) } as never)
    if (undo.kind === 'never') return
    const inverse = effects.find((each) => each.name === undo.action)
    if (inverse === undefined) throw new Error(`${name} is undone by ${undo.action}, which is no effect`)
    expectAllTold(inverse, await planned(inverse, undo.input))
  })
})

test('an action that forgot any of it would be seen', () => {
  const [action] = effects.filter(({ provider }) => provider.name === 'kubernetes')
  if (action === undefined) throw new Error('no action of kubernetes')
  const target = {
    kind: 'Deployment',
    id: 'u',
    name: 'inference/x',
    namespace: 'inference',
    labels: { team: 'serving' },
  }
  const change = { before: {}, after: {}, confidence: 'verified', output: {} } as const
  expect(() => expectAllTold(action, { ...change, target })).not.toThrow()
  for (const part of ['namespace', 'labels'] as const) {
    const { [part]: _, ...forgot } = target
    expect(() => expectAllTold(action, { ...change, target: forgot })).toThrow('to match object')
  }
  const unknown: AnyEffectAction = { ...action, provider: { ...action.provider, name: 'firebreak' } }
  expect(() => expectAllTold(unknown, { ...change, target })).toThrow('say in this test')
})
