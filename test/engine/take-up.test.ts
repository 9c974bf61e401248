import { afterEach, describe, expect, it } from 'vitest'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { copyState } from '../support/copy-state.ts'
import { eventually } from '../support/eventually.ts'
import { byHand, waitingStep, withBuiltIns } from '../support/by-hand.ts'
import { ann, rita } from '../support/people.ts'
import { applied, createToy, type Toy } from '../support/toy.ts'
import { thaw } from '../support/thaw.ts'

// A run that ends one process after the other is parked, before it ends the next one.

const set = (lamp: string, more: object = {}) => ({
  action: 'toy.set',
  with: { lamp, value: 'off' },
  ...more,
})

/** A call that hangs ends when the test does. */
let end = Promise.withResolvers<void>()
const open: Bot[] = []
afterEach(async () => {
  end.resolve()
  end = Promise.withResolvers()
  for (const bot of open.splice(0)) await bot.close()
})

function options(toy: Toy, steps: object) {
  return { actions: withBuiltIns(toy), playbooks: [playbook('poison', steps)] }
}

async function started(toy: Toy, steps: object): Promise<Bot> {
  const bot = await startBot(options(toy, steps))
  open.push(bot)
  return bot
}

/** Another process on what disk holds now, as after a crash of this one. */
async function crashed(
  bot: Bot,
  toy: Toy,
  { steps, aheadMs }: { steps: object; aheadMs?: number },
): Promise<Bot> {
  const state = copyState(bot.state)
  const ahead = aheadMs === undefined ? {} : { aheadMs }
  const again = await startBot({ ...options(toy, steps), state, ...ahead })
  open.push(again)
  return again
}

const count = async (bot: Bot, run: string, type: string) =>
  (await bot.types(run)).filter((name) => name.split(' ')[0] === type).length

/** A read that never answers, in one process after the other. */
function hanging(): Toy {
  const toy = createToy({ a: 'on' })
  toy.plan = () => end.promise
  return toy
}

const look = { look: { action: 'toy.look', with: { lamp: 'a' } } }

async function crashTimes(times: number, steps: object, toy: Toy): Promise<{ bot: Bot; run: string }> {
  let bot = await started(toy, steps)
  void bot.start('poison').catch(() => undefined)
  await eventually(() => toy.calls.length === 1)
  const run = (await bot.firebreak.runs({ limit: 1 }))[0]?.state.id ?? ''
  for (let i = 1; i <= times; i++) {
    bot = await crashed(bot, toy, { steps })
    await eventually(async () => (await count(bot, run, 'run.recovered')) === i)
  }
  return { bot, run }
}

