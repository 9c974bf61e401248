import { describe, expect, it } from 'vitest'
import type { Counted } from '../../../src/core/fact.ts'
import type { Hold, SharedStore } from '../../../src/core/ports.ts'
import { withoutPostgres } from '../../support/postgres.ts'
import { frozen, requested, thawed } from '../contract.ts'
import {
  absent,
  budget,
  effect,
  ended,
  fact,
  held,
  HOUR,
  intended,
  skipped,
  started,
  succeeded,
  written,
  type Place,
} from '../guardrail-facts.ts'
import { closeAfterEach, freshDatabase, openAs } from './stores.ts'

const EARLY = '2020-01-01T00:00:00.000Z'

/** One process that acts, and runs of which it can be seen whether they have been woken. */
class Line {
  readonly #shared: SharedStore
  readonly #n = new Map<string, number>()

  constructor(shared: SharedStore) {
    this.#shared = shared
  }

  static async of(...runs: readonly string[]): Promise<Line> {
    const line = new Line(await openAs('a', await freshDatabase()))
    await line.store.commit({ facts: runs.map((run) => requested(run)) })
    return line
  }

  get store(): SharedStore['store'] {
    return this.#shared.store
  }

  next(run: string, step?: string): Place {
    const n = (this.#n.get(run) ?? 0) + 1
    this.#n.set(run, n)
    return step === undefined ? [run, n] : [run, n, step]
  }

  async act(run: string, step: string, counts: readonly Counted[]): Promise<string> {
    return written(this.store, effect(this.next(run, step), counts))
  }

  async claim(run: string, step: string, target: string): Promise<string> {
    return written(this.store, effect(this.next(run, step), [], { claim: { target, run } }))
  }

  async end(run: string): Promise<void> {
    await this.store.commit({ facts: [ended(this.next(run))], close: run })
  }

  /** All rest, and have heard of everything up to now. */
  async rest(): Promise<void> {
    for (const { run } of await this.store.runs({ open: true, limit: 99 })) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const hold = await this.#take(run)
      // oxlint-disable-next-line no-await-in-loop
      await this.#shared.rota.rest(hold, { n: (this.#n.get(run) ?? 0) + 1 })
    }
    expect(await this.woken()).toEqual([])
  }

  async #take(run: string): Promise<Hold> {
    // The epoch goes up with every taking.
    for (let epoch = 0; epoch < 99; epoch++) {
      // oxlint-disable-next-line no-await-in-loop -- until it fits
      const hold = await this.#shared.rota.take({ run, epoch })
      if (hold !== undefined) return hold
    }
    throw new Error(`${run} could not be taken`)
  }

  /** Of those who rest, the ones that something happened to, but for these. */
  async woken(...but: readonly string[]): Promise<string[]> {
    const unheld = await this.#shared.rota.unheld(EARLY)
    return unheld.map(({ run }) => run).filter((run) => !but.includes(run))
  }
}

