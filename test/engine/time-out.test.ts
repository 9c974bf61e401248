import { afterEach, describe, expect, it } from 'vitest'
import { next } from '../../src/engine/next.ts'
import { reloadPlaybook } from '../../src/playbook/load.ts'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { eventually } from '../support/eventually.ts'
import { ann } from '../support/people.ts'
import { done, intended, planned, stateAfter, type Written } from '../support/facts.ts'
import { applied, createToy, toyActions, type Toy } from '../support/toy.ts'
import { thaw } from '../support/thaw.ts'

// Every call has an end, and so has a run whose playbook sets one.

const set = (more: object = {}) => ({ action: 'toy.set', with: { lamp: 'a', value: 'off' }, ...more })
const page = { when: 'failed()', action: 'toy.tell', with: { text: 'not done' } }
const approve = { from: 'approver', count: 1, within: '2h' }
const timeout = { timeout: '1h' }
const HOUR_MS = 3_600_000

const open: Bot[] = []
afterEach(async () => {
  for (const bot of open.splice(0)) await bot.close()
})

async function botWith(toy: Toy, steps: object, more: object = {}): Promise<Bot> {
  const bot = await startBot({ actions: toyActions(toy), playbooks: [playbook('timed', steps, more)] })
  open.push(bot)
  return bot
}

async function restarted(bot: Bot, aheadMs: number): Promise<Bot> {
  open.splice(open.indexOf(bot), 1)
  const again = await bot.restart({ aheadMs })
  open.push(again)
  return again
}

describe('the interpreter, of a run whose time is over', () => {
  const actions = toyActions(createToy())
  const graph = reloadPlaybook(
    playbook('table', { a: set(), b: set({ after: ['a'] }), page }, timeout),
    'x',
    actions,
  )
  const over: Written = { type: 'run.timed-out', data: {} }
  const wants = (facts: readonly Written[], busy: readonly string[] = []) => {
    const has = (id: string) => busy.includes(id)
    return next(stateAfter(graph, facts, actions), graph, { has, acts: has, idle: busy.length === 0 }).map(
      (command) => (command.kind === 'start' ? `start ${command.instance}` : command),
    )
  }
  const end = { kind: 'end', fact: { type: 'run.failed', data: { code: 'run.timeout' } } }

  it('begins nothing more of the main part, lets what is under way end, runs closing steps, and fails', () => {
    expect(wants([planned, over], ['a'])).toEqual([])
    expect(wants([planned, intended('a'), over])).toEqual(['start a'])
    expect(wants([planned, done('a'), over])).toEqual(['start page'])
    expect(wants([planned, done('a'), over, done('page')])).toMatchObject([end])
    expect(wants([over])).toEqual(['start page'])
  })

  it('says how it was stopped first: a cancellation stays one', () => {
    const cancelled: Written = { type: 'run.cancel-requested', data: { reason: 'x' } }
    expect(wants([planned, cancelled, over, done('page')])).toMatchObject([
      { kind: 'end', fact: { type: 'run.cancelled' } },
    ])
  })
})

