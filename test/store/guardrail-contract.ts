import { afterEach, describe, expect, it } from 'vitest'
import type { Counted, NewFact } from '../../src/core/fact.ts'
import { system } from '../../src/core/person.ts'
import type { Clock, Refused, Store } from '../../src/core/ports.ts'
import { frozen, outcomeOf, requested, thawed, type Member } from './contract.ts'
import {
  absent,
  breaker,
  budget,
  effect,
  ended,
  fact,
  failed,
  held,
  HOUR,
  inDoubt,
  intended,
  skipped,
  started,
  succeeded,
  written,
  type Place,
} from './guardrail-facts.ts'

const INTENDED = 'step.intended'
const HELD = 'step.held'

/** What the undo of a run expects of the steps that it puts back. */
function expects(...steps: readonly string[]): object {
  const target = { kind: 'lamp', id: 'a', name: 'a' }
  return Object.fromEntries(steps.map((step) => [step, { target, before: {}, after: {} }]))
}

function undo(of: string, more: object): NewFact {
  const { data, ...rest } = requested(`undo-${of}`)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- TypeScript cannot correlate a tag with its data
  return { ...rest, data: { ...data, undoes: of, ...more } } as NewFact
}

function lifting(of: string, by: 'people' | 'expiry'): NewFact {
  return fact([of, 4, 's'], 'containment.lifting', { undo: `undo-${of}`, as: 'undo_1', by })
}

function askedToThaw(person: string): NewFact {
  const account = { via: 'os', user: person } as const
  const evidence = { kind: 'slack', team: 'T', user: person } as const
  return { type: 'thaw.asked', actor: system, data: { person, account, evidence, reason: 'x' } }
}

