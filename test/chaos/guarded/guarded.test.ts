import { describe, expect, it } from 'vitest'
import { explore, wander } from './explore.ts'
import type { Without } from './ground.ts'
import { situations } from './situations.ts'

// Runs that share a real journal with its real guards, and people who decide by the real use cases: what two processes, people
// and fate do to each other is chosen step by step, and held against what must never be. Most of it is for the nightly run.

const PATIENCE = { timeout: 120_000 }

describe('an effect has its people, its room and its time, whatever happens in between', () => {
  it.each(Object.entries(situations))('on walks through %s', PATIENCE, async (_, situation) => {
    const { violations, schedules } = await wander({ situation, seed: 20, walks: 25 })
    expect(violations).toEqual([])
    expect(schedules).toBe(25)
  })

  it('on every path that is left once', PATIENCE, async () => {
    const situation = situations['two approvers of one effect']
    const { happened, ...found } = await explore({ situation, deviations: 1, most: 1000 })
    expect(found).toMatchObject({ violations: [], exhausted: true })
    expect(Object.keys(found.ends).toSorted()).toEqual(
      ['cancelled', 'expired', 'failed', 'rejected', 'succeeded'].toSorted(),
    )
    expect(Object.keys(happened)).toEqual(
      expect.arrayContaining([
        'ann signs an approval of run1',
        'ann withdraws from run1',
        'B takes run1 over',
        'cleo approves run1',
      ]),
    )
  })
})

type Taken = readonly [NonNullable<Without>, keyof typeof situations, RegExp]

/** What is found without a guard. */
const without: readonly Taken[] = [
  ['hold', 'two approvers of one effect', /after the end/],
  ['eligible', 'two approvers of one effect', /run1\/a was begun without 2 × approver: bob/],
  ['replan', 'two approvers of one effect', /run1\/a found changed, and not "on"/],
  ['persons', 'two approvers of one effect', /run1\/a was begun without 2 × approver: ann/],
  ['thawed', 'a freeze, and two people who lift it', /was begun during a freeze/],
  ['frozenSince', 'a freeze, and two people who lift it', /a freeze was lifted by nobody alone/],
  ['claim', 'two runs that each want what the other one has', /was begun while run\d had [ab]/],
  ['spend', 'one effect at once', /was begun although run\d\/[abc] had taken all 1/],
  ['spend', 'two effects an hour', /was begun although run\d\/[abc], run\d\/[abc] had taken all 2/],
  ['spend', 'one effect an hour, and more if people agree', /was begun although run1\/a had taken all 1/],
  ['reviewed', 'people who act alone, and those who review it', /while the review of run\d was due/],
  [
    'window',
    'a time in which effects wait, and one in which people are asked',
    /was begun in a time set aside/,
  ],
  ['protected', 'targets that are never touched', /run2\/b touched root/],
]

describe('is broken without a guard: the search can fail', () => {
  it.each(without)('%s, in %s', PATIENCE, async (guard, name, what) => {
    const found = await explore({ situation: situations[name], without: guard, deviations: 1, most: 2000 })
    expect(found.violations.join('\n')).toMatch(what)
  })
})
