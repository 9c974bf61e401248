import { afterEach, describe, expect, it } from 'vitest'
import { FirebreakError } from '../../src/core/errors.ts'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { copyState } from '../support/copy-state.ts'
import { eventually } from '../support/eventually.ts'
import { ann, bob, keys, rita } from '../support/people.ts'
import { applied, createToy, toyActions } from '../support/toy.ts'

let bot: Bot
afterEach(() => bot.close())

const set = (lamp: string, more: object = {}) => ({
  action: 'toy.set',
  with: { lamp, value: 'off' },
  ...more,
})
const approve = { from: 'approver', count: 1, within: '30m' }

describe('a program that no longer has an action in the meaning that a run pins', () => {
  const gated = playbook('gated', { off: set('a', { approve }) })

  it.each([
    ['raised its contract', () => toyActions(createToy({ a: 'on' }), { contract: 2 }), 'run.contract'],
    [
      'has it no more',
      () => {
        const { 'toy.set': _, ...rest } = toyActions(createToy({ a: 'on' }))
        return rest
      },
      'playbook.refused',
    ],
  ] as const)(
    'because it %s: the run is parked with the reason, can be seen and cancelled',
    async (_, actions, code) => {
      const toy = createToy({ a: 'on' })
      bot = await startBot({ actions: toyActions(toy), playbooks: [gated] })
      const run = await bot.start('gated')
      await bot.waiting(run)
      bot = await bot.restart({ actions: actions(), playbooks: [] })
      const { state } = await bot.until(run, 'parked')
      expect(state.problem?.code).toBe(code)
      // One such run does not hide the others.
      expect((await bot.firebreak.runs({ limit: 10 })).map(({ state: { id } }) => id)).toEqual([run])
      await bot.firebreak.cancel(run, rita, 'not any more')
      expect((await bot.over(run)).state.status).toBe('cancelled')
      expect(applied(toy)).toEqual([])
    },
  )
})

const text = (closing: object) =>
  playbook('fallback', { off: set('a', { approve }), mend: set('b', { when: 'failed()', ...closing }) })

describe('closing steps that act on the world', () => {
  it.each(['reject', 'cancel'] as const)('run after a %s', async (how) => {
    const toy = createToy({ a: 'on', b: 'on' })
    bot = await startBot({ actions: toyActions(toy), playbooks: [text({})] })
    const run = await bot.start('fallback')
    await bot.waiting(run)
    if (how === 'cancel') await bot.firebreak.cancel(run, rita, 'stop')
    else await bot.decide(run, ann, { decision: 'reject', reason: 'no' })
    const { state } = await bot.over(run)
    expect(state.status).toBe(how === 'cancel' ? 'cancelled' : 'rejected')
    expect(state.steps['mend']?.status).toBe('succeeded')
    expect(applied(toy)).toEqual(['b'])
  })

  it('ask for their own approval after the main part failed', async () => {
    const toy = createToy({ a: 'on', b: 'on' })
    bot = await startBot({
      actions: toyActions(toy),
      playbooks: [text({ approve: { ...approve, count: 2 } })],
    })
    const run = await bot.start('fallback')
    const { waitingFor } = await bot.waiting(run)
    toy.apply = (lamp, value) => {
      if (lamp === 'a') throw new FirebreakError('provider.denied', 'no', { remedy: 'ask' })
      toy.lamps.set(lamp, value)
    }
    // Both lines are in the first request: it needs the two persons of the stricter gate.
    await bot.decide(run, ann)
    expect(applied(toy)).toEqual([])
    expect((await bot.firebreak.run(run)).waitingFor?.request).toBe(waitingFor.request)
    await bot.decide(run, bob)
    const { state } = await bot.over(run)
    expect(state.steps['mend']?.status).toBe('succeeded')
    expect(state.status).toBe('failed')
  })
})

describe('a cancellation', () => {
  it('lets what is under way end, begins nothing more, and is answered once', async () => {
    const toy = createToy({ a: 'on', b: 'on' })
    bot = await startBot({
      actions: toyActions(toy),
      playbooks: [playbook('two', { one: set('a'), two: set('b', { after: ['one'] }) })],
    })
    const { promise: gate, resolve: finish } = Promise.withResolvers<void>()
    toy.deadlineMs = 60_000
    toy.apply = async (lamp, value) => {
      await gate
      toy.lamps.set(lamp, value)
    }
    bot = await bot.restart({ actions: toyActions(toy) })
    const run = await bot.start('two')
    await eventually(() => applied(toy).length === 1)
    await bot.firebreak.cancel(run, rita, 'enough')
    expect((await bot.firebreak.run(run)).state.status).toBe('running')
    finish()
    const { state } = await bot.over(run)
    expect(state).toMatchObject({ status: 'cancelled', reason: 'enough' })
    expect(state.steps['one']?.status).toBe('succeeded')
    expect(applied(toy)).toEqual(['a'])
    await expect(bot.firebreak.cancel(run, rita, 'again')).rejects.toMatchObject({ code: 'run.over' })
  })
})

