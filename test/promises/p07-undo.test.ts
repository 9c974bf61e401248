import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { numAt } from '../../src/sandbox/kubernetes/value.ts'
import { approveAll } from '../support/approve.ts'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { ann, bob, rita } from '../support/people.ts'
import { startSandboxBot, type SandboxBot } from '../support/sandbox-bot.ts'
import { applied, createToy, toyActions, type Toy } from '../support/toy.ts'

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

  it('shows what somebody else did since, and touches it only after people have seen it', async () => {
    const toy = createToy({ a: 'on' })
    const run = await ended(toy, playbook('change', { off: set('a', 'off') }))
    toy.lamps.set('a', 'green, by somebody else')
    const { state } = await bot.firebreak.undo(run, rita)
    const asked = await bot.waiting(state.id)
    expect(asked.state.plan?.lines[0]?.change).toMatchObject({
      before: { value: 'green, by somebody else' },
      after: { value: 'on' },
    })
    expect(toy.lamps.get('a')).toBe('green, by somebody else')
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
    const refused = bot.all().flatMap((fact) => (fact.type === 'command.refused' ? [fact.data.code] : []))
    expect(refused).toEqual(['run.not-over', 'authority.unknown-account'])
  })
})

describe('on real clients', () => {
  let world: SandboxBot
  beforeAll(async () => {
    world = await startSandboxBot()
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
