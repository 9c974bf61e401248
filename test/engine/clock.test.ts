import { afterEach, expect, it } from 'vitest'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { held, MINUTE, setFor } from '../support/containments.ts'
import { copyState } from '../support/copy-state.ts'
import { eventually } from '../support/eventually.ts'
import { ann } from '../support/people.ts'
import { createToy, toyActions } from '../support/toy.ts'
import { thaw } from '../support/thaw.ts'

// The clock was a year ahead, something was written, and the clock was set right.

const YEAR = 365 * 86_400_000
const bots: Bot[] = []
afterEach(async () => {
  for (const bot of bots.splice(0)) await bot.close()
})

it('a containment ends after its time all the same, not after the year', async () => {
  const actions = toyActions(createToy({ a: 'on' }))
  const bot = await startBot({ actions, playbooks: [playbook('change', { off: setFor('10m') })] })
  bots.push(bot)
  bot.forward(YEAR)
  await bot.firebreak.freeze(ann, 'something is written')
  await thaw(bot.firebreak, 'something is written')
  bot.forward(-YEAR)
  const { until } = held(await bot.over(await bot.start('change')))
  expect(Date.parse(until)).toBeLessThanOrEqual(Date.now() + 10 * MINUTE)
})

it('an effect in doubt is believed to be absent after its own time, not after the year', async () => {
  const toy = createToy({ a: 'on' })
  toy.deadlineMs = 300
  const end = Promise.withResolvers<void>()
  let calls = 0
  toy.apply = async (lamp, value) => {
    calls += 1
    if (calls === 1) return end.promise
    toy.lamps.set(lamp, value)
  }
  const off = { action: 'toy.set', with: { lamp: 'a', value: 'off' } }
  const options = { actions: toyActions(toy), playbooks: [playbook('change', { off })] }
  const bot = await startBot({ ...options, aheadMs: YEAR })
  bots.push(bot)
  void bot.start('change').catch(() => undefined)
  await eventually(() => calls === 1)
  const [run] = await bot.firebreak.runs({ limit: 1 })
  const again = await startBot({ ...options, state: copyState(bot.state) })
  bots.push(again)
  expect((await again.over(run?.state.id ?? '')).state.status).toBe('succeeded')
  end.resolve()
})

it('an approval counts at once, not after the year', async () => {
  const off = {
    action: 'toy.set',
    with: { lamp: 'a', value: 'off' },
    approve: { from: 'approver', count: 1 },
  }
  const actions = toyActions(createToy({ a: 'on' }))
  const bot = await startBot({ actions, playbooks: [playbook('change', { off })] })
  bots.push(bot)
  bot.forward(YEAR)
  await bot.firebreak.freeze(ann, 'something is written')
  await thaw(bot.firebreak, 'something is written')
  bot.forward(-YEAR)
  const run = await bot.start('change')
  await bot.waiting(run)
  expect(await bot.decide(run, ann)).toEqual({ kind: 'counted', still: [] })
  expect((await bot.over(run)).state.status).toBe('succeeded')
})
