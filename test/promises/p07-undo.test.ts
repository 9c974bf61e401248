import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { numAt } from '../../src/sandbox/kubernetes/value.ts'
import { approveAll } from '../support/approve.ts'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { ann, bob, rita } from '../support/people.ts'
import { startSandboxBot, stockPlaybooks, type SandboxBot } from '../support/sandbox-bot.ts'
import { applied, compare, createToy, toyActions, type Toy } from '../support/toy.ts'

// P7: undo is data. Every effect stores its inverse, or says why there is none; an undo is a run like any other.

const set = (lamp: string, value: string, after: string[] = []) => ({
  action: 'toy.set',
  with: { lamp, value },
  after,
})

describe('a run that is undone', () => {
  let bot: Bot
  afterEach(() => bot.close())

  async function ended(toy: Toy, text: string): Promise<string> {
    bot = await startBot({ actions: toyActions(toy), playbooks: [text] })
    const run = await bot.start('change')
    expect((await bot.over(run)).state.status).toBe('succeeded')
    return run
  }

  it('puts the world back as it was, newest first, after it was planned and approved', async () => {
    const toy = createToy({ a: 'on', b: 'dim' })
    const before = Object.fromEntries(toy.lamps)
    // The first lamp is changed twice: only the right order leads back.
    const steps = { one: set('a', 'red', []), two: set('b', 'off', ['one']), three: set('a', 'off', ['two']) }
    const run = await ended(toy, playbook('change', steps))
    expect(Object.fromEntries(toy.lamps)).toEqual({ a: 'off', b: 'off' })
    toy.calls.length = 0
    const { state: begun } = await bot.firebreak.undo(run, rita)
    const asked = await bot.waiting(begun.id)
    expect(asked.state.requested.undoes).toBe(run)
    expect(asked.state.plan?.lines.filter(({ kind }) => kind === 'change').length).toBeGreaterThan(0)
    expect(applied(toy)).toEqual([])
    expect(await bot.decide(begun.id, rita)).toMatchObject({ kind: 'refused', code: 'approval.own-request' })
    const { state } = await approveAll(bot, begun.id, [ann, bob])
    expect(state.status).toBe('succeeded')
    expect(Object.fromEntries(toy.lamps)).toEqual(before)
    expect(applied(toy)).toEqual(['a', 'b', 'a'])
    // Nobody was asked twice: the plan has foreseen what its own first step leaves for the last.
    expect(state.approvals).toHaveLength(1)
  })

  it('can be undone itself: the inverse of an inverse', async () => {
    const toy = createToy({ a: 'on', b: 'on' })
    const run = await ended(toy, playbook('change', { one: set('a', 'off'), two: set('b', 'red', ['one']) }))
    const { state: first } = await bot.firebreak.undo(run, rita)
    await approveAll(bot, first.id, [ann])
    expect(Object.fromEntries(toy.lamps)).toEqual({ a: 'on', b: 'on' })
    const { state: second } = await bot.firebreak.undo(first.id, rita)
    expect((await approveAll(bot, second.id, [ann])).state.status).toBe('succeeded')
    expect(Object.fromEntries(toy.lamps)).toEqual({ a: 'off', b: 'red' })
  })

  it('puts the items of a step back, the last one first', async () => {
    const toy = createToy({ a: 'on', b: 'dim', c: 'red' })
    const all = {
      forEach: '${{ inputs.lamps }}',
      action: 'toy.set',
      with: { lamp: '${{ item }}', value: 'off' },
    }
    const lamps = { type: 'array', items: { type: 'string' }, description: 'Lamps', default: ['a', 'b', 'c'] }
    const run = await ended(toy, playbook('change', { all }, { inputs: { lamps } }))
    toy.calls.length = 0
    const { state } = await bot.firebreak.undo(run, rita)
    expect((await approveAll(bot, state.id, [ann])).state.status).toBe('succeeded')
    expect(Object.fromEntries(toy.lamps)).toEqual({ a: 'on', b: 'dim', c: 'red' })
    expect(applied(toy)).toEqual(['c', 'b', 'a'])
  })

  it('done a second time finds everything back, and does nothing', async () => {
    const toy = createToy({ a: 'on' })
    const run = await ended(toy, playbook('change', { off: set('a', 'off') }))
    const { state: first } = await bot.firebreak.undo(run, rita)
    await approveAll(bot, first.id, [ann])
    toy.calls.length = 0
    const { state } = await bot.firebreak.undo(run, rita)
    const { state: second } = await bot.over(state.id)
    expect(second).toMatchObject({ status: 'succeeded', steps: { undo_1: { status: 'satisfied' } } })
    expect(applied(toy)).toEqual([])
  })

  it('takes what was recorded literally, also where it looks like an expression, a reference or YAML', async () => {
    const odd = [
      '${{ steps.x.value }}',
      '${{ unclosed',
      '$${{ inputs.a }}',
      "it's: [a, *b] # c",
      'two\nlines ${{ 1 }}\n',
      'yes',
      '0123',
      ' blanks ',
      'x'.repeat(300) + ' ' + 'y'.repeat(300),
    ]
    const names = odd.map((_, i) => `lamp${i}`)
    const toy = createToy(Object.fromEntries(odd.map((text, i) => [`lamp${i}`, text])))
    const steps = Object.fromEntries(names.map((name) => [name, set(name, 'off')]))
    const run = await ended(toy, playbook('change', steps))
    const { state: begun } = await bot.firebreak.undo(run, rita)
    const { state } = await approveAll(bot, begun.id, [ann])
    expect(state.status).toBe('succeeded')
    expect([...toy.lamps.values()]).toEqual(odd)
  })

  it('asks as many people as the step that it puts back did', async () => {
    const toy = createToy({ a: 'on' })
    const approve = { from: 'approver', count: 2, within: '30m' }
    bot = await startBot({
      actions: toyActions(toy),
      playbooks: [playbook('change', { off: { ...set('a', 'off'), approve } })],
    })
    const run = await bot.start('change')
    await approveAll(bot, run, [ann, bob])
    const { state } = await bot.firebreak.undo(run, rita)
    const { waitingFor } = await bot.waiting(state.id)
    expect(waitingFor.missing).toEqual([expect.stringMatching(/^2 of 2/)])
  })

  it('shows what somebody else did since, three ways, leaves that alone, and puts back the rest', async () => {
    const toy = createToy({ a: 'on', b: 'on' })
    const run = await ended(toy, playbook('change', { one: set('a', 'off'), two: set('b', 'off', ['one']) }))
    toy.lamps.set('b', 'green')
    const { state: begun } = await bot.firebreak.undo(run, rita)
    const asked = await bot.waiting(begun.id)
    expect(asked.state.plan?.lines).toMatchObject([
      {
        step: 'undo_1',
        kind: 'fails',
        summary: expect.stringContaining('value was "on", was set to "off", is "green" now'),
      },
      { step: 'undo_2', kind: 'change' },
    ])
    const { state } = await approveAll(bot, begun.id, [ann])
    expect(Object.fromEntries(toy.lamps)).toEqual({ a: 'on', b: 'green' })
    expect(state).toMatchObject({
      status: 'failed',
      problem: { code: 'undo.changed' },
      steps: { undo_1: { status: 'failed' }, undo_2: { status: 'succeeded' } },
    })
    expect(await bot.types(begun.id)).not.toContain('step.intended undo_1')
  })

  it('does not overwrite a change that comes between approval and effect', async () => {
    const toy = createToy({ a: 'on' })
    const run = await ended(toy, playbook('change', { off: set('a', 'off') }))
    const { state: begun } = await bot.firebreak.undo(run, rita)
    await bot.waiting(begun.id)
    toy.lamps.set('a', 'green')
    await bot.decide(begun.id, ann)
    const { state } = await bot.over(begun.id)
    expect(state).toMatchObject({ status: 'failed', problem: { code: 'undo.changed' } })
    expect(toy.lamps.get('a')).toBe('green')
    expect(await bot.types(begun.id)).not.toContain('step.intended undo_1')
  })

  it('counts a thing that was made anew under the same name as changed', async () => {
    const toy = createToy({ a: 'on' })
    const run = await ended(toy, playbook('change', { off: set('a', 'off') }))
    toy.ids.set('a', 'lamp/another')
    const { state } = await bot.firebreak.undo(run, rita)
    const { state: over } = await bot.over(state.id)
    expect(over.problem).toMatchObject({ code: 'undo.changed', message: expect.stringContaining('another') })
    expect(toy.lamps.get('a')).toBe('off')
  })

  it('says what it leaves as it is, and why: what has no inverse, and what nobody knows the end of', async () => {
    const toy = createToy({ a: 'on', b: 'on', c: 'on' })
    toy.deadlineMs = 50
    toy.probe = (change) => (change.target.name === 'c' ? 'unknown' : compare(toy, change))
    const approve = { from: 'approver', count: 1, within: '30m' }
    const burn = { action: 'toy.burn', with: { lamp: 'b', value: 'off' }, approve }
    const steps = { one: set('a', 'off'), burn, doubt: set('c', 'off', ['one', 'burn']) }
    bot = await startBot({ actions: toyActions(toy), playbooks: [playbook('change', steps)] })
    const run = await bot.start('change')
    await bot.waiting(run)
    await bot.decide(run, ann)
    await bot.until(run, 'parked')
    await bot.firebreak.cancel(run, rita, 'enough')
    const { state } = await bot.firebreak.undo(run, rita)
    const { state: asked } = await bot.waiting(state.id)
    expect(asked.requested.stays).toEqual([
      { step: 'burn', reason: 'the effect cannot be undone' },
      { step: 'doubt', reason: expect.stringMatching(/not known whether it happened; look at c/) },
    ])
    expect(asked.plan?.lines.map(({ step, change }) => [step, change?.target.name])).toEqual([
      ['undo_1', 'a'],
    ])
  })

  it('never switches on again what was switched off because it leaked, and says so', async () => {
    const toy = createToy({ a: 'on' })
    const run = await ended(toy, playbook('change', { off: set('a', 'off') }, { because: 'leak' }))
    await expect(bot.firebreak.undo(run, rita)).rejects.toMatchObject({
      code: 'run.nothing-to-undo',
      message: expect.stringContaining('what leaked stays off'),
    })
    expect(toy.lamps.get('a')).toBe('off')
  })

  it('does not begin before the run has ended, or for one who may not ask', async () => {
    const toy = createToy({ a: 'on' })
    const approve = { from: 'approver', count: 1, within: '30m' }
    bot = await startBot({
      actions: toyActions(toy),
      playbooks: [playbook('change', { off: { ...set('a', 'off'), approve } })],
    })
    const run = await bot.start('change')
    await bot.waiting(run)
    await expect(bot.firebreak.undo(run, rita)).rejects.toMatchObject({ code: 'run.not-over' })
    const stranger = { via: 'slack', team: 'T0TEST', user: 'U0WHO', standing: 'member' } as const
    await expect(bot.firebreak.undo(run, stranger)).rejects.toMatchObject({
      code: 'authority.unknown-account',
    })
    const refused = (await bot.all()).flatMap((fact) =>
      fact.type === 'command.refused' ? [fact.data.code] : [],
    )
    expect(refused).toEqual(['run.not-over', 'authority.unknown-account'])
  })
})