describe('a run with a timeout', () => {
  it('that waits for approval ends then, and its request not later', async () => {
    const toy = createToy({ a: 'on' })
    const bot = await botWith(toy, { off: set({ approve }), page }, timeout)
    const run = await bot.start('timed')
    const { state, waitingFor } = await bot.waiting(run)
    expect(Date.parse(waitingFor.expires)).toBe(Date.parse(state.requestedAt) + HOUR_MS)
    bot.forward(HOUR_MS)
    // A decision comes too late. The alarm of the run goes by real time, so that something else wakes it here.
    expect(await bot.decide(run, ann)).toMatchObject({ kind: 'refused' })
    await bot.firebreak.freeze(ann, 'wake')
    await thaw(bot.firebreak, 'wake')
    const { state: ended } = await bot.over(run)
    expect(ended).toMatchObject({ status: 'failed', problem: { code: 'run.timeout' } })
    expect(ended.steps).toMatchObject({ page: { status: 'succeeded' } })
    expect(ended.approvals[0]?.status).toBe('voided')
    expect(applied(toy)).toEqual([])
  })

  it('asks for less than the timeout as long as the step says', async () => {
    const bot = await botWith(
      createToy({ a: 'on' }),
      { off: set({ approve: { ...approve, within: '30m' } }) },
      timeout,
    )
    const { waitingFor } = await bot.waiting(await bot.start('timed'))
    expect(Date.parse(waitingFor.expires) - Date.now()).toBeLessThanOrEqual(1_800_000)
  })

  it('ends also when the time passed while nothing ran', async () => {
    const toy = createToy({ a: 'on' })
    const bot = await botWith(toy, { off: set({ approve }), page }, timeout)
    const run = await bot.start('timed')
    await bot.waiting(run)
    const second = await restarted(bot, HOUR_MS / 2)
    await second.waiting(run)
    const third = await restarted(second, HOUR_MS + 1000)
    expect((await third.over(run)).state.problem?.code).toBe('run.timeout')
    expect((await third.types(run)).filter((type) => type === 'run.timed-out')).toHaveLength(1)
  })

  it('wakes by itself, and lets what is under way end: its effect is seen, the next one never begins', async () => {
    const toy = createToy({ a: 'on', b: 'on' })
    const text = playbook(
      'timed',
      { first: set(), second: set({ with: { lamp: 'b', value: 'off' }, after: ['first'] }), page },
      { timeout: '1m' },
    )
    // The clock stands a little before the end of the run.
    const bot = await startBot({ actions: toyActions(toy), playbooks: [text] })
    open.push(bot)
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    toy.deadlineMs = 10_000
    toy.apply = async (lamp, value) => {
      await released
      toy.lamps.set(lamp, value)
    }
    const run = await bot.start('timed')
    await eventually(() => applied(toy).length === 1)
    bot.forward(60_000)
    await bot.firebreak.freeze(ann, 'wake')
    await thaw(bot.firebreak, 'wake')
    await eventually(async () => (await bot.types(run)).includes('run.timed-out'))
    release()
    const { state } = await bot.over(run)
    expect(state).toMatchObject({
      status: 'failed',
      problem: { code: 'run.timeout' },
      steps: { first: { status: 'succeeded' }, page: { status: 'succeeded' } },
    })
    expect(state.steps['second']).toBeUndefined()
  })

  it('writes no intent after its end, although nobody has said yet that the time is over', async () => {
    const toy = createToy({ a: 'on' })
    const bot = await botWith(toy, { off: set() }, timeout)
    let plans = 0
    toy.plan = () => {
      plans += 1
      if (plans === 2) bot.forward(HOUR_MS)
    }
    const run = await bot.start('timed')
    await eventually(() => plans >= 2)
    const { state } = await bot.over(run)
    expect(state.problem?.code).toBe('run.timeout')
    expect(await bot.types(run)).not.toContain('step.intended off')
  })

  it('whose main part is done in time may close after it', async () => {
    const toy = createToy({ a: 'on' })
    const closing = { ...set({ approve }), when: 'always()', with: { lamp: 'b', value: 'off' } }
    toy.lamps.set('b', 'on')
    const bot = await botWith(toy, { off: set(), closing }, timeout)
    const run = await bot.start('timed')
    await bot.waiting(run)
    expect(await bot.types(run)).not.toContain('run.timed-out')
  })

  it('is not ended by it while it is parked: a person has it', async () => {
    const toy = createToy({ a: 'on' })
    toy.deadlineMs = 100
    toy.probe = () => 'unknown'
    const bot = await botWith(toy, { off: set() }, timeout)
    const run = await bot.start('timed')
    await bot.until(run, 'parked')
    const again = await restarted(bot, 2 * HOUR_MS)
    await again.firebreak.freeze(ann, 'wake')
    expect((await again.firebreak.run(run)).state.status).toBe('parked')
    expect(await again.types(run)).not.toContain('run.timed-out')
  })
})

const never = () => new Promise<never>(() => undefined)

describe('a call that never answers is given up: ', () => {
  const short = { timeout: '1s' }

  it('a read and a plan by the timeout of the step', async () => {
    const toy = createToy({ a: 'on' })
    toy.plan = never
    const bot = await botWith(toy, { look: { action: 'toy.look', with: { lamp: 'a' }, ...short } })
    const began = performance.now()
    const read = await bot.over(await bot.start('timed'))
    expect(read.state.problem?.code).toBe('provider.timeout')
    const other = await botWith(toy, { off: set(short) })
    const { state } = await other.over(await other.start('timed'))
    expect(state.plan?.lines[0]).toMatchObject({ kind: 'fails' })
    expect(state.problem?.code).toBe('provider.timeout')
    expect(performance.now() - began).toBeLessThan(5_000)
  })

  it('a call with an effect by the deadline of its action; then the probe decides', async () => {
    const toy = createToy({ a: 'on' })
    toy.deadlineMs = 100
    toy.apply = async (lamp, value) => {
      toy.lamps.set(lamp, value)
      await never()
    }
    const bot = await botWith(toy, { off: set() })
    expect((await bot.over(await bot.start('timed'))).state.status).toBe('succeeded')
  })

  it('a probe by the timeout of the step; it is asked again, and then a person is', async () => {
    const toy = createToy({ a: 'on' })
    toy.deadlineMs = 1000
    let probes = 0
    toy.probe = () => {
      probes += 1
      return never()
    }
    const bot = await botWith(toy, { off: set(short) })
    const run = await bot.start('timed')
    await bot.until(run, 'parked')
    expect(probes).toBeGreaterThanOrEqual(1)
  })
})
