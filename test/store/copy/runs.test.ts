import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readKeyFile } from '../../../src/audit/key-file.ts'
import { createNotary } from '../../../src/audit/notary.ts'
import { openSqliteEnd } from '../../../src/store/copy/sqlite.ts'
import { openPostgresDestination, openPostgresSource } from '../../../src/store/postgres/copy.ts'
import { playbook, startBot, tempFolder, type BotOptions } from '../../support/bot.ts'
import { copyState } from '../../support/copy-state.ts'
import { eventually } from '../../support/eventually.ts'
import { ann, rita } from '../../support/people.ts'
import { sharedPostgres, withoutPostgres } from '../../support/postgres.ts'
import { applied, createToy, toyActions, type Toy } from '../../support/toy.ts'
import { move } from './ends.ts'
import { thaw } from '../../support/thaw.ts'

const set = (lamp: string, more: object = {}) => ({
  action: 'toy.set',
  with: { lamp, value: 'off' },
  ...more,
})
const playbooks = [
  playbook('done', { a: set('a') }),
  playbook('gated', { b: set('b', { approve: { from: 'approver', count: 1, within: '30m' } }) }),
  playbook('slow', { c: set('c'), after: set('d', { after: ['c'] }) }),
  playbook('cold', { e: set('e') }),
]

type Runs = { readonly done: string; readonly gated: string; readonly slow: string; readonly cold: string }

/** A journal with a run that is over, one that waits for people, one whose process died in an effect, and one that is frozen. */
async function leaveRuns(toy: Toy): Promise<{ state: string; runs: Runs }> {
  toy.deadlineMs = 120_000
  const bot = await startBot({ actions: toyActions(toy), playbooks })
  const done = await bot.start('done')
  await bot.over(done)
  const gated = await bot.start('gated')
  await bot.waiting(gated)
  toy.apply = () => new Promise(() => undefined)
  const slow = await bot.start('slow')
  await eventually(() => applied(toy).includes('c'))
  await bot.firebreak.freeze(rita, 'hold everything')
  const cold = await bot.start('cold')
  await eventually(async () => (await bot.types(cold)).includes('run.planned'))
  const state = copyState(bot.state)
  toy.apply = (lamp, value) => void toy.lamps.set(lamp, value)
  toy.calls.length = 0
  toy.deadlineMs = 200
  return { state, runs: { done, gated, slow, cold } }
}

async function carry(state: string, backHome: boolean): Promise<Partial<BotOptions>> {
  const notary = createNotary(readKeyFile(join(state, 'log.key'), 'firebreak.local/log'))
  const url = await (await sharedPostgres()).createDatabase()
  const at = { url, place: 'postgres://db/firebreak' }
  const away = {
    source: () => openPostgresSource(at),
    destination: () => openPostgresDestination(at),
  }
  await move({ source: async () => openSqliteEnd(state, 1) }, away, { notary })
  if (!backHome) return { state, config: { store: url } }
  const back = tempFolder()
  copyFileSync(join(state, 'log.key'), join(back, 'log.key'))
  await move(away, { destination: async () => openSqliteEnd(back, 1) }, { notary })
  return { state: back }
}

describe.skipIf(withoutPostgres())('runs that were moved', () => {
  it.each([
    ['to PostgreSQL', false],
    ['to PostgreSQL and back to a folder', true],
  ])('%s go on there, each from where it was, and nothing is done twice', async (_, backHome) => {
    const toy = createToy({ a: 'on', b: 'on', c: 'on', d: 'on', e: 'on' })
    const { state, runs } = await leaveRuns(toy)
    const place = await carry(state, backHome)
    // After the time in which the call of the dead process could still land.
    const bot = await startBot({ actions: toyActions(toy), playbooks, aheadMs: 10 * 60_000, ...place })
    try {
      expect((await bot.firebreak.run(runs.done)).state.status).toBe('succeeded')
      expect(await bot.firebreak.frozen()).toMatchObject({ reason: 'hold everything' })
      await bot.decide(runs.gated, ann)
      await thaw(bot.firebreak, 'go on')
      for (const run of [runs.gated, runs.slow, runs.cold])
        expect((await bot.over(run)).state.status).toBe('succeeded')
      expect(applied(toy).toSorted()).toEqual(['b', 'c', 'd', 'e'])
      const undo = await bot.firebreak.undo(runs.done, rita, 'put it back')
      await bot.waiting(undo.state.id)
      await bot.decide(undo.state.id, ann)
      await bot.over(undo.state.id)
      expect(toy.lamps.get('a')).toBe('on')
      expect((await bot.firebreak.audit.verify()).ok).toBe(true)
    } finally {
      await bot.close()
    }
  })
})
