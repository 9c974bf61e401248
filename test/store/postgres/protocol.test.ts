import { describe, expect, it } from 'vitest'
import { makeKey } from '../../../src/app/log-key.ts'
import { startBot, tempFolder } from '../../support/bot.ts'
import { withoutPostgres } from '../../support/postgres.ts'
import { createToy, toyActions } from '../../support/toy.ts'
import { outcomeOf, requested } from '../contract.ts'
import { closeAfterEach, freshDatabase, openAs, step } from './stores.ts'

const now = () => new Date().toISOString()

describe.skipIf(withoutPostgres())('programs of two versions on one journal', () => {
  closeAfterEach()

  it('never share a run: the older one leaves what the newer one began, and adds nothing to it', async () => {
    const url = await freshDatabase()
    const newer = await openAs('newer', url, { protocols: [1, 2] })
    const older = await openAs('older', url)
    await newer.store.commit({ facts: [requested('new')] })
    await older.store.commit({ facts: [requested('old')] })

    expect((await older.rota.unheld(now())).map(({ run }) => run)).toEqual(['old'])
    expect((await newer.rota.unheld(now())).map(({ run }) => run)).toEqual(['new', 'old'])
    expect(await older.rota.take({ run: 'new', epoch: 0 })).toBeUndefined()
    expect(await older.rota.foreign('new')).toBe(2)
    expect([await older.rota.foreign('old'), await newer.rota.foreign('new')]).toEqual([undefined, undefined])
    expect(await outcomeOf(older.store.commit({ facts: [step('new', 1)] }))).toBe('run.protocol')
    expect(await older.store.facts('new')).toHaveLength(1)
    expect(await outcomeOf(newer.store.commit({ facts: [step('new', 1), step('old', 1)] }))).toBe('done')
  })

  it('the older one shows such a run, and says why it leaves it', async () => {
    const url = await freshDatabase()
    const state = tempFolder()
    makeKey(state, 'firebreak.local/log')
    const bot = await startBot({
      actions: toyActions(createToy()),
      playbooks: [],
      state,
      config: { store: url },
    })
    try {
      const newer = await openAs('newer', url, { protocols: [2] })
      await newer.store.commit({ facts: [requested('new')] })
      const view = await bot.firebreak.run('new')
      expect(view.state.status).toBe('planning')
      expect(view.notes).toEqual([expect.stringContaining('protocol 2')])
      const cancel = bot.firebreak.cancel(
        'new',
        { via: 'slack', team: 'T0TEST', user: 'U0RITA', standing: 'member' },
        'x',
      )
      expect(await outcomeOf(cancel)).toBe('run.protocol')
      const stranger = tempFolder()
      makeKey(stranger, 'firebreak.local/log')
      const other = {
        actions: toyActions(createToy()),
        playbooks: [],
        state: stranger,
        config: { store: url },
      }
      expect(await outcomeOf(startBot(other))).toBe('audit.other-key')
    } finally {
      await bot.close()
    }
  })
})
