import { describe, expect, it } from 'vitest'
import { FirebreakError } from '../../src/core/errors.ts'
import type { Verdict } from '../../src/core/change.ts'
import { fold } from '../../src/core/run.ts'
import { playbook, startBot, type Bot } from '../support/bot.ts'
import { copyState } from '../support/copy-state.ts'
import { eventually } from '../support/eventually.ts'
import { killAndRestart } from '../support/kill.ts'
import { ann, rita } from '../support/people.ts'
import { applied, createToy, toyActions, type Toy } from '../support/toy.ts'
import { thaw } from '../support/thaw.ts'

// P5: an in-doubt step is probed, never repeated. What cannot be probed goes to a human.

/** START_LIMIT_MS + the deadline and settle time of the mortal bot's action. */
const BELIEVED_MS = 2000 + 300 + 100

describe('kill -9 between intent and outcome', () => {
  it.concurrent('finds an effect that had happened, and does not repeat it', async () => {
    const { killed, ended } = await killAndRestart('after-effect')
    expect(killed.run.steps['second']?.status).toBe('intended')
    expect(ended.effects.filter(({ lamp }) => lamp === 'second')).toHaveLength(1)
    const after = ended.facts.slice(killed.facts.length).filter(({ step }) => step === 'second')
    expect(after.map(({ type }) => type)).toEqual(['step.probed', 'step.succeeded'])
    expect(after[0]?.data).toEqual({ verdict: 'applied', inDoubt: true })
  })

  it.concurrent('repeats one that had not, once, and only when the call could no longer land', async () => {
    const { killed, ended } = await killAndRestart('after-intent')
    const intent = killed.run.steps['second']?.intent
    const effects = ended.effects.filter(({ lamp }) => lamp === 'second')
    expect(effects).toHaveLength(1)
    expect((effects[0]?.at ?? 0) - Date.parse(intent?.at ?? '')).toBeGreaterThanOrEqual(BELIEVED_MS)
    const intents = ended.facts.flatMap((fact) =>
      fact.type === 'step.intended' && fact.step === 'second' ? [fact.data] : [],
    )
    expect(intents.map(({ attempt }) => attempt)).toEqual([1, 2])
    // One key for every attempt: where the provider honours it, even a late landing could not act twice.
    expect(new Set(intents.map(({ key }) => key)).size).toBe(1)
  })
})

const off = (lamp: string) => ({ action: 'toy.set', with: { lamp, value: 'off' } })

/** A toy whose effects take longer than any test. */
function slowToy(): Toy {
  const toy = createToy({ a: 'on', b: 'on' })
  toy.deadlineMs = 120_000
  return toy
}

type Crash = {
  /** What happens before it. */
  readonly before?: (bot: Bot, run: string) => Promise<unknown>
  /** What its effects do; without, they never end. */
  readonly apply?: Toy['apply']
}

/** A bot with an effect under way, and what disk holds at that moment: as after a crash. */
async function crash(
  text: string,
  toy: Toy,
  { before, apply = () => new Promise(() => undefined) }: Crash = {},
): Promise<{ run: string; restart: () => Promise<Bot> }> {
  const options = { actions: toyActions(toy), playbooks: [text] }
  toy.apply = apply
  const bot = await startBot(options)
  const run = await bot.start('crash')
  await eventually(() => applied(toy).length > 0)
  await before?.(bot, run)
  const state = copyState(bot.state)
  toy.calls.length = 0
  toy.apply = (lamp, value) => void toy.lamps.set(lamp, value)
  // How long a probe that cannot answer is asked again.
  toy.deadlineMs = 200
  // Its clock stands after the time in which the call could still land.
  return {
    run,
    restart: () => startBot({ ...options, actions: toyActions(toy), state, aheadMs: 10 * 60_000 }),
  }
}

