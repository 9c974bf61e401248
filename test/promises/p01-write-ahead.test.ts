import { DatabaseSync } from 'node:sqlite'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { isFirebreakError } from '../../src/core/errors.ts'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { eventually } from '../support/eventually.ts'
import { killAndRestart, type Remains } from '../support/kill.ts'
import { rita } from '../support/people.ts'
import { points } from '../support/mortal-points.ts'
import { applied, createToy, toyActions, type Toy } from '../support/toy.ts'

// P1: no effect without its intent durable in the log first. If the log cannot be written, nothing is done.

/** Effects in the world that no committed intent announced. */
function unannounced({ facts, effects }: Remains): string[] {
  const left = facts.flatMap((fact) => (fact.type === 'step.intended' ? [fact.data.key] : []))
  return effects.flatMap(({ key }) => {
    const place = left.indexOf(key)
    if (place === -1) return [key]
    left.splice(place, 1)
    return []
  })
}

describe('kill -9 of the bot', () => {
  it.concurrent.each(points)(
    '%s: every effect has its own committed intent, and the run ends',
    async (point) => {
      const { killed, ended } = await killAndRestart(point)
      expect(unannounced(killed)).toEqual([])
      expect(unannounced(ended)).toEqual([])
      expect(ended.run.status).toBe('succeeded')
      // Whatever happened, each lamp was changed exactly once.
      expect(ended.effects.map(({ lamp }) => lamp)).toEqual(['first', 'second'])
      // The restarted bot went on with what was there; nothing that was written is gone.
      expect(ended.facts.slice(0, killed.facts.length)).toEqual(killed.facts)
    },
  )
})

/** A bot whose database can be made full, as by `pragma max_page_count`, and mended again. */
async function botOnSmallDisk(
  concurrency: number,
): Promise<{ bot: Bot; toy: Toy; fill: () => void; free: () => void }> {
  const exec = vi.spyOn(DatabaseSync.prototype, 'exec')
  const toy = createToy(Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`lamp${i}`, 'on'])))
  const bot = await startBot({
    actions: toyActions(toy),
    playbooks: [
      playbook(
        'all',
        {
          off: {
            forEach: '${{ inputs.lamps }}',
            action: 'toy.set',
            with: { lamp: '${{ item }}', value: 'off' },
            concurrency,
          },
        },
        { inputs: { lamps: { type: 'array', items: { type: 'string' }, description: 'Lamps' } } },
      ),
    ],
  })
  const db = exec.mock.contexts.find((value) => value instanceof DatabaseSync)
  if (db === undefined) throw new Error('the store opened no database')
  exec.mockRestore()
  const pages = () => Number(Object.values(db.prepare('pragma page_count').get() ?? {})[0])
  return {
    bot,
    toy,
    fill: () => db.exec(`pragma max_page_count=${pages()}`),
    free: () => db.exec('pragma max_page_count=1000000'),
  }
}

describe('a journal that cannot be written', () => {
  afterEach(() => vi.restoreAllMocks())

  it('has no room for an intent: then there is no effect', async () => {
    const { bot, toy, fill, free } = await botOnSmallDisk(30)
    const lamps = [...toy.lamps.keys()]
    let plans = 0
    toy.plan = () => {
      plans += 1
      // Every lamp was planned once for the plan. Now the effects are at hand.
      if (plans === lamps.length + 1) fill()
    }
    const run = await bot.start('all', { lamps })
    await eventually(() => bot.logged.some((line) => line.includes('store.unavailable')))
    await eventually(() => plans >= lamps.length + 30)
    const announced = (await bot.firebreak.facts(run)).flatMap((fact) =>
      fact.type === 'step.intended' ? [fact.data.change.target.name] : [],
    )
    expect(announced.length).toBeLessThan(30)
    expect(announced).toEqual(expect.arrayContaining(applied(toy)))
    toy.plan = () => undefined
    free()
    expect((await bot.over(run)).state.status).toBe('succeeded')
    expect(applied(toy)).toHaveLength(lamps.length)
    await bot.close()
  })

  it('stops all effects while the disk is full, and goes on when there is room again', async () => {
    const { bot, toy, fill, free } = await botOnSmallDisk(1)
    const lamps = [...toy.lamps.keys()]
    toy.apply = (lamp, value) => {
      toy.lamps.set(lamp, value)
      if (applied(toy).length === 3) fill()
    }
    const run = await bot.start('all', { lamps })
    await eventually(() => bot.logged.some((line) => line.includes('store.unavailable')))
    const intents = (await bot.firebreak.facts(run)).filter(({ type }) => type === 'step.intended').length
    expect(applied(toy).length).toBe(intents)
    expect(applied(toy).length).toBeLessThan(lamps.length)

    // The process lives, says what is wrong to whoever asks for something, and does nothing.
    const refused = await bot.firebreak
      .start({ playbook: 'all', inputs: { lamps: ['x'.repeat(4000)] }, mode: 'run', by: rita })
      .catch((error: unknown) => error)
    expect(isFirebreakError(refused, 'store.unavailable')).toBe(true)
    expect(applied(toy).length).toBe(intents)

    free()
    const { state } = await bot.over(run)
    expect(state.status).toBe('succeeded')
    expect([...toy.lamps.values()]).not.toContain('on')
    expect(new Set(applied(toy)).size).toBe(applied(toy).length)
    expect(await bot.firebreak.audit.verify()).toMatchObject({ ok: true })
    await bot.close()
  })
})
