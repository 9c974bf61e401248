import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { FirebreakError } from '../../src/core/errors.ts'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { approveAll } from '../support/approve.ts'
import { ann, bob } from '../support/people.ts'
import { startSandboxBot, type SandboxBot } from '../support/sandbox-bot.ts'
import { applied, createToy, toyActions, type Toy } from '../support/toy.ts'

// P6: done means that a probe says so, not that an API answered 200.

function refuse(): never {
  throw new FirebreakError('provider.denied', 'the token was revoked', { remedy: 'Ask for another.' })
}

describe('an effect', () => {
  let bot: Bot
  afterEach(() => bot.close())

  const text = playbook('gated', {
    off: { action: 'toy.set', with: { lamp: 'a', value: 'off' } },
    done: { when: 'succeeded()', action: 'toy.tell', with: { text: 'done' } },
    page: { when: 'failed()', action: 'toy.tell', with: { text: 'not done' } },
  })

  async function end(toy: Toy) {
    bot = await startBot({ actions: toyActions(toy), playbooks: [text] })
    return (await bot.over(await bot.start('gated'))).state
  }

  const notices = async () => (await bot.firebreak.outbox.pending(10)).map(({ text: said }) => said)

  it('that was answered with yes and did not happen is a failure, and closing steps say so', async () => {
    const toy = createToy({ a: 'on' })
    toy.apply = () => undefined
    const state = await end(toy)
    expect(state.status).toBe('failed')
    expect(state.steps['off']?.problem?.code).toBe('step.no-effect')
    expect(await notices()).toEqual(['not done'])
    expect(applied(toy)).toEqual(['a'])
  })

  it('that becomes visible late, within its settle time, is a success', async () => {
    const toy = createToy({ a: 'on' })
    toy.settleMs = 5_000
    toy.apply = (lamp, value) => void setTimeout(() => toy.lamps.set(lamp, value), 150)
    expect((await end(toy)).status).toBe('succeeded')
    expect(toy.calls.filter(({ verb }) => verb === 'probe').length).toBeGreaterThan(1)
    expect(await notices()).toEqual(['done'])
  })

  it('whose answer was lost has happened if the probe finds it, and is not repeated', async () => {
    const toy = createToy({ a: 'on' })
    toy.apply = (lamp, value) => {
      toy.lamps.set(lamp, value)
      throw new Error('socket hang up')
    }
    expect((await end(toy)).status).toBe('succeeded')
    expect(applied(toy)).toEqual(['a'])
  })

  it('that lands after its deadline is still found', async () => {
    const toy = createToy({ a: 'on' })
    toy.deadlineMs = 100
    toy.settleMs = 2_000
    toy.apply = async (lamp, value) => {
      await new Promise((resolve) => setTimeout(resolve, 250))
      toy.lamps.set(lamp, value)
    }
    expect((await end(toy)).status).toBe('succeeded')
  })

  it('that was refused as a whole is a failure, although its probe is refused too', async () => {
    const toy = createToy({ a: 'on' })
    toy.apply = refuse
    toy.probe = refuse
    const state = await end(toy)
    expect(state).toMatchObject({ status: 'failed', problem: { code: 'provider.denied' } })
  })

  it('that somebody else undid at once is a failure that says so', async () => {
    const toy = createToy({ a: 'on' })
    toy.apply = (lamp) => void toy.lamps.set(lamp, 'on again, by an autoscaler')
    const state = await end(toy)
    expect(state.steps['off']?.problem?.code).toBe('step.changed')
    expect(await notices()).toEqual(['not done'])
  })

  it('of which the probe cannot tell waits for a person', async () => {
    const toy = createToy({ a: 'on' })
    toy.probe = () => 'unknown'
    bot = await startBot({ actions: toyActions(toy), playbooks: [text] })
    const run = await bot.start('gated')
    const { state } = await bot.until(run, 'parked')
    expect(state.steps['off']?.status).toBe('in-doubt')
    expect(await notices()).toEqual([])
  })

  it('is never said to be done where the log cannot say that a probe saw it', async () => {
    const toy = createToy({ a: 'on' })
    await end(toy)
    const run = (await bot.firebreak.runs({ limit: 1 }))[0]?.state.id ?? ''
    const types = (await bot.types(run)).filter((type) => type.endsWith(' off'))
    expect(types).toEqual(['step.intended off', 'step.applied off', 'step.probed off', 'step.succeeded off'])
  })
})

describe('on real clients', () => {
  let world: SandboxBot
  beforeAll(async () => {
    world = await startSandboxBot()
  })
  afterAll(() => world.close())

  it('an autoscaler that scales back makes the run fail, and the closing step pages', async () => {
    const { bot, kubernetes } = world
    const stop = kubernetes.autoscaler({ namespace: 'inference', name: 'llama-70b', replicas: 3 })
    const run = await bot.start('compromised-gpu-endpoint', {
      namespace: 'inference',
      name: 'llama-70b',
      secretIds: [],
    })
    const { state } = await approveAll(bot, run, [ann, bob])
    stop()
    expect(state.status).toBe('failed')
    expect(state.steps['contain[0]']?.problem?.code).toBe('step.changed')
    expect(state.steps['page']?.status).toBe('succeeded')
    expect((await bot.firebreak.outbox.pending(10)).at(-1)?.text).toContain('NOT contained')
  })

  it('a key that stays active although IAM said yes is not reported as disabled', async () => {
    const { bot, aws } = world
    aws.faults.add({ operation: 'UpdateAccessKey', fault: { kind: 'no-effect' }, times: 1 })
    const run = await bot.start('leaked-aws-key', { accessKeyId: 'AKIAIOSFODNN7EXAMPLE' })
    const { state } = await approveAll(bot, run, [ann, bob])
    aws.faults.clear()
    expect(state.status).toBe('failed')
    expect(state.problem?.code).toBe('step.no-effect')
  })
})