const rotation = playbook('rotation', {
  secret: { action: 'aws.rotate-secret', with: { secretId: 'prod/model-registry-token' } },
})

describe('on real clients', () => {
  let world: SandboxBot
  beforeAll(async () => {
    world = await startSandboxBot({ playbooks: [...stockPlaybooks, rotation] })
  })
  afterAll(() => world.close())

  it('an endpoint that was scaled to zero comes back with its pods', async () => {
    const { bot, kubernetes } = world
    const replicas = () =>
      numAt(kubernetes.object('Deployment', 'inference', 'llama-70b'), 'spec', 'replicas')
    const run = await bot.start('compromised-gpu-endpoint', {
      namespace: 'inference',
      name: 'llama-70b',
      secretIds: [],
    })
    expect((await approveAll(bot, run, [ann, bob])).state.status).toBe('succeeded')
    expect(replicas()).toBe(0)
    const { state } = await bot.firebreak.undo(run, rita)
    expect((await approveAll(bot, state.id, [ann, bob])).state.status).toBe('succeeded')
    expect(replicas()).toBe(3)
  })

  it('a model that was rolled back is rolled forward again', async () => {
    const { bot, kubernetes } = world
    const template = () => kubernetes.object('Deployment', 'inference', 'fraud-model')?.['spec']
    const before = structuredClone(template())
    const inputs = { namespace: 'inference', name: 'fraud-model', replicaSet: 'fraud-model-6f8b5d7c49' }
    const run = await bot.start('bad-model-version', inputs)
    expect((await approveAll(bot, run, [ann])).state.status).toBe('succeeded')
    const { state } = await bot.firebreak.undo(run, rita)
    expect((await approveAll(bot, state.id, [ann])).state.status).toBe('succeeded')
    expect(template()).toEqual(before)
  })

  it('a secret that was rotated has its old version again, unless it was rotated once more since', async () => {
    const { bot, aws } = world
    const secret = () =>
      [...aws.state.secrets.values()].find(({ name }) => name === 'prod/model-registry-token')
    const current = () =>
      [...(secret()?.versions.values() ?? [])].find(({ stages }) => stages.includes('AWSCURRENT'))?.id
    const before = current()
    const rotate = async () => (await bot.over(await bot.start('rotation'))).state.id
    const first = await rotate()
    expect(current()).not.toBe(before)
    const { state: undone } = await bot.firebreak.undo(first, rita)
    expect((await approveAll(bot, undone.id, [ann])).state.status).toBe('succeeded')
    expect(current()).toBe(before)
    const second = await rotate()
    await rotate()
    const { state: refused } = await bot.firebreak.undo(second, rita)
    expect((await bot.over(refused.id)).state.problem?.code).toBe('undo.changed')
  })

  it('a leaked key stays off: what can be put back of its run is something else', async () => {
    const { bot, aws } = world
    const status = () => aws.state.keys.get('AKIAIOSFODNN7EXAMPLE')?.status
    const run = await bot.start('leaked-aws-key', { accessKeyId: 'AKIAIOSFODNN7EXAMPLE' })
    expect((await approveAll(bot, run, [ann, bob])).state.status).toBe('succeeded')
    expect(status()).toBe('Inactive')
    await expect(bot.firebreak.undo(run, rita)).rejects.toMatchObject({ code: 'run.nothing-to-undo' })
    expect(status()).toBe('Inactive')
  })
})
