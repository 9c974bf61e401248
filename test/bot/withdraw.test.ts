import { setImmediate } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { DecisionOutcome } from '../../src/core/app.ts'
import type { Account } from '../../src/core/person.ts'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { eventually } from '../support/eventually.ts'
import { ann, bob, cleo, keys, rita, slack, ssh } from '../support/people.ts'
import { clicked, thaw } from '../support/thaw.ts'
import { applied, createToy, toyActions, type Toy } from '../support/toy.ts'

// Who has approved takes it back, before the effect: what was decided with that approval is not decided any more.

const approve = { from: 'approver', count: 2, within: '30m' }
const set = (lamp: string, more: object = {}) => ({
  action: 'toy.set',
  with: { lamp, value: 'off' },
  ...more,
})
const texts = [
  playbook('one', { off: set('a', { approve }) }),
  playbook('two', { first: set('a', { approve }), second: set('b', { approve, after: ['first'] }) }),
]

let bot: Bot
let toy: Toy
afterEach(() => bot.close())

async function waiting(name = 'one'): Promise<string> {
  toy = createToy({ a: 'on', b: 'on' })
  bot = await startBot({ actions: toyActions(toy), playbooks: texts })
  const run = await bot.start(name)
  await bot.waiting(run)
  return run
}

function withdraw(run: string, by: Account): Promise<DecisionOutcome> {
  return bot.firebreak.withdraw({ run, by, reason: 'I looked at the wrong key', evidence: clicked })
}

async function requestOf(run: string): Promise<string> {
  return (await bot.firebreak.run(run)).state.approvals[0]?.request ?? ''
}

/** Approved by Ann and Bob, and held back by a freeze. */
async function satisfied(name = 'one'): Promise<string> {
  const run = await waiting(name)
  await bot.firebreak.freeze(cleo, 'wait')
  await bot.decide(run, ann)
  await bot.decide(run, bob)
  await bot.until(run, 'running')
  return run
}

/** Bob's approval is enough, and Ann takes hers back some turns of the loop later. */
async function raced(turns: number): Promise<string> {
  const run = await bot.start('one')
  await bot.waiting(run)
  await bot.decide(run, ann)
  const late = async () => {
    // oxlint-disable-next-line no-await-in-loop -- turn after turn
    for (let turn = 0; turn < turns; turn += 1) await setImmediate()
    return withdraw(run, ann)
  }
  const [outcome] = await Promise.all([late(), bot.decide(run, bob)])
  const types = await eventually(async () => {
    const { waitingFor, state } = await bot.firebreak.run(run)
    return (state.endedAt !== undefined || waitingFor !== undefined) && bot.types(run)
  })
  expect(types.includes('approval.withdrawn')).toBe(outcome.kind === 'done')
  expect(types.includes('step.intended off')).toBe(outcome.kind === 'refused')
  return outcome.kind
}

