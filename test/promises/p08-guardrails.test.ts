import { afterEach, describe, expect, it } from 'vitest'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { eventually } from '../support/eventually.ts'
import { ann, rita, slack } from '../support/people.ts'
import { clicked, thaw } from '../support/thaw.ts'
import { applied, createToy, toyActions, type Toy } from '../support/toy.ts'

// P8: guardrails hold at the moment of effect, across runs: they are checked in the transaction that commits the intent.

let bot: Bot
afterEach(() => bot.close())

const lamps = { inputs: { lamps: { type: 'array', items: { type: 'string' }, description: 'Lamps' } } }
const all = playbook(
  'all',
  {
    off: {
      forEach: '${{ inputs.lamps }}',
      action: 'toy.set',
      with: { lamp: '${{ item }}', value: 'off' },
      concurrency: 4,
    },
  },
  lamps,
)
const one = playbook(
  'one',
  { off: { action: 'toy.set', with: { lamp: '${{ inputs.lamp }}', value: '${{ inputs.value }}' } } },
  {
    inputs: {
      lamp: { type: 'string', description: 'Lamp' },
      value: { type: 'string', default: 'off', description: 'Text' },
    },
  },
)

async function botWith(toy: Toy, config: object = {}): Promise<Bot> {
  bot = await startBot({ actions: toyActions(toy), playbooks: [all, one], config })
  return bot
}

describe('never-touch', () => {
  it.each([
    [
      'a target of the configuration',
      { guardrails: { neverTouch: [{ kind: 'lamp', name: 'prod/*' }] } },
      'prod/a',
    ],
    ['the system namespace of a cluster, whatever is configured', {}, 'kube-system/dns'],
  ])('%s: the step fails before any intent', async (_, config, lamp) => {
    const toy = createToy({ [lamp]: 'on' })
    await botWith(toy, config)
    const { state } = await bot.over(await bot.start('one', { lamp }))
    expect(state.status).toBe('failed')
    expect(state.problem?.code).toBe('guardrail.never-touch')
    expect(await bot.types(state.id)).not.toContain('step.intended off')
    expect(applied(toy)).toEqual([])
  })
})

describe('a freeze', () => {
  it('in mid-run: not one intent after the freeze fact, what was under way ends, a thaw goes on', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `lamp${i}`)
    const toy = createToy(Object.fromEntries(names.map((name) => [name, 'on'])))
    await botWith(toy)
    let frozen: Promise<void> | undefined
    toy.apply = async (lamp, value) => {
      frozen ??= bot.firebreak.freeze(ann, 'something is wrong')
      await frozen
      toy.lamps.set(lamp, value)
    }
    const run = await bot.start('all', { lamps: names })
    const count = async (type: string) =>
      (await bot.types(run)).filter((name) => name.startsWith(type)).length
    // What was under way ends, the rest waits.
    await eventually(
      async () =>
        (await bot.firebreak.frozen()) !== undefined &&
        (await count('step.succeeded')) === (await count('step.intended')),
    )
    expect(await count('step.intended')).toBeLessThan(12)
    expect((await bot.firebreak.frozen())?.reason).toBe('something is wrong')
    const plans = toy.calls.filter(({ verb }) => verb === 'plan').length
    // Planning goes on: it changes nothing. So the waiting items have been tried.
    await eventually(() => toy.calls.filter(({ verb }) => verb === 'plan').length >= plans)
    const facts = await bot.all()
    const at = facts.findIndex(({ type }) => type === 'freeze.set')
    expect(facts.slice(at).filter(({ type }) => type === 'step.intended')).toEqual([])
    expect((await bot.firebreak.run(run)).state.status).toBe('running')

    // A restart does not lift it, and neither does somebody who may not.
    bot = await bot.restart()
    await thaw(bot.firebreak, 'go')
    const { state } = await bot.over(run)
    expect(state.status).toBe('succeeded')
    expect([...toy.lamps.values()]).not.toContain('on')
    expect(applied(toy)).toHaveLength(12)
  })

  it('stops a new run at its first effect, but not a plan', async () => {
    const toy = createToy({ a: 'on' })
    await botWith(toy)
    await bot.firebreak.freeze(rita, 'hold')
    expect((await bot.plan('one', { lamp: 'a' })).state.status).toBe('planned')
    const run = await bot.start('one', { lamp: 'a' })
    await eventually(async () => (await bot.firebreak.run(run)).state.plan !== undefined)
    await eventually(() => toy.calls.filter(({ verb }) => verb === 'plan').length >= 3)
    expect(applied(toy)).toEqual([])
    await bot.firebreak.cancel(run, rita, 'not needed any more')
    expect((await bot.over(run)).state.status).toBe('cancelled')
    expect(applied(toy)).toEqual([])
  })

  it('is set and lifted only by those who may, and who tried is on record', async () => {
    await botWith(createToy())
    await expect(bot.firebreak.freeze(slack('oli'), 'x')).rejects.toMatchObject({
      code: 'authority.missing-role',
    })
    await bot.firebreak.freeze(rita, 'x')
    await expect(bot.firebreak.thaw(slack('gus', 'guest'), 'x', clicked)).rejects.toMatchObject({
      code: 'authority.bad-standing',
    })
    expect(await bot.firebreak.frozen()).toBeDefined()
    const refused = (await bot.all()).flatMap((fact) =>
      fact.type === 'command.refused' ? [fact.data.command] : [],
    )
    expect(refused).toEqual(['freeze', 'thaw'])
  })
})

describe('one run per target', () => {
  it('a second run for a held target waits before its intent, says for whom, and goes on afterwards', async () => {
    const toy = createToy({ a: 'on' })
    await botWith(toy)
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    toy.apply = async (lamp, value) => {
      await released
      toy.lamps.set(lamp, value)
    }
    toy.deadlineMs = 60_000
    const first = await bot.start('one', { lamp: 'a', value: 'red' })
    await eventually(() => applied(toy).length === 1)
    const second = await bot.start('one', { lamp: 'a', value: 'blue' })
    const held = await eventually(async () => (await bot.firebreak.run(second)).state.steps['off']?.held)
    expect(held).toMatchObject({ by: 'claim', run: first })
    expect(applied(toy)).toHaveLength(1)
    release()
    expect((await bot.over(first)).state.status).toBe('succeeded')
    expect((await bot.over(second)).state.status).toBe('succeeded')
    expect(toy.lamps.get('a')).toBe('blue')
  })

  it('of many runs that begin at once for one target, no two act at the same time', async () => {
    const toy = createToy({ a: 'on' })
    await botWith(toy)
    let acting = 0
    let most = 0
    toy.apply = async (lamp, value) => {
      acting += 1
      most = Math.max(most, acting)
      await new Promise((resolve) => setImmediate(resolve))
      toy.lamps.set(lamp, value)
      acting -= 1
    }
    const runs = await Promise.all(
      Array.from({ length: 20 }, (_, i) => bot.start('one', { lamp: 'a', value: `text ${i}` })),
    )
    const ends = await Promise.all(runs.map((run) => bot.over(run)))
    expect(most).toBe(1)
    const statuses = ends.map(({ state }) => state.status)
    expect(statuses.filter((status) => status === 'succeeded').length).toBeGreaterThanOrEqual(1)
    for (const { state } of ends.filter(({ state }) => state.status === 'failed'))
      expect(['guardrail.claimed', 'step.changed']).toContain(state.problem?.code)
  })
})
