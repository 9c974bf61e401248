import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { generateLogKey } from '../src/audit/key.ts'
import { createNotary } from '../src/audit/notary.ts'
import { endBreakGlass, enterBreakGlass } from '../src/app/break-glass.ts'
import type { Config } from '../src/config/config.ts'
import { parseConfig } from '../src/config/load.ts'
import type { Store } from '../src/core/ports.ts'
import { openKeys, openLog } from '../src/app/log-key.ts'
import { openSqlite } from '../src/store/sqlite.ts'
import { outcomeOf, requested } from './store/contract.ts'
import { tempFolder } from './support/bot.ts'

const clock = { now: Date.now }
const usualKey = generateLogKey('firebreak.local/log')

function configIn(state: string, more = 'store: postgres://db/firebreak'): Config {
  return parseConfig(`state: ${state}\n${more}\n`, join(state, 'firebreak.yaml'), {})
}

/** The usual log, as it is when PostgreSQL is back. */
async function usualLog(): Promise<Store> {
  const store = openSqlite({ folder: tempFolder(), notary: createNotary(usualKey), clock })
  await openLog(store, usualKey)
  await store.commit({ facts: [requested('resting'), requested('over')] })
  await store.commit({
    facts: [{ type: 'run.cancelled', run: 'over', n: 1, actor: { kind: 'system' }, data: { reason: 'x' } }],
    close: 'over',
  })
  return store
}

/** What a break-glass bot does at its start, and the runs that it is asked for. */
async function act(config: Config, runs: readonly string[], reason = 'fire'): Promise<Store> {
  const entered = enterBreakGlass(config, { reason, clock })
  const { key } = openKeys(entered.config, entered.config.state)
  const store = openSqlite({ folder: entered.config.state, notary: createNotary(key), clock })
  await openLog(store, key, entered)
  if (runs.length > 0) await store.commit({ facts: runs.map((run) => requested(run)) })
  return store
}

async function entering(config: Config): Promise<unknown> {
  return enterBreakGlass(config, { reason: 'x', clock })
}

const frozenReason = async (store: Store) => (await store.frozen())?.reason
const types = async (store: Store) => (await store.log({ from: 3, limit: 100 })).map(({ type }) => type)

describe('breaking the glass', () => {
  it('begins a log of another name and key, whose first entry names the last checkpoint of the usual one', async () => {
    const state = tempFolder()
    const usual = await usualLog()
    const checkpoint = await usual.checkpoint()
    writeFileSync(join(state, 'checkpoint'), checkpoint)
    const store = await act(configIn(state), [])
    const [opened] = await store.log({ from: 0, limit: 1 })
    expect(opened?.data).toMatchObject({
      origin: expect.stringMatching(/^firebreak\.local\/log\/break-glass\/\d{8}T\d{9}Z$/),
      breakGlass: { reason: 'fire', checkpoint },
    })
    await Promise.all([store.close(), usual.close()])
  })

  it('is taken up again where it was until the usual log knows of it', async () => {
    const config = configIn(tempFolder())
    const first = await act(config, ['a'])
    await first.close()
    const second = await act(config, ['b'], 'still on fire')
    expect((await second.runs({ limit: 10 })).map(({ run }) => run)).toEqual(['b', 'a'])
    await second.close()
    const usual = await usualLog()
    await endBreakGlass(config, usual)
    const third = await act(config, ['c'])
    expect((await third.runs({ limit: 10 })).map(({ run }) => run)).toEqual(['c'])
    await Promise.all([third.close(), usual.close()])
  })

  it('is for a journal on PostgreSQL, and refuses what is no checkpoint', async () => {
    const state = tempFolder()
    expect(await outcomeOf(entering(configIn(state, '')))).toBe('usage.bad-arguments')
    writeFileSync(join(state, 'checkpoint'), 'nonsense')
    expect(await outcomeOf(entering(configIn(state)))).toMatch(/^audit\./)
  })
})

describe('the usual log afterwards', () => {
  it('is frozen, its open runs are parked, and the other log is named by its size and root', async () => {
    const config = configIn(tempFolder())
    const glass = await act(config, ['left'])
    await glass.close()
    const usual = await usualLog()
    const [told] = await endBreakGlass(config, usual)
    expect(told).toMatch(
      /break-glass since .*: fire; its log .* has 2 entries, root [0-9a-f]{64}; 1 of its runs are open: left/,
    )
    expect(await frozenReason(usual)).toBe(told)
    const [, parked] = await usual.facts('resting')
    expect(parked).toMatchObject({ type: 'run.parked', data: { code: 'run.break-glass' } })
    expect(await usual.facts('over')).toHaveLength(2)
    expect(await types(usual)).toEqual(['run.cancelled', 'freeze.set', 'run.parked'])
    // Once, however often processes start.
    expect(await endBreakGlass(config, usual)).toEqual([])
    expect(await types(usual)).toHaveLength(3)
    await usual.close()
  })

  it('is told of it once, also where the process that does so ends in the middle', async () => {
    const config = configIn(tempFolder())
    await (await act(config, ['left'])).close()
    const usual = await usualLog()
    const dying: Store = { ...usual, runs: () => Promise.reject(new Error('the process ends')) }
    await expect(endBreakGlass(config, dying)).rejects.toThrow('the process ends')
    await endBreakGlass(config, usual)
    expect(await types(usual)).toEqual(['run.cancelled', 'freeze.set', 'run.parked'])
    await usual.close()
  })

  it('is not opened while the break-glass bot still runs', async () => {
    const config = configIn(tempFolder())
    const glass = await act(config, ['left'])
    const usual = await usualLog()
    expect(await outcomeOf(endBreakGlass(config, usual))).toBe('store.held')
    expect(await frozenReason(usual)).toBeUndefined()
    await Promise.all([glass.close(), usual.close()])
  })

  it('goes on as if nothing had been where nothing was done', async () => {
    const state = tempFolder()
    const config = configIn(state)
    await (await act(config, [])).close()
    const usual = await usualLog()
    expect(await endBreakGlass(config, usual)).toEqual([])
    expect(await frozenReason(usual)).toBeUndefined()
    const [name = ''] = readdirSync(join(state, 'break-glass'))
    expect(existsSync(join(state, 'break-glass', name, 'journal.db'))).toBe(true)
    expect(readFileSync(join(state, 'break-glass', name, 'ended'), 'utf8')).toBe('nothing was done\n')
    await usual.close()
  })
})
