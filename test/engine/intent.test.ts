import { afterEach, describe, expect, it, vi } from 'vitest'
import { FirebreakError } from '../../src/core/errors.ts'
import type { Fact } from '../../src/core/fact.ts'
import type { Store } from '../../src/core/ports.ts'
import { DRAIN_MS } from '../../src/engine/driver.ts'
import { playbook } from '../support/bot.ts'
import { startEngine, type Engine } from '../support/engine.ts'
import { eventually } from '../support/eventually.ts'
import { applied, createToy, toyActions } from '../support/toy.ts'

// What stands between an intent and its call: a commit that nobody knows the end of, a process that was stopped.

const text = playbook('one', { off: { action: 'toy.set', with: { lamp: 'a', value: 'off' } } })

let engine: Engine | undefined
afterEach(async () => {
  vi.restoreAllMocks()
  await engine?.close()
  engine = undefined
})

const intents = (facts: readonly Fact[]) =>
  facts.flatMap((fact) => (fact.type === 'step.intended' ? [fact.data.attempt] : []))

/** Writes this kind of fact, once, and loses the answer. */
function losing(type: Fact['type'], store: Store): Store {
  let lost = false
  return {
    ...store,
    commit: async (commit) => {
      const written = await store.commit(commit)
      if (lost || !commit.facts.some((fact) => fact.type === type)) return written
      lost = true
      throw new FirebreakError('store.unavailable', 'the answer was lost', { remedy: 'none' })
    },
  }
}

describe('a commit whose answer was lost', () => {
  it('of an intent: what is in the journal is looked at, and no second intent is written over it', async () => {
    const toy = createToy({ a: 'on' })
    toy.deadlineMs = 200
    const at: number[] = []
    toy.apply = (lamp, value) => {
      at.push(performance.now())
      toy.lamps.set(lamp, value)
    }
    engine = startEngine({ actions: toyActions(toy), through: (store) => losing('step.intended', store) })
    const began = performance.now()
    const run = await engine.start(text)
    const state = await engine.over(run)
    expect(state.status).toBe('succeeded')
    const facts = await engine.facts(run)
    expect(intents(facts)).toEqual([1, 2])
    // The first was found absent before the second was written, and only when its call could no longer land.
    const types = facts.map(({ type }) => type)
    expect(types.slice(types.indexOf('step.intended') + 1)[0]).toBe('step.probed')
    expect(applied(toy)).toEqual(['a'])
    expect((at[0] ?? 0) - began).toBeGreaterThanOrEqual(2_000)
  })

  it('is not written over either where the journal shows it only in the very commit of a second one', async () => {
    const toy = createToy({ a: 'on' })
    toy.deadlineMs = 200
    engine = startEngine({
      actions: toyActions(toy),
      through: (store) => {
        let reads = 0
        const stale = losing('step.intended', store)
        return {
          ...stale,
          facts: async (run, from = 0) => {
            reads += from > 0 ? 1 : 0
            // The first time it is read on, nothing of it is seen.
            return from > 0 && reads === 1 ? [] : store.facts(run, from)
          },
        }
      },
    })
    const run = await engine.start(text)
    expect((await engine.over(run)).status).toBe('succeeded')
    const types = (await engine.facts(run)).map(({ type }) => type)
    expect(types[types.indexOf('step.intended') + 1]).toBe('step.probed')
    expect(applied(toy)).toEqual(['a'])
  })

  it.each(['step.applied', 'step.succeeded', 'run.planned', 'run.succeeded'] as const)(
    'of %s: the run goes on from what the journal holds',
    async (type) => {
      const toy = createToy({ a: 'on' })
      toy.deadlineMs = 100
      engine = startEngine({ actions: toyActions(toy), through: (store) => losing(type, store) })
      const run = await engine.start(text)
      expect((await engine.over(run)).status).toBe('succeeded')
      const types = (await engine.facts(run)).map((fact) => fact.type)
      expect(types.filter((name) => name === type)).toHaveLength(1)
      expect(applied(toy)).toEqual(['a'])
    },
  )
})

describe('a process that was stopped between the intent and the call', () => {
  it('does not send under that intent, wherever it stood: it writes a fresh one first', async () => {
    // The clock jumps after as many steps of promises as there may be between the two.
    for (let hops = 0; hops < 24; hops++) {
      const toy = createToy({ a: 'on' })
      const real = performance.now.bind(performance)
      const ended = Promise.withResolvers<void>()
      let ahead = 0
      vi.spyOn(performance, 'now').mockImplementation(() => real() + ahead)
      let intended = Number.NaN
      let late = Number.NaN
      toy.apply = (lamp, value) => {
        late = performance.now() - intended
        toy.lamps.set(lamp, value)
      }
      const jump = async () => {
        for (let i = 0; i < hops; i++) await Promise.resolve()
        ahead = 60_000
      }
      const current = startEngine({
        actions: toyActions(toy),
        published: (facts) => {
          if (facts.some(({ type }) => type.startsWith('run.') && type !== 'run.planned')) ended.resolve()
          if (!facts.some(({ type }) => type === 'step.intended')) return
          intended = performance.now()
          if (ahead === 0) void jump()
        },
      })
      const run = await current.start(text)
      // Not by polling: the clock that a deadline would go by has jumped.
      await ended.promise
      expect((await current.state(run)).status).toBe('succeeded')
      expect(late, `after ${hops} steps`).toBeLessThan(2_000)
      expect(applied(toy)).toEqual(['a'])
      await current.close()
      vi.restoreAllMocks()
    }
  })
})

describe('a process that is asked to end', () => {
  it('while a probe waits leaves its effect as it is: nothing is parked, and the next one asks the world', async () => {
    const toy = createToy({ a: 'on' })
    toy.settleMs = 60_000
    toy.apply = () => undefined
    engine = startEngine({ actions: toyActions(toy) })
    const run = await engine.start(text)
    await eventually(() => toy.calls.filter(({ verb }) => verb === 'probe').length > 1)
    const began = performance.now()
    await engine.stop()
    expect(performance.now() - began).toBeLessThan(2_000)
    const state = await engine.state(run)
    expect(state.status).toBe('running')
    expect(state.steps['off']).toMatchObject({ status: 'applied' })
  })

  it('does not wait for ever: after the drain deadline the effect is in doubt for the next one', async () => {
    const toy = createToy({ a: 'on' })
    toy.deadlineMs = 60_000
    const hung = Promise.withResolvers<void>()
    toy.apply = () => hung.promise
    engine = startEngine({ actions: toyActions(toy) })
    const run = await engine.start(text)
    await eventually(() => applied(toy).length === 1)
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    const stopped = engine.stop()
    await vi.advanceTimersByTimeAsync(DRAIN_MS)
    await stopped
    vi.useRealTimers()
    const state = await engine.state(run)
    expect(state.steps['off']?.status).toBe('intended')
    expect(state.status).toBe('running')
    hung.resolve()
  })

  it('lets a call that is under way end, and writes what came of it', async () => {
    const toy = createToy({ a: 'on' })
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    toy.deadlineMs = 10_000
    toy.apply = async (lamp, value) => {
      await released
      toy.lamps.set(lamp, value)
    }
    engine = startEngine({ actions: toyActions(toy) })
    const run = await engine.start(text)
    await eventually(() => applied(toy).length === 1)
    const stopped = engine.stop()
    release()
    await stopped
    expect((await engine.state(run)).steps['off']?.status).toBe('succeeded')
  })
})
