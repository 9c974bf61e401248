import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/core/json.ts'
import type { PlanLine } from '../../src/core/plan.ts'
import { ann, bob } from '../support/people.ts'
import { playbook, startBot } from '../support/bot.ts'
import { approveAll } from '../support/approve.ts'
import { startSandboxBot, stockPlaybooks, type SandboxBot } from '../support/sandbox-bot.ts'
import { applied, createToy, toyActions } from '../support/toy.ts'

// P2: a dry run is the same code path as the run up to the effect, and sends nothing that can change the world.

const drills: { readonly [playbook: string]: JsonObject } = {
  'leaked-aws-key': {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretIds: ['prod/inference-gateway', 'prod/model-registry-token'],
  },
  'compromised-gpu-endpoint': {
    namespace: 'inference',
    name: 'llama-70b',
    secretIds: ['prod/model-registry-token'],
  },
  'bad-model-version': {
    namespace: 'inference',
    name: 'fraud-model',
    replicaSet: 'fraud-model-6f8b5d7c49',
  },
}

/** What a plan line says of the world, without what people read and what only makes a write conditional. */
function changeOf({ step, change }: Pick<PlanLine, 'step' | 'change'>): unknown {
  return { step, target: change?.target, before: change?.before, after: change?.after }
}

describe('a dry run of each stock playbook', () => {
  let world: SandboxBot
  beforeAll(async () => {
    world = await startSandboxBot()
  })
  afterAll(() => world.close())

  it('has a drill here, so that no stock playbook goes untried', () => {
    const stock = stockPlaybooks.map((text) => /^name: (.*)$/m.exec(text)?.[1])
    expect(new Set(Object.keys(drills))).toEqual(new Set(stock))
  })

  it.each(Object.keys(drills))(
    '%s: sends reads and dryRun=All only, and leaves the world as it is',
    async (name) => {
      const { bot, aws, kubernetes } = world
      const cluster = () =>
        ['Deployment', 'ReplicaSet', 'StatefulSet', 'Pod'].flatMap((kind) => kubernetes.objects(kind))
      const before = structuredClone({ aws: aws.snapshot(), cluster: cluster() })
      const seen = { aws: aws.requests.length, kubernetes: kubernetes.requests.length }
      const { state } = await bot.plan(name, drills[name])
      expect(state.status).toBe('planned')
      expect(state.plan?.lines.some(({ kind }) => kind === 'change')).toBe(true)

      const toAws = aws.requests.slice(seen.aws)
      const toKubernetes = kubernetes.requests.slice(seen.kubernetes)
      expect(toAws.length + toKubernetes.length).toBeGreaterThan(0)
      expect(toAws.filter(({ mutates }) => mutates)).toEqual([])
      const writes = toKubernetes.filter(({ method }) => method !== 'GET')
      expect(writes.map(({ query }) => query['dryRun'])).toEqual(writes.map(() => 'All'))
      expect({ aws: withoutUse(aws.snapshot()), cluster: cluster() }).toEqual({
        ...before,
        aws: withoutUse(before.aws),
      })
      expect((await bot.types(state.id)).filter((type) => /intended|applied|probed/.test(type))).toEqual([])
      for (const { confidence } of state.plan?.lines ?? [])
        expect(['verified', 'predicted', 'unknown']).toContain(confidence)
    },
  )

  it.each(Object.keys(drills))('%s: what it shows is what a run that follows does', async (name) => {
    const { bot } = world
    const { state: dry } = await bot.plan(name, drills[name])
    const run = await bot.start(name, drills[name])
    const { state } = await approveAll(bot, run, [ann, bob])
    expect(state.status).toBe('succeeded')
    const shown = (dry.plan?.lines ?? []).filter(({ kind }) => kind === 'change')
    const intents = (await bot.firebreak.facts(run)).flatMap((fact) =>
      fact.type === 'step.intended' ? [{ step: fact.step ?? '', change: fact.data.change }] : [],
    )
    expect(intents.map(changeOf).toSorted(byStep)).toEqual(shown.map(changeOf).toSorted(byStep))
  })
})

function byStep(a: unknown, b: unknown): number {
  return JSON.stringify(a).localeCompare(JSON.stringify(b))
}

/** When a key was last used changes by reading with it. */
function withoutUse(snapshot: ReturnType<SandboxBot['aws']['snapshot']>): object {
  return {
    ...snapshot,
    users: snapshot.users.map((user) => ({
      ...user,
      keys: user.keys.map(({ accessKeyId, status }) => ({ accessKeyId, status })),
    })),
  }
}

describe('a dry run', () => {
  it('plans branches on failure as conditional, and what depends on a skipped step not at all', async () => {
    const toy = createToy({ a: 'on', b: 'on' })
    const bot = await startBot({
      actions: toyActions(toy),
      playbooks: [
        playbook(
          'branches',
          {
            off: { action: 'toy.set', with: { lamp: 'a', value: 'off' } },
            never: { when: 'inputs.wanted', action: 'toy.set', with: { lamp: 'b', value: 'off' } },
            page: { when: 'failed()', action: 'toy.tell', with: { text: 'failed' } },
          },
          { inputs: { wanted: { type: 'boolean', description: 'Wanted', default: false } } },
        ),
      ],
    })
    const { state } = await bot.plan('branches')
    expect(state.plan?.lines.map(({ step, kind, onFailure }) => ({ step, kind, onFailure }))).toEqual([
      { step: 'off', kind: 'change', onFailure: false },
      { step: 'never', kind: 'skip', onFailure: false },
      { step: 'page', kind: 'notify', onFailure: true },
    ])
    expect(applied(toy)).toEqual([])
    expect(await bot.firebreak.outbox.pending(10)).toEqual([])
    await bot.close()
  })
})