/** What every store must do about what guardrails count, and about who waits (P8). */
export function guardrailContract(name: string, member: () => Member): void {
  describe(`guardrails of ${name}`, () => {
    const START = Date.parse('2026-01-01T00:00:00Z')
    let now = START
    const clock: Clock = { now: () => now }
    let at: Member
    let store: Store

    async function open(...runs: readonly string[]): Promise<void> {
      now = START
      at = member()
      store = await at.open(clock)
      await store.commit({ facts: runs.map((run) => requested(run)) })
    }
    async function reopen(): Promise<void> {
      await store.close()
      store = await at.open(clock)
    }
    const act = (place: Place, counts: readonly Counted[]) => written(store, effect(place, counts))
    const spend = ([run, n, step = 's']: Place, counts: readonly Counted[]) =>
      outcomeOf(store.commit({ facts: [intended([run, n, step])], guards: { spend: { run, step, counts } } }))
    const write = (...facts: readonly NewFact[]) => store.commit({ facts })
    const taken = async (count: Counted) => (await store.taken([count]))[0]
    const waiting = async (key?: string) =>
      (await store.waiting(key)).map(({ run, step }) => `${run} ${step}`)
    const claim = ([run, n, step = 's']: Place, target: string) =>
      written(store, effect([run, n, step], [], { claim: { target, run } }))

    afterEach(async () => {
      await store.close()
      await at.remove()
    })

    it('lets one of two that race for the last place have it', async () => {
      await open('a', 'b', 'c')
      const one = budget(2)
      expect(await act(['c', 1], [one])).toBe(INTENDED)
      const outcomes = await Promise.all([spend(['a', 1], [one]), spend(['b', 1], [one])])
      expect(outcomes).toEqual(['done', 'guardrail.over'])
      expect(await store.facts('b')).toHaveLength(1)
      expect(await taken(one)).toBe(2)
      await reopen()
      expect(await spend(['b', 1], [one])).toBe('guardrail.over')
    })

    it('says in words what is full, and of which guardrail', async () => {
      await open('a', 'b')
      const seen: Refused[] = []
      const look = (counts: readonly Counted[]) =>
        outcomeOf(
          store.commit({
            ...effect(['b', 1], counts),
            otherwise: (refused) => void seen.push(refused),
          }),
        )
      await act(['a', 1], [budget(1, { windowMs: HOUR }), { ...budget(1), key: 'budget/all' }, breaker(1)])
      await write(failed(['a', 2, 's']))
      await act(['a', 3, 't'], [{ ...budget(1), key: 'budget/all' }])
      expect(await look([budget(1, { windowMs: HOUR })])).toBe('guardrail.over')
      expect(await look([{ ...budget(1), key: 'budget/all' }])).toBe('guardrail.over')
      expect(await look([breaker(1)])).toBe('guardrail.tripped')
      expect(seen.map(({ error, key, until }) => [error.message, key, until])).toEqual([
        ['budget/gpu has 1 of 1 within 1 h', 'budget/gpu', '2026-01-01T01:00:00.000Z'],
        ['budget/all has 1 of 1 at once', 'budget/all', undefined],
        ['breaker/leaks has 1 of 1 failed runs within 1 h', 'breaker/leaks', undefined],
      ])
    })

    it('checks all counts before any of them, or the target, is taken up', async () => {
      await open('a', 'b', 'c')
      const [full, empty] = [budget(1), { ...budget(1), key: 'budget/other' }]
      await act(['a', 1], [full])
      const claimed = effect(['b', 1], [empty, full], { claim: { target: 't', run: 'b' } })
      expect(await written(store, claimed)).toBe(HELD)
      expect(await taken(empty)).toBe(0)
      expect(await claim(['c', 1], 't')).toBe(INTENDED)
    })

    it('has a place again when a step has settled, whichever way, or a probe has found nothing', async () => {
      await open('a', 'b')
      const one = budget(1)
      const ways = [succeeded, skipped, failed, absent]
      let n = 1
      for (const way of ways) {
        // oxlint-disable no-await-in-loop -- one after the other
        expect(await spend(['a', n, `s${n}`], [one])).toBe('done')
        expect(await spend(['b', 1], [one])).toBe('guardrail.over')
        await write(way(['a', n + 1, `s${n}`]))
        expect(await taken(one)).toBe(0)
        // oxlint-enable no-await-in-loop
        n += 2
      }
      expect(await spend(['b', 1], [one])).toBe('done')
    })

    it('has no place again while it is in doubt what became of a step, until a person says or its run is over', async () => {
      await open('a', 'b')
      const one = budget(2)
      await spend(['a', 1, 's'], [one])
      await spend(['a', 2, 't'], [one])
      await write(inDoubt(['a', 3, 's']), inDoubt(['a', 4, 't']))
      expect(await taken(one)).toBe(2)
      await write(fact(['a', 5], 'run.resumed', { reason: 'seen', answers: { s: 'applied' } }))
      expect(await taken(one)).toBe(1)
      await store.commit({ facts: [ended(['a', 6])], close: 'a' })
      expect(await taken(one)).toBe(0)
    })

    it('has a place again only when a containment has ended, also when its run is long over', async () => {
      await open('a', 'b')
      const one = budget(2)
      await spend(['a', 1, 's'], [one])
      await spend(['a', 2, 't'], [one])
      await write(succeeded(['a', 3, 's']), started(['a', 4, 's']))
      await write(started(['a', 5, 't']), succeeded(['a', 6, 't']))
      await store.commit({ facts: [ended(['a', 7])], close: 'a' })
      await reopen()
      expect(await taken(one)).toBe(2)
      expect(await spend(['b', 1], [one])).toBe('guardrail.over')
      await write(fact(['a', 8, 's'], 'containment.kept', { reason: 'x' }))
      expect(await taken(one)).toBe(1)
      await write(fact(['a', 9, 't'], 'containment.lifted', { undo: 'u' }))
      expect(await taken(one)).toBe(0)
    })

    it('takes up a place again for a containment that begins later than its step has settled', async () => {
      await open('a')
      await spend(['a', 1, 's'], [budget(1)])
      await write(succeeded(['a', 2, 's']))
      await write(started(['a', 3, 's']))
      expect(await taken(budget(1))).toBe(1)
    })

    it('counts what was taken up within a time, and says when there is room again', async () => {
      await open('a', 'b')
      const two = budget(2, { windowMs: HOUR })
      expect(await act(['a', 1, 's'], [two])).toBe(INTENDED)
      now += 600_000
      expect(await act(['a', 2, 't'], [two])).toBe(INTENDED)
      await write(succeeded(['a', 3, 's']), succeeded(['a', 4, 't']))
      expect(await act(['b', 1], [two])).toBe('step.held until 01:00')
      now = START + HOUR - 1
      expect(await spend(['b', 2], [two])).toBe('guardrail.over')
      expect(await taken(two)).toBe(2)
      now = START + HOUR
      expect(await taken(two)).toBe(1)
      expect(await act(['b', 2], [two])).toBe(INTENDED)
    })

    it('tells each of those who wait a time at which there is room for it behind the others', async () => {
      const runs = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
      await open(...runs)
      const two = budget(2, { windowMs: HOUR })
      await act(['a', 1], [two])
      now += 60_000
      await act(['b', 1], [two])
      const told = []
      for (const run of runs.slice(2)) {
        // oxlint-disable-next-line no-await-in-loop -- in their order
        told.push(await act([run, 1], [two]))
      }
      const times = ['01:00', '01:01', '02:00', '02:01', '03:00'].map((time) => `step.held until ${time}`)
      expect(told).toEqual(times)
      // Who asks again keeps its place in the line.
      expect(await act(['e', 2], [two])).toBe(times[2])
      // Who leaves the line makes it shorter for the others.
      await write(skipped(['c', 2, 's']))
      expect(await act(['e', 3], [two])).toBe(times[1])
      expect(await act(['g', 2], [two])).toBe(times[3])
    })

    it('counts a step once however often it is tried, from its last try on', async () => {
      await open('a', 'b')
      const [atOnce, hourly] = [budget(1), budget(1, { key: 'budget/hourly', windowMs: HOUR })]
      const both = [atOnce, hourly]
      await spend(['a', 1], both)
      expect(await spend(['a', 2], both)).toBe('done')
      await write(absent(['a', 3, 's']))
      now += HOUR / 2
      expect(await spend(['a', 4], both)).toBe('done')
      expect(await store.taken(both)).toEqual([1, 1])
      now += HOUR - 1
      expect(await store.taken(both)).toEqual([1, 1])
      now += 1
      expect(await store.taken(both)).toEqual([1, 0])
      // Another has the place meanwhile: a further try takes up a place like any other.
      await write(absent(['a', 5, 's']))
      expect(await spend(['b', 1], both)).toBe('done')
      expect(await spend(['a', 6], both)).toBe('guardrail.over')
    })

    it('takes up a count that people have agreed to go beyond, and does not check it', async () => {
      await open('a', 'b', 'c')
      const one = budget(1)
      await spend(['a', 1], [one])
      expect(await spend(['b', 1], [{ ...one, waived: true }])).toBe('done')
      expect(await taken(one)).toBe(2)
      await write(succeeded(['a', 2, 's']))
      expect(await spend(['c', 1], [one])).toBe('guardrail.over')
    })

    it('names the keys under which anything is taken up, or has been', async () => {
      await open('a')
      const keys = ['budget/gpu/b', 'budget/gpu/a', 'budget/gpü', 'budget/gp_/a', 'breaker/gpu/']
      await spend(
        ['a', 1],
        keys.map((key) => budget(9, { key })),
      )
      await write(succeeded(['a', 2, 's']))
      expect(await store.counted('budget/gpu/')).toEqual(['budget/gpu/a', 'budget/gpu/b'])
      expect(await store.counted('budget/gp_')).toEqual(['budget/gp_/a'])
      expect(await store.counted('window/')).toEqual([])
    })

    it('never has room where the limit is nothing', async () => {
      await open('a')
      expect(await act(['a', 1], [budget(0, { windowMs: HOUR })])).toBe(HELD)
    })

    it('counts runs that failed or whose effects are in doubt, each once, for a time', async () => {
      await open('a', 'b', 'c', 'd')
      const two = breaker(2)
      await spend(['a', 1, 's'], [two])
      await spend(['a', 2, 't'], [two])
      await spend(['b', 1, 's'], [two])
      await write(failed(['a', 3, 's']), failed(['a', 4, 't']))
      expect(await taken(two)).toBe(1)
      expect(await spend(['c', 1], [two])).toBe('done')
      now += HOUR / 2
      await write(inDoubt(['b', 2, 's']))
      expect(await taken(two)).toBe(2)
      expect(await spend(['d', 1], [two])).toBe('guardrail.tripped')
      await reopen()
      expect(await spend(['d', 1], [two])).toBe('guardrail.tripped')
      now += HOUR / 2
      expect(await taken(two)).toBe(1)
      expect(await spend(['d', 1], [two])).toBe('done')
    })

    it('takes a request to undo a run for a failure of it, but not a dry run, and not the end of one containment', async () => {
      await open('a', 'b', 'c', 'd')
      const few = breaker(9)
      for (const run of ['a', 'b', 'c', 'd']) {
        // oxlint-disable no-await-in-loop -- one after the other
        await spend([run, 1, 's'], [few])
        await write(succeeded([run, 2, 's']), started([run, 3, 's']))
        // oxlint-enable no-await-in-loop
      }
      await write(undo('a', { mode: 'dry-run', expects: expects('undo_1', 'undo_2') }))
      await write(lifting('b', 'people'), undo('b', { expects: expects('undo_1') }))
      await write(lifting('c', 'expiry'), undo('c', { expiry: { step: 's' } }))
      expect(await taken(few)).toBe(0)
      await write(lifting('d', 'people'), undo('d', { expects: expects('undo_1', 'undo_2') }))
      expect(await taken(few)).toBe(1)
    })

    it('lets go of rows that are closed and a month old, and of no others', async () => {
      await open('a', 'b', 'c', 'd')
      const all = breaker(9, { windowMs: 365 * 24 * HOUR })
      const one = { ...budget(9), key: all.key }
      await spend(['a', 1], [one])
      await spend(['b', 1], [one])
      await spend(['c', 1], [one])
      await write(succeeded(['a', 2, 's']), succeeded(['b', 2, 's']))
      now += 32 * 24 * HOUR
      // The one that failed lately says something yet.
      await write(failed(['b', 3, 's']))
      await spend(['d', 1], [one])
      const year = { ...one, windowMs: 365 * 24 * HOUR }
      expect(await store.taken([year, one, all])).toEqual([3, 2, 1])
    })

    it('writes another fact in place of what a guard refuses, once each, among neighbours of one group commit', async () => {
      await open('a', 'b', 'c')
      const one = budget(1)
      const outcomes = await Promise.all([
        act(['a', 1], [one]),
        act(['b', 1], [one]),
        outcomeOf(write(succeeded(['c', 1, 's']))),
        outcomeOf(store.commit({ ...effect(['c', 2], [one]), otherwise: () => undefined })),
        outcomeOf(store.commit({ ...effect(['b', 1], [one]) })),
        act(['c', 2], [one]),
        written(store, {
          ...effect(['c', 3], [], { thawed: true, claim: { target: 't', run: 'c' } }),
          outbox: [{ id: 'n', run: 'c', step: 's', channel: 'x', text: 'x' }],
        }),
      ])
      expect(outcomes).toEqual([INTENDED, HELD, 'done', 'guardrail.over', 'store.fenced', HELD, INTENDED])
      const types = async (run: string) => (await store.facts(run)).map(({ type }) => type)
      expect(await types('b')).toEqual(['run.requested', HELD])
      expect(await types('c')).toEqual(['run.requested', 'step.succeeded', HELD, INTENDED])
      const log = await store.log({ from: 0, limit: 99 })
      expect(log.map(({ seq }) => seq)).toEqual(log.map((_, i) => i))
      expect(await taken(one)).toBe(1)
    })

    it('writes nothing else of a commit of which a guard refuses something, and lets the caller decide about each guard', async () => {
      await open('a', 'b')
      await store.commit({
        facts: [frozen('hold')],
        guards: { once: { scope: 'x', key: 'k', expires: now + 1 } },
      })
      const codes: string[] = []
      const otherwise = ({ error }: Refused) => {
        codes.push(error.code)
        return held(['a', codes.length, 's'], 'why')
      }
      const notice = { id: 'n', run: 'a', step: 's', channel: 'x', text: 'x' }
      const refused = { facts: [ended(['a', 1])], outbox: [notice], close: 'a', otherwise }
      await store.commit({ ...refused, guards: { thawed: true } })
      await store.commit({ ...refused, guards: { frozenSince: '2020-01-01T00:00:00.000Z' } })
      await store.commit({ ...refused, guards: { once: { scope: 'x', key: 'k', expires: now + 1 } } })
      expect(codes).toEqual(['guardrail.frozen', 'guardrail.not-frozen', 'store.already-seen'])
      expect((await store.facts('a')).map(({ type }) => type).slice(1)).toEqual([HELD, HELD, HELD])
      expect(await store.outbox(9)).toEqual([])
      expect(await store.runs({ open: true, limit: 9 })).toHaveLength(2)
    })

    it('lists who waits, who has waited longest first, until the step goes on or its run ends', async () => {
      await open('a', 'b', 'c', 'd')
      await write(held(['a', 1, 's'], 'budget/gpu'), held(['b', 1, 's'], 'window/friday'))
      await write(held(['c', 1, 's'], 'budget/gpu'), held(['d', 1, 's'], 'budget/gpu'))
      expect(await waiting()).toEqual(['a s', 'b s', 'c s', 'd s'])
      expect(await waiting('budget/gpu')).toEqual(['a s', 'c s', 'd s'])
      await reopen()
      // The same again keeps its place, something else does not; a try that failed for now is no end of it.
      const problem = { code: 'x', message: 'x', remedy: 'x' }
      await write(held(['a', 2, 's'], 'budget/gpu', { until: '2026-01-01T00:01:00.000Z' }))
      await write(held(['b', 2, 's'], 'budget/gpu'))
      await write(fact(['a', 3, 's'], 'step.retrying', { tries: 1, until: 'later', problem }))
      expect(await waiting('budget/gpu')).toEqual(['a s', 'c s', 'd s', 'b s'])
      expect(await waiting('window/friday')).toEqual([])
      await write(intended(['a', 4, 's']))
      await write(skipped(['c', 2, 's']))
      expect(await waiting()).toEqual(['d s', 'b s'])
      await store.commit({ facts: [ended(['d', 2])], close: 'd' })
      expect(await waiting()).toEqual(['b s'])
    })

    it('refuses the step that closes a circle of two runs, each of which would wait for the other', async () => {
      await open('a', 'b', 'c')
      await claim(['a', 1, 's'], 'one')
      await claim(['b', 1, 's'], 'two')
      expect(await claim(['a', 2, 't'], 'two')).toBe(HELD)
      // One that only waits is no circle.
      expect(await claim(['c', 1, 's'], 'one')).toBe(HELD)
      expect(await outcomeOf(claim(['b', 2, 't'], 'one'))).toBe('guardrail.deadlock')
      expect(await store.facts('b')).toHaveLength(2)
      await store.commit({ facts: [ended(['b', 2])], close: 'b' })
      expect(await claim(['a', 3, 't'], 'two')).toBe(INTENDED)
    })

    it('refuses the step that closes a circle of three, also within one group commit', async () => {
      await open('a', 'b', 'c', 'd')
      const outcomes = await Promise.all([
        claim(['a', 1, 's'], 'one'),
        claim(['b', 1, 's'], 'two'),
        claim(['c', 1, 's'], 'three'),
        claim(['a', 2, 't'], 'two'),
        claim(['b', 2, 't'], 'three'),
        claim(['d', 1, 's'], 'one'),
        outcomeOf(claim(['c', 2, 't'], 'one')),
      ])
      expect(outcomes).toEqual([INTENDED, INTENDED, INTENDED, HELD, HELD, HELD, 'guardrail.deadlock'])
      await reopen()
      expect(await outcomeOf(claim(['c', 2, 't'], 'one'))).toBe('guardrail.deadlock')
      // Whom it waited for goes on in another way: then there is no circle.
      await write(skipped(['b', 3, 't']))
      expect(await claim(['c', 2, 't'], 'one')).toBe(HELD)
    })

    it('keeps who has said that a freeze is to be lifted until it is, or another one is set', async () => {
      await open()
      const asked = async () => (await store.frozen())?.thaw.map(({ person }) => person)
      await write(frozen('one'))
      now += 1000
      await write(askedToThaw('rita'))
      now += 1000
      await write(askedToThaw('ann'), askedToThaw('rita'))
      await reopen()
      expect(await store.frozen()).toEqual({
        reason: 'one',
        since: '2026-01-01T00:00:00.000Z',
        thaw: ['ann', 'rita'].map((person) => ({ person, at: '2026-01-01T00:00:02.000Z' })),
      })
      await write(frozen('two'))
      expect(await asked()).toEqual([])
      await write(askedToThaw('ann'), frozen('three'), askedToThaw('rita'))
      expect(await asked()).toEqual(['rita'])
      await write(thawed)
      await write(frozen('four'))
      expect(await asked()).toEqual([])
    })

    it('lifts the freeze that was meant, and no other', async () => {
      await open()
      const lift = (since: string) =>
        outcomeOf(store.commit({ facts: [thawed], guards: { frozenSince: since } }))
      const first = new Date(now).toISOString()
      expect(await lift(first)).toBe('guardrail.not-frozen')
      await write(frozen('one'))
      expect(await Promise.all([lift(first), lift(first)])).toEqual(['done', 'guardrail.not-frozen'])
      now += 1000
      await write(frozen('two'))
      expect(await lift(first)).toBe('guardrail.not-frozen')
      expect((await store.frozen())?.reason).toBe('two')
      const second = new Date(now).toISOString()
      now += 1000
      await write(frozen('three'))
      expect(await lift(second)).toBe('guardrail.not-frozen')
      expect((await store.frozen())?.reason).toBe('three')
      expect(await lift(new Date(now).toISOString())).toBe('done')
    })

    it('lets nobody act alone while the review of another run is due, however long that run is over', async () => {
      await open('a', 'b')
      const person = {
        person: 'rita',
        account: { via: 'os', user: 'rita' },
        evidence: { kind: 'slack', team: 'T', user: 'U' },
      } as const
      const bypass = (place: Place) =>
        outcomeOf(
          store.commit({
            facts: [
              fact(place, 'approval.bypassed', {
                ...person,
                request: 'r',
                digest: 'd',
                reason: 'the house burns',
                told: [],
              }),
            ],
            guards: { reviewed: { run: place[0] } },
          }),
        )
      expect(await Promise.all([bypass(['a', 1]), bypass(['b', 1]), bypass(['a', 2])])).toEqual([
        'done',
        'guardrail.review-due',
        'done',
      ])
      await store.commit({ facts: [ended(['a', 3])], close: 'a' })
      await reopen()
      expect(await store.reviewsDue()).toEqual(['a'])
      const forget = () =>
        outcomeOf(
          store.forget(
            { seqs: [], runs: [{ run: 'a', n: 4 }] },
            { type: 'audit.forgotten', actor: system, data: { runs: ['a'], entries: 4, before: 'x' } },
          ),
        )
      expect(await forget()).toBe('store.fenced')
      expect(await bypass(['b', 1])).toBe('guardrail.review-due')
      await store.commit({ facts: [fact(['a', 4], 'run.reviewed', { ...person, reason: 'fine' })] })
      expect(await store.reviewsDue()).toEqual([])
      expect(await bypass(['b', 1])).toBe('done')
    })

    it('keeps what is counted when retention deletes the run', async () => {
      await open('a')
      await spend(['a', 1, 's'], [budget(1), breaker(1)])
      await store.commit({
        facts: [failed(['a', 2, 's']), started(['a', 3, 's']), ended(['a', 4])],
        close: 'a',
      })
      await store.forget(
        { seqs: [], runs: [{ run: 'a', n: 5 }] },
        { type: 'audit.forgotten', actor: system, data: { runs: ['a'], entries: 5, before: 'x' } },
      )
      expect(await store.taken([budget(1), breaker(1)])).toEqual([1, 1])
    })

    it('counts by the time of the log, which a small correction of the clock does not turn back', async () => {
      await open('a', 'b')
      const one = budget(1, { windowMs: 30_000 })
      await spend(['a', 1], [one])
      now -= 20_000
      await act(['b', 1], [one])
      now += 20_000 + 29_999
      expect(await spend(['b', 2], [one])).toBe('guardrail.over')
      now += 1
      expect(await spend(['b', 2], [one])).toBe('done')
    })
  })
}