describe('a bot that comes back to an intent without an outcome', () => {
  it.each(['changed', 'unknown'] as const)(
    'parks the run with the reason when the probe says %s, and cancel ends it',
    async (verdict: Verdict) => {
      const toy = slowToy()
      const { run, restart } = await crash(playbook('crash', { off: off('a') }), toy)
      toy.probe = () => verdict
      const bot = await restart()
      const { state } = await bot.until(run, 'parked')
      expect(state.steps['off']).toMatchObject({ status: 'in-doubt', problem: { code: 'step.in-doubt' } })
      expect(state.problem?.message).toMatch(
        verdict === 'changed' ? /changed by somebody else/ : /could not tell/,
      )
      // Neither waking nor another restart makes it act.
      const again = await bot.restart({ aheadMs: 20 * 60_000 })
      await again.firebreak.freeze(ann, 'wake')
      await thaw(again.firebreak, 'wake')
      await again.firebreak.cancel(run, rita, 'looked at it')
      expect((await again.over(run)).state.status).toBe('cancelled')
      expect(applied(toy)).toEqual([])
      await again.close()
    },
  )

  it('parks the run when the probe itself fails until the end', async () => {
    const toy = slowToy()
    const { run, restart } = await crash(playbook('crash', { off: off('a') }), toy)
    toy.probe = () => {
      throw new Error('no answer')
    }
    const bot = await restart()
    await bot.until(run, 'parked')
    expect(applied(toy)).toEqual([])
    await bot.close()
  })

  it('asks a probe that cannot answer yet again, before it asks a person', async () => {
    const toy = slowToy()
    const { run, restart } = await crash(playbook('crash', { off: off('a') }), toy)
    toy.deadlineMs = 5_000
    let left = 3
    toy.probe = () => {
      left -= 1
      if (left === 2) throw new Error('the network is not there yet')
      return left >= 0 ? 'unknown' : 'applied'
    }
    const bot = await restart()
    const { state } = await bot.over(run)
    expect(state.status).toBe('succeeded')
    expect(await bot.types(run)).not.toContain('run.parked')
    expect(applied(toy)).toEqual([])
    await bot.close()
  })

  it('goes on when a person has looked, and says what they saw', async () => {
    const toy = slowToy()
    const { run, restart } = await crash(playbook('crash', { off: off('a') }), toy)
    toy.probe = () => 'unknown'
    const bot = await restart()
    await bot.until(run, 'parked')
    await bot.firebreak.resume(run, ann, { reason: 'I see it off', answers: { off: 'applied' } })
    const { state } = await bot.over(run)
    expect(state).toMatchObject({
      status: 'succeeded',
      steps: { off: { status: 'succeeded', answered: { as: 'applied', by: { person: 'ann' } } } },
    })
    expect(applied(toy)).toEqual([])
    await bot.close()
  })

  const beside = playbook('crash', {
    off: off('a'),
    bad: { action: 'toy.set', with: { lamp: 'b', value: 'off' } },
  })

  it.each(['applied', 'absent'] as const)(
    'although its run has failed meanwhile: %s is written, and nothing is done again',
    async (verdict) => {
      const toy = slowToy()
      const { run, restart } = await crash(beside, toy, {
        before: async (bot, id) => {
          // The second step fails while the first is under way.
          await eventually(() => applied(toy).includes('b'))
          await eventually(
            async () => (await bot.firebreak.run(id)).state.steps['off']?.status === 'intended',
          )
          await bot.firebreak.cancel(id, rita, 'stop')
        },
      })
      toy.probe = () => verdict
      const bot = await restart()
      const { state } = await bot.over(run)
      expect(state.status).toBe('cancelled')
      for (const step of ['off', 'bad'])
        expect(state.steps[step]?.status).toBe(verdict === 'applied' ? 'succeeded' : 'failed')
      expect(applied(toy)).toEqual([])
      expect(toy.calls.filter(({ verb }) => verb === 'probe').length).toBeGreaterThanOrEqual(2)
      await bot.close()
    },
  )

  it('among the items of a step, of which too many have failed', async () => {
    const toy = slowToy()
    const text = playbook(
      'crash',
      {
        all: {
          forEach: '${{ inputs.lamps }}',
          action: 'toy.set',
          with: { lamp: '${{ item }}', value: 'off' },
          concurrency: 2,
        },
      },
      {
        inputs: {
          lamps: { type: 'array', items: { type: 'string' }, default: ['a', 'b', 'c'], description: 'Lamps' },
        },
      },
    )
    toy.lamps.set('c', 'on')
    const { run, restart } = await crash(text, toy, {
      before: (bot, id) =>
        eventually(async () => (await bot.firebreak.run(id)).state.steps['all[0]']?.status === 'failed'),
      apply: (lamp) => {
        if (lamp === 'a') throw new FirebreakError('provider.denied', 'not allowed', { remedy: 'Ask.' })
        return new Promise(() => undefined)
      },
    })
    toy.probe = () => 'applied'
    const bot = await restart()
    const { state } = await bot.over(run)
    expect(state.problem?.code).toBe('run.too-many-failures')
    expect(state.steps['all[1]']?.status).toBe('succeeded')
    expect(state.steps['all[2]']).toBeUndefined()
    await bot.close()
  })

  it('is the fold of its facts, before the crash as after it', async () => {
    const toy = slowToy()
    const { run, restart } = await crash(playbook('crash', { off: off('a') }), toy)
    const bot = await restart()
    const { state } = await bot.over(run)
    expect(fold(await bot.firebreak.facts(run))).toEqual(state)
    expect(state.status).toBe('succeeded')
    expect(applied(toy)).toEqual(['a'])
    await bot.close()
  })
})