describe('closing the bot', () => {
  it('in the middle of everything loses nothing that was answered, and the next one goes on', async () => {
    const lamps = Array.from({ length: 30 }, (_, i) => `lamp${i}`)
    const toy = createToy(Object.fromEntries(lamps.map((name) => [name, 'on'])))
    const all = playbook('all', Object.fromEntries(lamps.map((name) => [name, set(name)])))
    bot = await startBot({ actions: toyActions(toy), playbooks: [all] })
    const run = await bot.start('all')
    await eventually(() => applied(toy).length > 3)
    bot = await bot.restart()
    const { state } = await bot.over(run)
    expect(state.status).toBe('succeeded')
    expect(new Set(applied(toy)).size).toBe(30)
    expect(applied(toy)).toHaveLength(30)
  })
})

describe('a text to sign', () => {
  it('of a bot that was started again is not taken: it must be asked for anew', async () => {
    const toy = createToy({ a: 'on' })
    bot = await startBot({
      actions: toyActions(toy),
      playbooks: [playbook('gated', { off: set('a', { approve }) })],
    })
    const run = await bot.start('gated')
    await bot.waiting(run)
    const { message } = await bot.firebreak.challenge({ kind: 'approve', run })
    bot = await bot.restart({ state: bot.state })
    const late = await bot.firebreak.signed({ message, signature: keys.ann.sign(message) })
    expect(late).toMatchObject({ kind: 'refused', code: 'authority.bad-signature' })
    const fresh = (await bot.firebreak.challenge({ kind: 'approve', run })).message
    expect(await bot.firebreak.signed({ message: fresh, signature: keys.ann.sign(fresh) })).toMatchObject({
      kind: 'counted',
    })
    expect((await bot.over(run)).state.status).toBe('succeeded')
  })

  it('freezes, thaws, cancels and undoes, each by who may', async () => {
    const toy = createToy({ a: 'on' })
    bot = await startBot({ actions: toyActions(toy), playbooks: [playbook('plain', { off: set('a') })] })
    const sign = async (key: typeof keys.ann, action: Parameters<typeof bot.firebreak.challenge>[0]) => {
      const { message } = await bot.firebreak.challenge(action)
      return bot.firebreak.signed({ message, signature: key.sign(message) })
    }
    await expect(sign(keys.mallory, { kind: 'freeze', reason: 'x' })).rejects.toMatchObject({
      code: 'authority.unknown-account',
    })
    expect(await sign(keys.rita, { kind: 'freeze', reason: 'hold' })).toMatchObject({ kind: 'done' })
    expect((await bot.firebreak.frozen())?.reason).toBe('hold')
    const run = await bot.start('plain')
    expect(await sign(keys.ann, { kind: 'cancel', run, reason: 'later' })).toMatchObject({ kind: 'done' })
    expect((await bot.over(run)).state).toMatchObject({ status: 'cancelled', reason: 'later' })
    expect(await sign(keys.ann, { kind: 'thaw', reason: 'over' })).toMatchObject({ kind: 'counted' })
    expect(await sign(keys.bob, { kind: 'thaw', reason: 'over' })).toMatchObject({ kind: 'done' })
    const second = await bot.start('plain')
    await bot.over(second)
    expect(toy.lamps.get('a')).toBe('off')
    expect(await sign(keys.rita, { kind: 'undo', run: second })).toMatchObject({
      kind: 'done',
      run: expect.any(String),
    })
  })
})

describe('a copy of the state folder', () => {
  it('is a whole log: what was running goes on there', async () => {
    const toy = createToy({ a: 'on' })
    bot = await startBot({
      actions: toyActions(toy),
      playbooks: [playbook('gated', { off: set('a', { approve }) })],
    })
    const run = await bot.start('gated')
    await bot.waiting(run)
    const state = copyState(bot.state)
    const other = await startBot({ actions: toyActions(toy), playbooks: [], state })
    expect(await other.firebreak.audit.verify()).toMatchObject({ ok: true })
    await other.decide(run, ann)
    expect((await other.over(run)).state.status).toBe('succeeded')
    await other.close()
  })
})
