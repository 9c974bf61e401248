import { describe, expect, it } from 'vitest'
import { FirebreakError } from '../../src/core/errors.ts'
import { apply, fold, isOver, runStates, stepStates, type RunState } from '../../src/core/run.ts'
import { playbook, startBot } from '../support/bot.ts'
import { eventually } from '../support/eventually.ts'
import { ann, bob, cleo, rita } from '../support/people.ts'
import { randomFrom } from '../support/random.ts'
import { compare, createToy, toyActions } from '../support/toy.ts'

// Run state is the fold of its facts, and nothing besides: seen over many runs with chance in them.

const approve = { from: 'approver', count: 2, within: '30m' }
const text = playbook(
  'chance',
  {
    look: { action: 'toy.look', with: { lamp: 'a' } },
    one: { action: 'toy.set', with: { lamp: 'a', value: '${{ steps.look.value }}!' }, approve },
    two: {
      action: 'toy.set',
      with: { lamp: 'b', value: 'off' },
      onError: 'continue',
      retry: { attempts: 3, wait: '1s', longest: '1s' },
    },
    all: {
      forEach: '${{ inputs.lamps }}',
      action: 'toy.set',
      with: { lamp: '${{ item }}', value: 'off' },
      after: ['two'],
      concurrency: 3,
      maxFailures: '30%',
    },
    page: { when: 'failed()', action: 'toy.tell', with: { text: 'failed' } },
    mend: { when: 'failed()', action: 'toy.set', with: { lamp: 'b', value: 'mended' } },
  },
  {
    inputs: {
      lamps: {
        type: 'array',
        items: { type: 'string' },
        description: 'Lamps',
        default: ['c', 'd', 'e', 'f'],
      },
    },
  },
)

/** Where a state went although its table has no such way. */
function illegal(before: RunState, after: RunState): string[] {
  const ways: readonly string[] = runStates[before.status]
  const found =
    before.status === after.status || ways.includes(after.status)
      ? []
      : [`${before.status} → ${after.status}`]
  for (const [id, step] of Object.entries(after.steps)) {
    const from = before.steps[id]?.status ?? 'pending'
    const stepWays: readonly string[] = stepStates[from]
    if (from !== step.status && !stepWays.includes(step.status)) found.push(`${id}: ${from} → ${step.status}`)
  }
  return found
}

describe.each(Array.from({ length: 24 }, (_, seed) => seed))('a run with chance in it (%i)', (seed) => {
  it('is always the fold of what was published, by ways that its tables have, and it ends', async () => {
    const random = randomFrom(seed)
    const toy = createToy({ a: 'on', b: 'on', c: 'on', d: 'on', e: 'on', f: 'on' })
    toy.deadlineMs = 60
    const doubtful = new Set<string>()
    toy.apply = async (lamp, value) => {
      const luck = random()
      if (luck > 0.9) doubtful.add(lamp)
      await new Promise((resolve) => setImmediate(resolve))
      if (luck < 0.04) throw new FirebreakError('provider.throttled', 'no', { remedy: 'wait' })
      if (luck < 0.1) throw new FirebreakError('provider.denied', 'no', { remedy: 'ask' })
      if (luck < 0.2) throw new FirebreakError('provider.conflict', 'no', { remedy: 'again' })
      if (luck < 0.25) toy.lamps.set(lamp, 'changed by somebody else')
      else if (luck > 0.3) toy.lamps.set(lamp, value)
    }
    toy.probe = (change) => (doubtful.has(change.target.name) ? 'unknown' : compare(toy, change))
    const bot = await startBot({ actions: toyActions(toy), playbooks: [text] })
    const states = new Map<string, RunState>()
    const wrong: string[] = []
    bot.firebreak.subscribe((facts) => {
      for (const fact of facts) {
        if (fact.run === undefined) continue
        const before = states.get(fact.run)
        const after = apply(before, fact)
        if (after === undefined) continue
        if (before !== undefined) wrong.push(...illegal(before, after))
        if (before !== undefined && isOver(before.status)) wrong.push(`${fact.type} after the end`)
        states.set(fact.run, after)
      }
    })
    const run = await bot.start('chance')
    if (random() < 0.2) await bot.firebreak.cancel(run, rita, 'chance')
    await eventually(async () => {
      const { state, waitingFor } = await bot.firebreak.run(run)
      if (isOver(state.status)) return true
      if (state.status === 'parked') {
        doubtful.clear()
        await bot.firebreak.resume(run, ann, { reason: 'look again' })
      }
      if (waitingFor) {
        const by = [ann, bob, cleo, rita][Math.floor(random() * 4)] ?? ann
        await bot.decide(run, by, random() < 0.05 ? { decision: 'reject' } : {})
      }
      return false
    })
    const facts = await bot.firebreak.facts(run)
    expect(wrong).toEqual([])
    expect(fold(facts)).toEqual((await bot.firebreak.run(run)).state)
    expect(states.get(run)).toEqual((await bot.firebreak.run(run)).state)
    expect(facts.map(({ n }) => n)).toEqual(facts.map((_, i) => i))
    await bot.close()
  })
})