describe('an approval that is taken back', () => {
  it('while others are missing counts no more, and its person may give it again', async () => {
    const run = await waiting()
    await bot.decide(run, ann)
    expect(await withdraw(run, ann)).toEqual({ kind: 'done', run })
    expect(await bot.decide(run, bob)).toMatchObject({ kind: 'counted', still: ['1 of 2 approvers for off'] })
    expect(applied(toy)).toEqual([])
    await bot.decide(run, ann)
    expect((await bot.over(run)).state.status).toBe('succeeded')
    const said = (await bot.firebreak.facts(run)).find(({ type }) => type === 'approval.withdrawn')
    expect(said).toMatchObject({
      actor: { person: 'ann' },
      data: { person: 'ann', account: ann, evidence: clicked, reason: 'I looked at the wrong key' },
    })
  })

  it('between the last approval and the effect: nothing happens, and people are asked anew', async () => {
    const run = await satisfied()
    const first = await requestOf(run)
    expect(await withdraw(run, ann)).toMatchObject({ kind: 'done' })
    await thaw(bot.firebreak, 'go')
    const { state } = await bot.waiting(run, first)
    expect(state.approvals.map(({ status }) => status)).toEqual(['voided', 'open'])
    expect(state.approvals.at(-1)?.because).toContain('no longer enough eligible approvers')
    expect(applied(toy)).toEqual([])
    await bot.decide(run, bob)
    expect(applied(toy)).toEqual([])
    await bot.decide(run, cleo)
    expect((await bot.over(run)).state.status).toBe('succeeded')
  })

  it('at the very moment of the effect is before it, and nothing happens, or is too late', async () => {
    await waiting()
    const outcomes = new Set<string>()
    // Later and later, until it is too late.
    for (let turns = 0; turns < 300 && !outcomes.has('refused'); turns += 2) {
      toy.lamps.set('a', 'on')
      // oxlint-disable-next-line no-await-in-loop -- one race after the other
      outcomes.add(await raced(turns))
    }
    expect(outcomes).toEqual(new Set(['done', 'refused']))
  })

  it('by whichever account of the person', async () => {
    const run = await waiting()
    await bot.decide(run, ann)
    const { message } = await bot.firebreak.challenge({ kind: 'withdraw', run, reason: 'wrong key' })
    const signature = keys.ann.sign(message)
    expect(await bot.firebreak.signed({ message, signature })).toMatchObject({ kind: 'done' })
    expect((await bot.firebreak.run(run)).state.approvals[0]?.given).toEqual([])
  })

  it('takes nothing from what has begun, and everything from what has not', async () => {
    const run = await waiting('two')
    const acting = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    toy.apply = async (lamp, value) => {
      acting.resolve()
      await go.promise
      toy.lamps.set(lamp, value)
    }
    await bot.decide(run, ann)
    await bot.decide(run, bob)
    await acting.promise
    expect(await withdraw(run, ann)).toMatchObject({ kind: 'done' })
    go.resolve()
    const first = await requestOf(run)
    await bot.waiting(run, first)
    expect(applied(toy)).toEqual(['a'])
    await bot.decide(run, bob)
    await bot.decide(run, cleo)
    expect((await bot.over(run)).state.status).toBe('succeeded')
    expect(applied(toy)).toEqual(['a', 'b'])
  })
})

describe('there is nothing to take back', () => {
  const others: [string, Account, string][] = [
    ['for who has given nothing', bob, 'approval.nothing-to-withdraw'],
    ['for the requester', rita, 'approval.nothing-to-withdraw'],
    ['for a guest', slack('ann', 'guest'), 'authority.bad-standing'],
    ['for an account that is bound to nobody', ssh(keys.mallory), 'authority.unknown-account'],
    ['for a local account', { via: 'os', user: 'ann' }, 'authority.unknown-account'],
  ]
  it.each(others)('%s', async (_, by, code) => {
    const run = await waiting()
    await bot.decide(run, ann)
    expect(await withdraw(run, by)).toMatchObject({ kind: 'refused', code, remedy: expect.any(String) })
    expect((await bot.all()).at(-1)).toMatchObject({
      type: 'command.refused',
      data: { command: `withdraw ${run}`, code },
    })
    expect((await bot.firebreak.run(run)).state.approvals[0]?.given).toHaveLength(1)
  })

  it('twice: the second is told so', async () => {
    const run = await waiting()
    await bot.decide(run, ann)
    const outcomes = await Promise.all([withdraw(run, ann), withdraw(run, ann)])
    expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['done', 'refused'])
  })

  it('once the effect has begun', async () => {
    const run = await waiting()
    const acting = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    toy.apply = async (lamp, value) => {
      acting.resolve()
      await go.promise
      toy.lamps.set(lamp, value)
    }
    await bot.decide(run, ann)
    await bot.decide(run, bob)
    await acting.promise
    expect(await withdraw(run, ann)).toMatchObject({ kind: 'refused', code: 'approval.too-late' })
    go.resolve()
    expect((await bot.over(run)).state.status).toBe('succeeded')
    expect(await withdraw(run, ann)).toMatchObject({ kind: 'refused', code: 'run.over' })
  })

  it('in a run that is not there', async () => {
    await waiting()
    await expect(withdraw('nothing', ann)).rejects.toMatchObject({ code: 'run.unknown' })
  })
})
