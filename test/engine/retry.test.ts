import { afterEach, describe, expect, it } from 'vitest'
import { FirebreakError, type ErrorCode } from '../../src/core/errors.ts'
import type { RunState } from '../../src/core/run.ts'
import { pauseMs } from '../../src/engine/retry.ts'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { approveAll } from '../support/approve.ts'
import { eventually } from '../support/eventually.ts'
import { ann, rita } from '../support/people.ts'
import { applied, createToy, toyActions, type Toy } from '../support/toy.ts'

// A step is tried again after a failure that may pass, and never where it is not known what a call has done.

const retry = { attempts: 3, wait: '1s', longest: '1s' }
const set = (more: object = {}) => ({ action: 'toy.set', with: { lamp: 'a', value: 'off' }, ...more })
const look = (more: object = {}) => ({ action: 'toy.look', with: { lamp: 'a' }, ...more })

const open: Bot[] = []
afterEach(async () => {
  for (const bot of open.splice(0)) await bot.close()
})

async function botWith(toy: Toy, steps: object): Promise<Bot> {
  const bot = await startBot({ actions: toyActions(toy), playbooks: [playbook('tries', steps)] })
  open.push(bot)
  return bot
}

function refuse(code: ErrorCode, retryAfterMs?: number): never {
  throw new FirebreakError(code, 'not now', {
    remedy: 'Wait.',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}

/** Fails this often, then does as it should. */
function failing(times: number, code: ErrorCode): () => void {
  let left = times
  return () => {
    left -= 1
    if (left >= 0) refuse(code)
  }
}

describe('the pause before the next try', () => {
  const rule = { attempts: 9, waitMs: 100, longestMs: 1000 }

  it('is anywhere below a bound that doubles, up to the longest (full jitter)', () => {
    const most = [1, 2, 3, 4, 5, 6, 60].map((tries) => pauseMs(rule, { tries, random: () => 1 }))
    expect(most).toEqual([100, 200, 400, 800, 1000, 1000, 1000])
    expect(pauseMs(rule, { tries: 3, random: () => 0 })).toBe(0)
    expect(pauseMs(rule, { tries: 3, random: () => 0.5 })).toBe(200)
  })

  it('is at least what the provider asks for, but not for ever', () => {
    expect(pauseMs(rule, { tries: 1, random: () => 1, retryAfterMs: 5000 })).toBe(5000)
    expect(pauseMs(rule, { tries: 1, random: () => 1, retryAfterMs: 50 })).toBe(100)
    expect(pauseMs(rule, { tries: 1, random: () => 0, retryAfterMs: 1e12 })).toBe(3_600_000)
    for (const retryAfterMs of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(pauseMs(rule, { tries: 1, random: () => 0, retryAfterMs })).toBe(0)
  })
})

const transient: ErrorCode[] = ['provider.throttled', 'provider.unavailable', 'provider.timeout']
const final: ErrorCode[] = ['provider.denied', 'provider.invalid', 'provider.not-found', 'provider.refused']

async function retried(bot: Bot, run: string): Promise<{ tries: number; code: string }[]> {
  return (await bot.firebreak.facts(run)).flatMap((fact) =>
    fact.type === 'step.retrying' ? [{ tries: fact.data.tries, code: fact.data.problem.code }] : [],
  )
}

describe('a read', () => {
  it('that fails in a way that may pass is tried again, each time with a fact', async () => {
    const ends = transient.map(async (code) => {
      const toy = createToy({ a: 'on' })
      toy.plan = failing(2, code)
      const bot = await botWith(toy, { look: look({ retry }) })
      const run = await bot.start('tries')
      const { state } = await bot.over(run)
      expect(state.status).toBe('succeeded')
      expect(await retried(bot, run)).toEqual([
        { tries: 1, code },
        { tries: 2, code },
      ])
      expect(state.steps['look']).toMatchObject({ status: 'succeeded', retrying: { tries: 2 } })
    })
    await Promise.all(ends)
  })

  it('fails when all its attempts have, with the last problem', async () => {
    const toy = createToy({ a: 'on' })
    toy.plan = failing(9, 'provider.unavailable')
    const bot = await botWith(toy, { look: look({ retry }) })
    const { state } = await bot.over(await bot.start('tries'))
    expect(state).toMatchObject({ status: 'failed', problem: { code: 'provider.unavailable' } })
    expect(toy.calls).toHaveLength(3)
  })

  it.each(final)('that fails with %s is not tried again', async (code) => {
    const toy = createToy({ a: 'on' })
    toy.plan = failing(1, code)
    const bot = await botWith(toy, { look: look({ retry }) })
    const { state } = await bot.over(await bot.start('tries'))
    expect(state).toMatchObject({ status: 'failed', problem: { code } })
    expect(toy.calls).toHaveLength(1)
  })

  it('without `retry` is never tried again', async () => {
    const toy = createToy({ a: 'on' })
    toy.plan = failing(1, 'provider.throttled')
    const bot = await botWith(toy, { look: look() })
    expect((await bot.over(await bot.start('tries'))).state.status).toBe('failed')
    expect(toy.calls).toHaveLength(1)
  })

  it('waits as the journal says, over a restart, and is cancelled while it waits', async () => {
    const toy = createToy({ a: 'on' })
    toy.plan = () => refuse('provider.throttled', 600_000)
    const bot = await botWith(toy, { look: look({ retry }) })
    // Nobody waits half an hour for the plan here.
    void bot.start('tries').catch(() => undefined)
    const run = await eventually(async () => (await bot.firebreak.runs({ limit: 1 }))[0]?.state.id)
    const waits = (of: Bot) =>
      eventually(async () => (await of.firebreak.run(run)).state.steps['look']?.waitsUntil)
    const until = await waits(bot)
    expect(Date.parse(until) - Date.now()).toBeGreaterThan(500_000)
    open.pop()
    const second = await bot.restart({ aheadMs: 300_000 })
    open.push(second)
    expect(await waits(second)).toBe(until)
    expect(toy.calls).toHaveLength(1)
    open.pop()
    const third = await second.restart({ aheadMs: 601_000 })
    open.push(third)
    await eventually(() => toy.calls.length === 2)
    await eventually(async () => (await waits(third)) !== until)
    await third.firebreak.cancel(run, rita, 'enough')
    expect((await third.over(run)).state.status).toBe('cancelled')
    expect(toy.calls).toHaveLength(2)
  })
})

const stepOff = (state: RunState) => state.steps['off']

describe('an effect', () => {
  const approve = { from: 'approver', count: 1, within: '30m' }

  it.each(['provider.throttled', 'provider.conflict'] as const)(
    'whose call was refused as a whole (%s) is planned again, with a fresh intent under the same key',
    async (code) => {
      const toy = createToy({ a: 'on' })
      const fails = failing(code === 'provider.conflict' ? 7 : 2, code)
      toy.apply = (lamp, value) => {
        fails()
        toy.lamps.set(lamp, value)
      }
      const bot = await botWith(toy, { off: set({ retry, approve }) })
      const run = await bot.start('tries')
      await approveAll(bot, run, [ann])
      const { state } = await bot.over(run)
      expect(state.status).toBe('succeeded')
      expect(stepOff(state)).toMatchObject({ status: 'succeeded', retrying: { tries: 2 } })
      expect(stepOff(state)?.waitsUntil).toBeUndefined()
      expect(new Set(toy.calls.flatMap(({ key }) => key ?? [])).size).toBe(1)
      const types = await bot.types(run)
      const count = (type: string) => types.filter((name) => name === `${type} off`).length
      expect(count('step.intended')).toBe(applied(toy).length)
      expect(count('step.retrying')).toBe(2)
      // One approval was enough: what it signed has not changed.
      expect(types.filter((type) => type === 'approval.requested')).toHaveLength(1)
    },
  )

  it.each(final)('that was refused with %s is not tried again', async (code) => {
    const toy = createToy({ a: 'on' })
    toy.apply = () => refuse(code)
    const bot = await botWith(toy, { off: set({ retry }) })
    const { state } = await bot.over(await bot.start('tries'))
    expect(state).toMatchObject({ status: 'failed', problem: { code } })
    expect(applied(toy)).toHaveLength(1)
  })

  it.each(['provider.timeout', 'provider.unavailable'] as const)(
    'whose call ended with %s may have happened: the probe decides, and it is not tried again',
    async (code) => {
      const toy = createToy({ a: 'on' })
      toy.deadlineMs = 50
      toy.apply = () => refuse(code)
      const bot = await botWith(toy, { off: set({ retry }) })
      const { state } = await bot.over(await bot.start('tries'))
      expect(state).toMatchObject({ status: 'failed', problem: { code } })
      expect(applied(toy)).toHaveLength(1)
    },
  )

  it('whose plan cannot be read at the moment of effect is planned again later', async () => {
    const toy = createToy({ a: 'on' })
    let plans = 0
    toy.plan = () => {
      plans += 1
      if (plans === 2) refuse('provider.unavailable')
    }
    const bot = await botWith(toy, { off: set({ retry }) })
    const run = await bot.start('tries')
    expect((await bot.over(run)).state.status).toBe('succeeded')
    expect(await retried(bot, run)).toEqual([{ tries: 1, code: 'provider.unavailable' }])
    expect(applied(toy)).toEqual(['a'])
  })
})

it('items that wait for their next try keep their place, and others go on beside them', async () => {
  const toy = createToy({ a: 'on', b: 'on', c: 'on' })
  toy.apply = (lamp, value) => {
    if (lamp === 'a' && applied(toy).filter((name) => name === 'a').length < 3) refuse('provider.throttled')
    toy.lamps.set(lamp, value)
  }
  const all = {
    forEach: '${{ inputs.lamps }}',
    action: 'toy.set',
    with: { lamp: '${{ item }}', value: 'off' },
    concurrency: 2,
    retry,
  }
  const inputs = { lamps: { type: 'array', items: { type: 'string' }, description: 'Lamps' } }
  const text = playbook('tries', { all }, { inputs })
  const bot = await startBot({ actions: toyActions(toy), playbooks: [text] })
  open.push(bot)
  const run = await bot.start('tries', { lamps: ['a', 'b', 'c'] })
  expect((await bot.over(run)).state.status).toBe('succeeded')
  expect(Object.fromEntries(toy.lamps)).toEqual({ a: 'off', b: 'off', c: 'off' })
})
