import { afterEach, describe, expect, it } from 'vitest'
import { createKeeper } from '../../src/bot/containments/keeper.ts'
import { createLibrary } from '../../src/bot/library.ts'
import type { BotParts } from '../../src/bot/parts.ts'
import { parseConfig } from '../../src/config/load.ts'
import { isFirebreakError } from '../../src/core/errors.ts'
import type { Fact } from '../../src/core/fact.ts'
import { createNotary } from '../../src/audit/notary.ts'
import { openRun } from '../../src/engine/journal.ts'
import { openKeys } from '../../src/app/log-key.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import {
  held,
  HOUR,
  later,
  MINUTE,
  nudge,
  setFor,
  story,
  whenHeld,
  whenStatus,
} from '../support/containments.ts'
import { copyState } from '../support/copy-state.ts'
import { eventually } from '../support/eventually.ts'
import { ann, rita } from '../support/people.ts'
import { createToy, toyActions, type Toy } from '../support/toy.ts'

// Whoever keeps the time of containments: across restarts, in races, and where several processes do it.

const open: Bot[] = []
afterEach(async () => {
  for (const bot of open.splice(0)) await bot.close()
})

const text = (more: object) => playbook('change', { off: setFor('10m', more) })

async function contained(more: object): Promise<{ bot: Bot; toy: Toy; run: string }> {
  const toy = createToy({ a: 'on' })
  const bot = await startBot({ actions: toyActions(toy), playbooks: [text(more)] })
  open.push(bot)
  const run = await bot.start('change')
  await bot.over(run)
  return { bot, toy, run }
}

async function restarted(bot: Bot, aheadMs: number): Promise<Bot> {
  open.splice(open.indexOf(bot), 1)
  const again = await bot.restart({ aheadMs })
  open.push(again)
  return again
}

async function ended(bot: Bot, run: string): Promise<void> {
  await later(bot, 9 * MINUTE + 1000)
  await whenHeld(bot, run, { is: ({ announced }) => announced !== undefined })
  await later(bot, MINUTE)
}

describe('after a restart', () => {
  it('is found in the journal, and ends by itself at its time', async () => {
    const { bot, toy, run } = await contained({ onExpiry: 'undo' })
    const again = await restarted(bot, 9 * MINUTE + 1000)
    await whenHeld(again, run, { is: ({ announced }) => announced !== undefined })
    await later(again, MINUTE)
    await whenStatus(again, [run], 'lifted')
    expect(toy.lamps.get('a')).toBe('on')
  })

  it('that comes after its end tells people first, and leaves them half the usual time', async () => {
    const { bot, toy, run } = await contained({ onExpiry: 'undo' })
    const again = await restarted(bot, HOUR)
    const { until } = await whenHeld(again, run, { is: ({ announced }) => announced !== undefined })
    expect(Date.parse(until) - Date.now() - HOUR).toBeGreaterThan(25_000)
    await nudge(again)
    expect(await story(again, run)).toEqual(['started', 'announced'])
    await again.firebreak.renew({ run, step: 'off', by: rita, reason: 'wait' })
    await later(again, MINUTE)
    expect(held(await again.firebreak.run(run)).status).toBe('active')
    expect(toy.lamps.get('a')).toBe('off')
  })

  it('that comes after its end asks at once where people are to be asked', async () => {
    const { bot, run } = await contained({})
    const again = await restarted(bot, HOUR)
    await whenHeld(again, run, { is: (now) => now.asked !== undefined })
    expect(await story(again, run)).toEqual(['started', 'expired', 'asked'])
  })

  it('goes on with what people had begun', async () => {
    const { bot, toy, run } = await contained({})
    const { state } = await bot.firebreak.lift({ run, step: 'off', by: rita, reason: 'now' })
    await bot.waiting(state.id)
    const again = await restarted(bot, MINUTE)
    await again.waiting(state.id)
    await again.decide(state.id, ann)
    await whenStatus(again, [run], 'lifted')
    expect(toy.lamps.get('a')).toBe('on')
  })

  it('that comes right after any of its facts leads to the same end, with one effect', async () => {
    const { bot, toy, run } = await contained({ onExpiry: 'undo' })
    const ahead = 10 * MINUTE + 1000
    const copies: { readonly state: string; readonly lamp: string; readonly after: string }[] = []
    bot.firebreak.subscribe((facts) => {
      const about = facts.findLast(({ type }) => type.startsWith('containment.') || type.startsWith('step.'))
      if (about === undefined) return
      copies.push({ state: copyState(bot.state), lamp: toy.lamps.get('a') ?? '', after: about.type })
    })
    await ended(bot, run)
    await whenStatus(bot, [run], 'lifted')
    expect(copies.map(({ after }) => after)).toEqual([
      'containment.announced',
      'containment.lifting',
      'step.intended',
      'step.applied',
      'step.succeeded',
      'containment.lifted',
    ])
    for (const { state, lamp, after } of copies) {
      const world = createToy({ a: lamp })
      world.deadlineMs = 50
      const again = await startBot({
        actions: toyActions(world),
        playbooks: [text({ onExpiry: 'undo' })],
        state,
        aheadMs: ahead,
      })
      open.push(again)
      await whenStatus(again, [run], 'lifted')
      expect([after, world.lamps.get('a')]).toEqual([after, 'on'])
      const all = await again.all()
      expect(all.filter(({ type }) => type === 'containment.lifting')).toHaveLength(1)
      expect(all.filter((fact) => fact.type === 'run.requested' && fact.data.undoes === run)).toHaveLength(1)
    }
  })
})

