import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FirebreakError } from '../../src/core/errors.ts'
import { numAt, strAt, type Obj } from '../../src/sandbox/kubernetes/value.ts'
import { ann, bob, cleo } from '../support/people.ts'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { startSandboxBot, type SandboxBot } from '../support/sandbox-bot.ts'
import { applied, createToy, toyActions, type Toy } from '../support/toy.ts'

// P3: an approval signs the digest of a plan. At the moment of effect the step is planned again; another digest voids
// the approval, a harmless change does not.

const inputs = (name: string) => ({ namespace: 'inference', name, secretIds: [] })

describe('a Deployment that waits to be scaled to zero by two approvals', () => {
  let world: SandboxBot
  beforeAll(async () => {
    world = await startSandboxBot()
  })
  afterAll(() => world.close())

  function edit(name: string, change: (deployment: Obj) => void): void {
    const { kubernetes } = world
    const deployment = structuredClone(kubernetes.object('Deployment', 'inference', name))
    if (deployment === undefined) throw new Error(`no Deployment ${name}`)
    change(deployment)
    kubernetes.apply(deployment)
  }

  /** What controllers write all day: status, conditions with times, and their own annotations. */
  function flap(name: string, i: number): void {
    edit(name, (deployment) => {
      const metadata = deployment['metadata'] as Obj
      const condition = {
        type: 'Progressing',
        status: i % 2 === 0 ? 'True' : 'False',
        reason: 'ReplicaSetUpdated',
        lastUpdateTime: new Date(i * 1000).toISOString(),
      }
      deployment['status'] = {
        ...(deployment['status'] as Obj),
        readyReplicas: i % 3,
        conditions: [condition],
      }
      metadata['annotations'] = {
        ...(metadata['annotations'] as Obj | undefined),
        'deployment.kubernetes.io/revision': String(i + 2),
      }
    })
  }

  const writes = (name: string) =>
    world.kubernetes.requests.filter(
      ({ method, path, query }) =>
        method === 'PATCH' && path.includes(`/${name}/`) && query['dryRun'] === undefined,
    )

  it('keeps both approvals through 50 changes of status and controller annotations', async () => {
    const { bot } = world
    const run = await bot.start('compromised-gpu-endpoint', inputs('llama-70b'))
    await bot.waiting(run)
    const version = () =>
      strAt(world.kubernetes.object('Deployment', 'inference', 'llama-70b'), 'metadata', 'resourceVersion')
    const first = version()
    for (let i = 0; i < 25; i++) flap('llama-70b', i)
    expect(await bot.decide(run, ann)).toMatchObject({ kind: 'counted' })
    for (let i = 25; i < 50; i++) flap('llama-70b', i)
    expect(version()).not.toBe(first)
    expect(await bot.decide(run, bob)).toEqual({ kind: 'counted', still: [] })
    const { state } = await bot.over(run)
    expect(state.status).toBe('succeeded')
    expect((await bot.types(run)).filter((type) => type.startsWith('approval'))).toEqual([
      'approval.requested',
      'approval.given',
      'approval.given',
      'approval.satisfied',
    ])
    expect(writes('llama-70b')).not.toEqual([])
  })

  it('voids them when the count itself changes, shows what changed, and applies nothing before it is asked again', async () => {
    const { bot, kubernetes } = world
    const run = await bot.start('compromised-gpu-endpoint', inputs('embedder'))
    const asked = await bot.waiting(run)
    await bot.decide(run, ann)
    edit('embedder', (deployment) => ((deployment['spec'] as Obj)['replicas'] = 4))
    await bot.decide(run, bob)
    const again = await bot.waiting(run, asked.waitingFor.request)
    expect(writes('embedder')).toEqual([])
    expect(again.waitingFor.digest).not.toBe(asked.waitingFor.digest)
    const request = again.state.approvals.at(-1)
    expect(request?.because).toMatch(/embedder.*"replicas":2.*"replicas":4/)
    expect(again.state.plan?.lines.find(({ step }) => step === 'contain[0]')?.change?.before).toEqual({
      replicas: 4,
    })
    expect(await bot.types(run)).toContain('approval.voided')
    // An answer to the old request, with its digest, no longer counts.
    const late = { request: asked.waitingFor.request, digest: asked.waitingFor.digest }
    expect(await bot.decide(run, cleo, late)).toMatchObject({ kind: 'refused', code: 'approval.not-open' })

    await bot.decide(run, ann)
    await bot.decide(run, bob)
    expect((await bot.over(run)).state.status).toBe('succeeded')
    const replicas = numAt(kubernetes.object('Deployment', 'inference', 'embedder'), 'spec', 'replicas')
    expect(replicas).toBe(0)
  })
})

