import { afterEach, expect, it, vi } from 'vitest'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { createToy, toyActions } from '../support/toy.ts'

// Timers stand still while a machine sleeps, and know nothing of a clock that was set.

let bot: Bot
afterEach(async () => {
  vi.restoreAllMocks()
  await bot.close()
})

it('a request that ran out while the machine slept is settled within a minute, although nothing happens', async () => {
  const minutes: (() => void)[] = []
  const real = setTimeout
  vi.spyOn(globalThis, 'setTimeout').mockImplementation((call, ms, ...more) => {
    if (ms === 60_000) minutes.push(() => call(...more))
    return real(call, ms, ...more)
  })
  const approve = { from: 'approver', count: 1, within: '30m' }
  const off = { action: 'toy.set', with: { lamp: 'a', value: 'off' }, approve }
  const actions = toyActions(createToy({ a: 'on' }))
  bot = await startBot({ actions, playbooks: [playbook('change', { off })] })
  const run = await bot.start('change')
  await bot.waiting(run)
  await vi.waitFor(() => expect(minutes).not.toEqual([]))
  bot.forward(31 * 60_000)
  for (const pass of minutes) pass()
  expect((await bot.over(run)).state.status).toBe('expired')
})