describe.skipIf(withoutPostgres())('waking who waits', () => {
  closeAfterEach()
  const one = budget(1)

  it('wakes the first who waits for a target, and nobody else, when its holder has ended', async () => {
    const line = await Line.of('h', 'w1', 'w2', 'o')
    expect(await line.claim('h', 's', 't')).toBe('step.intended')
    expect(await line.claim('w1', 's', 't')).toBe('step.held')
    expect(await line.claim('w2', 's', 't')).toBe('step.held')
    await line.store.commit({ facts: [held(line.next('o', 's'), 'another')] })
    await line.rest()
    await line.end('h')
    expect(await line.woken()).toEqual(['w1'])
    expect(await line.claim('w1', 's', 't')).toBe('step.intended')
    expect(await line.woken('w1')).toEqual([])
    await line.end('w1')
    expect(await line.woken()).toEqual(['w2'])
  })

  it('wakes it also when the claim, the wait, its rest and the end go into one transaction', async () => {
    const { store, rota } = await openAs('a', await freshDatabase())
    await store.commit({ facts: [requested('w'), requested('h')] })
    const hold = await rota.take({ run: 'w', epoch: 0 })
    if (hold === undefined) throw new Error('it could not be taken')
    const claim = (place: Place) =>
      written(store, effect(place, [], { claim: { target: 't', run: place[0] } }))
    const outcomes = await Promise.all([
      claim(['h', 1, 's']),
      claim(['w', 1, 's']),
      rota.rest(hold, { n: 2 }),
      written(store, { facts: [ended(['h', 2])], close: 'h' }),
    ])
    expect(outcomes).toEqual(['step.intended', 'step.held', 'rests', 'run.cancelled'])
    expect((await rota.unheld(EARLY)).map(({ run }) => run)).toEqual(['w'])
    expect(await claim(['w', 2, 's'])).toBe('step.intended')
  })

  it('wakes it also when a place is taken, waited for and left in one transaction', async () => {
    const { store, rota } = await openAs('a', await freshDatabase())
    await store.commit({ facts: [requested('w'), requested('h')] })
    const hold = await rota.take({ run: 'w', epoch: 0 })
    if (hold === undefined) throw new Error('it could not be taken')
    const outcomes = await Promise.all([
      written(store, effect(['h', 1, 's'], [one])),
      written(store, effect(['w', 1, 's'], [one])),
      rota.rest(hold, { n: 2 }),
      written(store, { facts: [succeeded(['h', 2, 's'])] }),
    ])
    expect(outcomes).toEqual(['step.intended', 'step.held', 'rests', 'step.succeeded'])
    expect((await rota.unheld(EARLY)).map(({ run }) => run)).toContain('w')
  })

  it('wakes as many as places have come free, who has waited longest first', async () => {
    const line = await Line.of('h', 'w1', 'w2', 'w3')
    const two = budget(2)
    await line.act('h', 's', [two])
    await line.act('h', 't', [two])
    for (const run of ['w1', 'w2', 'w3']) {
      // oxlint-disable-next-line no-await-in-loop -- in their order
      expect(await line.act(run, 's', [two])).toBe('step.held')
    }
    await line.rest()
    await line.store.commit({
      facts: [succeeded(line.next('h', 's')), absent(line.next('h', 't'))],
    })
    expect(await line.woken('h')).toEqual(['w1', 'w2'])
  })

  it('wakes at the end of a containment, and not when its step has succeeded', async () => {
    const line = await Line.of('h', 'w')
    await line.act('h', 's', [one])
    await line.act('w', 's', [one])
    await line.rest()
    await line.store.commit({
      facts: [succeeded(line.next('h', 's')), started(line.next('h', 's')), ended(line.next('h'))],
      close: 'h',
    })
    expect(await line.woken()).toEqual([])
    await line.store.commit({ facts: [fact(line.next('h', 's'), 'containment.lifted', { undo: 'u' })] })
    expect(await line.woken()).toEqual(['w'])
  })

  it('wakes when the run that has a place is over', async () => {
    const line = await Line.of('h', 'w')
    await line.act('h', 's', [one])
    await line.act('w', 's', [one])
    await line.rest()
    await line.end('h')
    expect(await line.woken()).toEqual(['w'])
  })

  it('leaves who knows when there is room to its time', async () => {
    const line = await Line.of('h', 'w')
    const hourly = budget(1, { windowMs: HOUR })
    await line.act('h', 's', [hourly])
    expect(await line.act('w', 's', [hourly])).toMatch(/^step.held until/)
    await line.rest()
    await line.store.commit({ facts: [succeeded(line.next('h', 's'))] })
    expect(await line.woken('h')).toEqual([])
  })

  it('calls the next when the one that was called goes another way, or waits for something else now', async () => {
    const line = await Line.of('h', 'w1', 'w2', 'w3', 'w4')
    await line.act('h', 's', [one])
    for (const run of ['w1', 'w2', 'w3', 'w4']) {
      // oxlint-disable-next-line no-await-in-loop -- in their order
      await line.act(run, 's', [one])
    }
    await line.rest()
    await line.store.commit({ facts: [succeeded(line.next('h', 's'))] })
    expect(await line.woken('h')).toEqual(['w1'])
    await line.store.commit({ facts: [skipped(line.next('w1', 's'))] })
    expect(await line.woken('h', 'w1')).toEqual(['w2'])
    // Its plan is another one by now, and needs no place of this.
    await line.store.commit({ facts: [intended(line.next('w2', 's'))] })
    expect(await line.woken('h', 'w1', 'w2')).toEqual(['w3'])
    await line.store.commit({ facts: [held(line.next('w3', 's'), 'window/friday')] })
    expect(await line.woken('h', 'w1', 'w2', 'w3')).toEqual(['w4'])
    expect(await line.act('w4', 's', [one])).toBe('step.intended')
  })

  it('calls the next when the run of the one that was called is over', async () => {
    const line = await Line.of('h', 'w1', 'w2')
    await line.claim('h', 's', 't')
    await line.claim('w1', 's', 't')
    await line.claim('w2', 's', 't')
    await line.rest()
    await line.end('h')
    await line.end('w1')
    expect(await line.woken()).toEqual(['w2'])
  })

  it('wakes everybody at a thaw, whatever they wait for', async () => {
    const line = await Line.of('w')
    await line.store.commit({ facts: [held(line.next('w', 's'), 'budget/gpu'), frozen('x')] })
    await line.rest()
    await line.store.commit({ facts: [thawed] })
    expect(await line.woken()).toEqual(['w'])
  })

  it('lets one of two processes that race for the last place have it, and wakes the other', async () => {
    const url = await freshDatabase()
    const [a, b] = [await openAs('a', url), await openAs('b', url)]
    const runs = Array.from({ length: 20 }, (_, i) => `r${i}`)
    await a.store.commit({ facts: runs.map((run) => requested(run)) })
    const five = budget(5)
    const outcomes = await Promise.all(
      runs.map((run, i) => written((i % 2 ? a : b).store, effect([run, 1, 's'], [five]))),
    )
    expect(outcomes.filter((outcome) => outcome === 'step.intended')).toHaveLength(5)
    expect(await a.store.taken([five])).toEqual([5])
    expect(await b.store.waiting('budget/gpu')).toHaveLength(15)
  })
})