describe('an approval', () => {
  const gated = playbook('gated', {
    off: {
      action: 'toy.set',
      with: { lamp: 'a', value: 'off' },
      approve: { from: 'approver', count: 1, within: '30m' },
    },
  })

  async function toyBot(): Promise<{ toy: Toy; bot: Bot }> {
    const toy = createToy({ a: 'on' })
    return { toy, bot: await startBot({ actions: toyActions(toy), playbooks: [gated] }) }
  }

  it('of another digest than the one that waits is refused, and recorded', async () => {
    const { toy, bot } = await toyBot()
    const run = await bot.start('gated')
    await bot.waiting(run)
    for (const digest of ['', 'sha256:0', (await bot.firebreak.run(run)).state.requested.playbook.digest]) {
      expect(await bot.decide(run, ann, { digest })).toMatchObject({
        kind: 'refused',
        code: 'approval.other-plan',
      })
    }
    expect((await bot.types(run)).filter((type) => type === 'approval.refused')).toHaveLength(3)
    expect(applied(toy)).toEqual([])
    await bot.close()
  })

  it('survives conditional writes that lose, as long as the plan stays the same', async () => {
    const { toy, bot } = await toyBot()
    let lost = 0
    toy.apply = (lamp, value) => {
      lost += 1
      if (lost <= 4) throw conflict()
      toy.lamps.set(lamp, value)
    }
    const run = await bot.start('gated')
    await bot.waiting(run)
    await bot.decide(run, ann)
    expect((await bot.over(run)).state.status).toBe('succeeded')
    expect(await bot.types(run)).not.toContain('approval.voided')
    const intents = (await bot.firebreak.facts(run)).filter(({ type }) => type === 'step.intended')
    expect(intents).toHaveLength(5)
    await bot.close()
  })

  it('ends in failure when conditional writes never win', async () => {
    const { toy, bot } = await toyBot()
    toy.apply = () => {
      throw conflict()
    }
    const run = await bot.start('gated')
    await bot.waiting(run)
    await bot.decide(run, ann)
    const { state } = await bot.over(run)
    expect(state.problem?.code).toBe('provider.conflict')
    expect(applied(toy)).toHaveLength(6)
    await bot.close()
  })

  it('is asked anew when the write loses to a real change, and then the new plan is carried out', async () => {
    const { toy, bot } = await toyBot()
    let lost = false
    toy.apply = (lamp, value) => {
      if (!lost) {
        lost = true
        toy.lamps.set(lamp, 'dimmed by somebody else')
        throw conflict()
      }
      toy.lamps.set(lamp, value)
    }
    const run = await bot.start('gated')
    const { waitingFor } = await bot.waiting(run)
    await bot.decide(run, ann)
    const again = await bot.waiting(run, waitingFor.request)
    expect(again.state.approvals.at(-1)?.because).toContain('dimmed by somebody else')
    expect(applied(toy)).toHaveLength(1)
    await bot.decide(run, bob)
    const { state } = await bot.over(run)
    expect(state.status).toBe('succeeded')
    expect(toy.lamps.get('a')).toBe('off')
    await bot.close()
  })

  it('is not needed for a lamp that is already as wanted', async () => {
    const { toy, bot } = await toyBot()
    toy.lamps.set('a', 'off')
    const run = await bot.start('gated')
    const { state } = await bot.over(run)
    expect(state.status).toBe('succeeded')
    expect(state.steps['off']?.status).toBe('satisfied')
    expect(applied(toy)).toEqual([])
    await bot.close()
  })

  it('covers no line that was unknown when it was asked: that asks when it is known', async () => {
    const toy = createToy({ a: 'on', b: 'on' })
    const approve = { from: 'approver', count: 1, within: '30m' }
    const bot = await startBot({
      actions: toyActions(toy),
      playbooks: [
        playbook('late', {
          off: { action: 'toy.set', with: { lamp: 'a', value: 'b' }, approve },
          look: { action: 'toy.look', with: { lamp: 'a' }, after: ['off'] },
          next: { action: 'toy.set', with: { lamp: '${{ steps.look.value }}', value: 'off' }, approve },
        }),
      ],
    })
    const run = await bot.start('late')
    const first = await bot.waiting(run)
    const kinds = first.state.plan?.lines.map(({ step, kind }) => `${step} ${kind}`)
    expect(kinds).toEqual(['off change', 'look unknown', 'next unknown'])
    await bot.decide(run, ann)
    const second = await bot.waiting(run, first.waitingFor.request)
    expect(Object.keys(second.state.approvals.at(-1)?.lines ?? {})).toEqual(['next'])
    expect(applied(toy)).toEqual(['a'])
    await bot.decide(run, ann)
    expect((await bot.over(run)).state.status).toBe('succeeded')
    expect(applied(toy)).toEqual(['a', 'b'])
    await bot.close()
  })
})

function conflict(): FirebreakError {
  return new FirebreakError('provider.conflict', 'the lamp changed in between', { remedy: 'Plan again.' })
}