describe('a race', () => {
  it('of a renewal and the end has one winner, and the other sees it', async () => {
    for (let i = 0; i < 6; i += 1) {
      const { bot, toy, run } = await contained({ onExpiry: 'undo' })
      await later(bot, 9 * MINUTE + 1000)
      await whenHeld(bot, run, { is: ({ announced }) => announced !== undefined })
      bot.forward(MINUTE)
      const ends = nudge(bot)
      for (let turns = 0; turns < i; turns += 1) await new Promise(setImmediate)
      const outcome = await bot.firebreak.renew({ run, step: 'off', by: rita, reason: 'wait' }).then(
        () => 'renewed',
        (error: unknown) => (error as { code: string }).code,
      )
      await ends
      if (outcome === 'renewed') {
        await nudge(bot)
        expect(held(await bot.firebreak.run(run)).status).toBe('active')
        expect(await story(bot, run)).not.toContain('lifting')
        expect(toy.lamps.get('a')).toBe('off')
      } else {
        expect(outcome).toMatch(/^containment\.(being-lifted|not-live)$/)
        await whenStatus(bot, [run], 'lifted')
        expect(await story(bot, run)).not.toContain('renewed')
      }
    }
  })

  it('of two processes at its end is won by one: one undo begins, and nothing is written twice', async () => {
    const { bot, run, toy } = await contained({ onExpiry: 'undo' })
    await bot.close()
    open.length = 0
    const begun: string[] = []
    const file = `${bot.state}/firebreak.yaml`
    const config = parseConfig('people: []', file, {})
    let now = Date.now() + 9 * MINUTE + 1000
    const clock = { now: () => now }
    const journal = openSqlite({
      folder: bot.state,
      notary: createNotary(openKeys(config, bot.state).key),
      clock,
    })
    let lost = 0
    const store: typeof journal = {
      ...journal,
      commit: (commit) =>
        journal.commit(commit).catch((error: unknown) => {
          if (isFirebreakError(error, 'store.fenced')) lost += 1
          throw error
        }),
    }
    const keepers: ReturnType<typeof createKeeper>[] = []
    const published = (facts: readonly Fact[]) => {
      for (const keeper of keepers) keeper.hear(facts)
    }
    const actions = toyActions(toy)
    const library = createLibrary(actions)
    const driver = {
      peek: () => undefined,
      wake: () => undefined,
      take: (id: string) => void begun.push(id),
      journal: (id: string) => openRun({ store, published }, id),
    }
    const faults: object[] = []
    const log = { error: (data: object) => void faults.push(data), info: () => undefined }
    const parts = { config, actions, clock, store, library, driver, published, log } as unknown as BotParts
    keepers.push(createKeeper(parts), createKeeper(parts))
    const types = async () =>
      (await store.facts(run)).flatMap(({ type }) => (type.startsWith('containment') ? [type] : []))
    for (const keeper of keepers) keeper.start()
    await eventually(async () => (await types()).includes('containment.announced'))
    now += MINUTE
    published([])
    await eventually(async () => (await types()).includes('containment.lifting'))
    for (const keeper of keepers) await keeper.stop()
    expect(faults).toEqual([])
    expect(lost).toBeGreaterThan(0)
    expect(begun).toHaveLength(1)
    expect(await types()).toEqual([
      'containment.started',
      'containment.announced',
      'containment.expired',
      'containment.lifting',
    ])
    await store.close()
  })
})
