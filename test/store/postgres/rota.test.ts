import { describe, expect, it } from 'vitest'
import type { Hold, Rota, SharedStore, Unheld } from '../../../src/core/ports.ts'
import { withoutPostgres } from '../../support/postgres.ts'
import { frozen, outcomeOf, requested, thawed } from '../contract.ts'
import { closeAfterEach, freshDatabase, openAs, step, two } from './stores.ts'

const EARLY = '2020-01-01T00:00:00.000Z'
const LATE = '2030-01-01T00:00:00.000Z'

async function held(rota: Rota, run: string): Promise<Hold> {
  const unheld = (await rota.unheld(EARLY)).find((one) => one.run === run)
  const hold = unheld && (await rota.take(unheld))
  if (hold === undefined) throw new Error(`${run} could not be taken`)
  return hold
}

const runsOf = (list: readonly Unheld[]): string[] => list.map(({ run }) => run)

/** Writes a fact of the run as its holder. */
function write({ store }: SharedStore, { run, epoch }: Hold, n: number): Promise<string> {
  return outcomeOf(store.commit({ facts: [step(run, n)], guards: { hold: { run, epoch } } }))
}

/** A run in hand, with one fact. */
async function withRun({ store, rota }: SharedStore, run = 'r'): Promise<Hold> {
  await store.commit({ facts: [requested(run)] })
  return held(rota, run)
}

describe.skipIf(withoutPostgres())('the rota', () => {
  closeAfterEach()

  it('offers a new run, and gives it to one of those who want it', async () => {
    const { a, b } = await two()
    await a.store.commit({ facts: [requested('r')] })
    const [unheld] = await b.rota.unheld(EARLY)
    expect(unheld).toEqual({ run: 'r', epoch: 0 })
    const takes = await Promise.all([a, b].map(({ rota }) => rota.take(unheld ?? { run: '', epoch: -1 })))
    expect(takes.filter((hold) => hold !== undefined)).toEqual([{ run: 'r', epoch: 1, wakes: 0 }])
    expect(await a.rota.unheld(LATE)).toEqual([])
    const [ofA, ofB] = await Promise.all(['a', 'b'].map((executor) => a.rota.heldBy(executor)))
    expect([...(ofA ?? []), ...(ofB ?? [])]).toEqual([{ run: 'r', epoch: 1 }])
  })

  it('fences whoever was taken over: nothing more of theirs is written', async () => {
    const { a, b } = await two()
    const hold = await withRun(a)
    expect(await write(a, hold, 1)).toBe('done')
    const [dead] = await b.rota.heldBy('a')
    const taken = await b.rota.take(dead ?? { run: '', epoch: -1 })
    expect(taken?.epoch).toBe(hold.epoch + 1)
    expect(await write(a, hold, 2)).toBe('store.taken-over')
    expect(await a.rota.rest(hold, { n: 2 })).toBe('lost')
    expect(await write(b, taken ?? hold, 2)).toBe('done')
    expect(await a.store.facts('r')).toHaveLength(3)
  })

  it('lets a run rest until something happens to it', async () => {
    const { a, b } = await two()
    const hold = await withRun(a)
    expect(await a.rota.rest(hold, { n: 1 })).toBe('rests')
    expect(await b.rota.unheld(LATE)).toEqual([])
    expect(await b.rota.heldBy('a')).toEqual([])
    await b.store.commit({ facts: [step('r', 1)] })
    expect(runsOf(await b.rota.unheld(EARLY))).toEqual(['r'])
  })

  it('does not let a run rest that something has happened to since it was looked at', async () => {
    const { a, b } = await two()
    const hold = await withRun(a)
    await b.store.commit({ facts: [step('r', 1)] })
    expect(await a.rota.rest(hold, { n: 1 })).toEqual({ wakes: 0 })
    await b.rota.wake('r')
    expect(await a.rota.rest(hold, { n: 2 })).toEqual({ wakes: 1 })
    expect(runsOf(await b.rota.heldBy('a'))).toEqual(['r'])
    expect(await a.rota.rest({ ...hold, wakes: 1 }, { n: 2 })).toBe('rests')
    expect(await a.rota.rest({ ...hold, wakes: 1 }, { n: 2 })).toBe('lost')
  })

  it('offers a run when its time has come, and not before', async () => {
    const { a } = await two()
    const hold = await withRun(a)
    await a.rota.rest(hold, { n: 1, wakeAt: '2026-05-01T12:00:00.000Z' })
    expect(await a.rota.unheld('2026-05-01T11:59:59.999Z')).toEqual([])
    expect(await a.rota.unheld('2026-05-01T12:00:00.000Z')).toEqual([{ run: 'r', epoch: 1 }])
    const again = await a.rota.take({ run: 'r', epoch: 1 })
    expect(await a.rota.rest(again ?? hold, { n: 1 })).toBe('rests')
    expect(await a.rota.unheld(LATE)).toEqual([])
  })

  it('wakes one run, or every open one, also while others are loaded', async () => {
    const { a, b } = await two()
    const holds = [await withRun(a, 'r'), await withRun(a, 's'), await withRun(a, 't')]
    await a.store.commit({ facts: [step('t', 1)], close: 't' })
    expect(await Promise.all(holds.map((hold) => a.rota.rest(hold, { n: 1 })))).toEqual([
      'rests',
      'rests',
      'lost',
    ])
    await b.rota.wake('s')
    expect(runsOf(await b.rota.unheld(EARLY))).toEqual(['s'])
    await Promise.all([b.rota.wake(), b.store.commit({ facts: [step('s', 1)] })])
    expect(runsOf(await b.rota.unheld(EARLY))).toEqual(['r', 's'])
  })

  it('wakes every open run in the transaction that lifts a freeze', async () => {
    const { a } = await two()
    const hold = await withRun(a)
    await a.store.commit({ facts: [frozen('stop')] })
    await a.rota.rest(hold, { n: 1 })
    await a.store.commit({ facts: [thawed] })
    expect(runsOf(await a.rota.unheld(EARLY))).toEqual(['r'])
  })

  it('keeps runs of a protocol from a program that does not speak it', async () => {
    const url = await freshDatabase()
    const older = await openAs('older', url)
    const newer = await openAs('newer', url, { protocols: [1, 2] })
    await newer.store.commit({ facts: [requested('two')] })
    await older.store.commit({ facts: [requested('one')] })
    expect(runsOf(await older.rota.unheld(EARLY))).toEqual(['one'])
    expect(runsOf(await newer.rota.unheld(EARLY))).toEqual(['one', 'two'])
    expect(await older.rota.take({ run: 'two', epoch: 0 })).toBeUndefined()
    expect(await newer.rota.take({ run: 'two', epoch: 0 })).toEqual({ run: 'two', epoch: 1, wakes: 0 })
  })

  it('is done with a run that is over', async () => {
    const { a } = await two()
    const hold = await withRun(a)
    await a.store.commit({ facts: [step('r', 1)], close: 'r' })
    expect(await a.rota.heldBy('a')).toEqual([])
    expect(await a.rota.take({ run: 'r', epoch: hold.epoch })).toBeUndefined()
    await a.rota.wake()
    expect(await a.rota.unheld(LATE)).toEqual([])
  })
})
