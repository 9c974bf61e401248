import { afterEach, expect, it } from 'vitest'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { eventually } from '../support/eventually.ts'
import { alertBodies, stormConfig, mostAtOnce, mostWithin, sharedTargets } from '../support/storm.ts'
import { applied, createToy, toyActions } from '../support/toy.ts'

// P8 and P13: whatever storm comes, effects stay within every budget, one run acts on a target at a time, and every alert
// and every effect that waits has its reason.

const ALERTS = 1000
const TARGETS = 200
const PER_WINDOW = 50
const WINDOW_MS = 1000
const AT_ONCE = 8

const off = playbook(
  'lamp-off',
  { off: { action: 'toy.set', with: { lamp: '${{ inputs.thing }}', value: 'off' } } },
  { inputs: { thing: { type: 'string', description: 'A lamp' } } },
)

let bot: Bot
afterEach(() => bot.close())

it(
  'a thousand alerts about two hundred targets: effects within every budget, the rest wait with a reason, nothing is lost',
  { timeout: 60_000 },
  async () => {
    const lamps = Array.from({ length: TARGETS }, (_, i) => `lamp-${i}`)
    const toy = createToy(Object.fromEntries(lamps.map((lamp) => [lamp, 'on'])))
    bot = await startBot({
      actions: toyActions(toy),
      playbooks: [off],
      config: stormConfig('lamp-off', [
        { name: 'second', limit: PER_WINDOW, per: '1s', each: ['route'] },
        { name: 'at-once', providers: ['aws'], limit: AT_ONCE },
      ]),
    })
    const bodies = alertBodies(ALERTS, TARGETS)
    const outcomes = (
      await Promise.all(bodies.map((body) => bot.firebreak.alert('alertmanager', body)))
    ).flat()
    expect(outcomes).toHaveLength(ALERTS)
    expect(outcomes.every(({ decision, reason }) => decision === 'auto' && reason !== '')).toBe(true)
    // Not one of them is open without a reason that a person can look up.
    const open = await eventually(async () => {
      const views = await bot.firebreak.runs({ open: true, limit: ALERTS })
      const waits = views.filter(({ state }) => state.steps['off']?.held !== undefined)
      return waits.length > TARGETS / 2 ? waits : undefined
    })
    expect(open.every(({ state }) => /budget|holds/.test(state.steps['off']?.held?.why ?? ''))).toBe(true)
    await eventually(async () => (await bot.firebreak.runs({ open: true, limit: 1 })).length === 0, {
      ms: 50_000,
    })
    const facts = await bot.all()
    const ends = facts.filter(({ type }) => type === 'run.succeeded')
    expect(ends).toHaveLength(ALERTS)
    expect(applied(toy).toSorted()).toEqual(lamps.toSorted())
    expect(mostWithin(facts, WINDOW_MS)).toBeLessThanOrEqual(PER_WINDOW)
    expect(mostAtOnce(facts)).toBeLessThanOrEqual(AT_ONCE)
    expect(sharedTargets(facts)).toEqual([])
  },
)