describe('a run that processes leave in the middle', () => {
  it('is tried four times more, and parked with its reason before it is tried again', async () => {
    const toy = hanging()
    const { bot, run } = await crashTimes(4, look, toy)
    await eventually(() => toy.calls.length === 5)
    const fifth = await crashed(bot, toy, { steps: look })
    const { state } = await fifth.until(run, 'parked')
    expect(state.problem).toMatchObject({
      code: 'run.poison',
      message: expect.stringContaining('5 processes'),
    })
    // Neither a wake nor another process tries it.
    const sixth = await crashed(fifth, toy, { steps: look })
    await sixth.firebreak.freeze(ann, 'wake')
    await thaw(sixth.firebreak, 'wake')
    expect((await sixth.firebreak.run(run)).state.status).toBe('parked')
    expect(toy.calls).toHaveLength(5)
    await sixth.firebreak.cancel(run, rita, 'not again')
    expect((await sixth.over(run)).state.status).toBe('cancelled')
  })

  it('counts anew after progress', async () => {
    const toy = hanging()
    const steps = { ...look, second: { action: 'toy.look', with: { lamp: 'a' }, after: ['look'] } }
    const { bot, run } = await crashTimes(4, steps, toy)
    expect((await bot.firebreak.run(run)).state.recoveries).toBe(4)
    let looks = 0
    toy.plan = () => {
      looks += 1
      return looks === 1 ? undefined : end.promise
    }
    // This one cannot know yet whether the read would have answered in the last process: it stays parked.
    const fifth = await crashed(bot, toy, { steps })
    await fifth.until(run, 'parked')
    await fifth.firebreak.resume(run, ann, { reason: 'the reader is mended' })
    await eventually(async () => (await count(fifth, run, 'step.succeeded')) === 1)
    expect((await fifth.firebreak.run(run)).state.recoveries).toBe(0)
    const sixth = await crashed(fifth, toy, { steps })
    await eventually(async () => (await count(sixth, run, 'run.recovered')) === 6)
    expect((await sixth.firebreak.run(run)).state).toMatchObject({ recoveries: 1, status: 'planning' })
  })

  it('with an effect in doubt is not probed either, once it is parked', async () => {
    const toy = createToy({ a: 'on' })
    toy.deadlineMs = 60_000
    toy.apply = () => end.promise
    toy.probe = async () => {
      await end.promise
      return 'unknown' as const
    }
    const steps = { off: set('a') }
    let bot = await started(toy, steps)
    const run = await bot.start('poison')
    await eventually(() => applied(toy).length === 1)
    for (let i = 1; i <= 4; i++) {
      bot = await crashed(bot, toy, { steps })
      await eventually(async () => (await count(bot, run, 'run.recovered')) === i)
    }
    await eventually(() => toy.calls.filter(({ verb }) => verb === 'probe').length === 4)
    const last = await crashed(bot, toy, { steps })
    const { state } = await last.until(run, 'parked')
    expect(state.steps['off']?.status).toBe('intended')
    expect(toy.calls.filter(({ verb }) => verb === 'probe')).toHaveLength(4)
  })
})

describe('not counted is a run that only waits', () => {
  it('for approval, for its time, for hands', async () => {
    const approve = { from: 'approver', count: 1, within: '30m' }
    for (const [steps, wait] of [
      [{ off: set('a', { approve }) }, (bot: Bot, run: string) => bot.waiting(run)],
      [
        { pause: { action: 'firebreak.wait', with: { for: '1d' } } },
        (bot: Bot, run: string) => waitingStep(bot, run, 'pause'),
      ],
      [{ close: byHand('a') }, (bot: Bot, run: string) => waitingStep(bot, run, 'close')],
    ] as const) {
      const toy = createToy({ a: 'on' })
      let bot = await started(toy, steps)
      const run = await bot.start('poison')
      await wait(bot, run)
      for (let i = 0; i < 6; i++) {
        bot = await crashed(bot, toy, { steps })
        await wait(bot, run)
      }
      expect(await count(bot, run, 'run.recovered')).toBe(0)
      await bot.firebreak.cancel(run, rita, 'x')
    }
  })

  it('for a thaw', async () => {
    const toy = createToy({ a: 'on' })
    const steps = { off: set('a') }
    let bot = await started(toy, steps)
    await bot.firebreak.freeze(ann, 'hold')
    const run = await bot.start('poison')
    for (let i = 0; i < 6; i++) {
      bot = await crashed(bot, toy, { steps })
      const plans = toy.calls.length
      await eventually(() => toy.calls.length > plans)
    }
    expect(await count(bot, run, 'run.recovered')).toBe(0)
    await thaw(bot.firebreak, 'go')
    expect((await bot.over(run)).state.status).toBe('succeeded')
  })

  it('for its next try', async () => {
    const toy = createToy({ a: 'on' })
    const steps = { look: { ...look.look, retry: { attempts: 2, wait: '1m', longest: '1h' } } }
    const { FirebreakError } = await import('../../src/core/errors.ts')
    toy.plan = () => {
      throw new FirebreakError('provider.throttled', 'x', { remedy: 'x', retryAfterMs: 600_000 })
    }
    let bot = await started(toy, steps)
    void bot.start('poison').catch(() => undefined)
    const run = await eventually(async () => (await bot.firebreak.runs({ limit: 1 }))[0]?.state.id)
    await waitingStep(bot, run, 'look')
    for (let i = 0; i < 6; i++) bot = await crashed(bot, toy, { steps })
    await waitingStep(bot, run, 'look')
    expect(await count(bot, run, 'run.recovered')).toBe(0)
  })
})
