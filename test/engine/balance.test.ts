import { afterEach, expect, it, vi } from 'vitest'
import type { Standing } from '../../src/core/person.ts'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { copyState } from '../support/copy-state.ts'
import { ann } from '../support/people.ts'
import { createToy, toyActions } from '../support/toy.ts'

// Approved while Slack could not be asked about who approved: nobody can approve a second time.

const bots: Bot[] = []
afterEach(async () => {
  vi.restoreAllMocks()
  for (const bot of bots.splice(0)) await bot.close()
})

function options() {
  const approve = { from: 'approver', count: 1, within: '30m' }
  const off = { action: 'toy.set', with: { lamp: 'a', value: 'off' }, approve }
  return { actions: toyActions(createToy({ a: 'on' })), playbooks: [playbook('one', { off })] }
}

async function approvedInDoubt(said: { now: Standing }, given = options()) {
  const bot = await startBot(given)
  bots.push(bot)
  bot.app.useDirectory({ standing: async () => said.now, members: async () => ({ members: [] }) })
  const run = await bot.start('one')
  await bot.waiting(run)
  expect(await bot.decide(run, ann)).toMatchObject({ kind: 'counted', still: ['1 of 1 approver for off'] })
  return { bot, run }
}

it('the run goes on by itself when Slack is back', async () => {
  const looks: (() => void)[] = []
  const real = setTimeout
  vi.spyOn(globalThis, 'setTimeout').mockImplementation((call, ms = 0, ...more) => {
    if (ms > 14_000 && ms <= 15_000) looks.push(() => call(...more))
    return real(call, ms, ...more)
  })
  const said: { now: Standing } = { now: 'unknown' }
  const { bot, run } = await approvedInDoubt(said)
  await vi.waitFor(() => expect(looks).not.toEqual([]))
  said.now = 'member'
  bot.forward(15_000)
  for (const look of looks) look()
  expect((await bot.over(run)).state.status).toBe('succeeded')
})

it('an approval that was given in time counts although it is looked at later', async () => {
  const given = options()
  const { bot, run } = await approvedInDoubt({ now: 'unknown' }, given)
  const later = await startBot({ ...given, state: copyState(bot.state), aheadMs: 31 * 60_000 })
  bots.push(later)
  expect((await later.over(run)).state.status).toBe('succeeded')
})
