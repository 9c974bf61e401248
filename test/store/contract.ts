import { afterEach, describe, expect, it } from 'vitest'
import { isFirebreakError } from '../../src/core/errors.ts'
import type { Fact, NewFact } from '../../src/core/fact.ts'
import { system } from '../../src/core/person.ts'
import type { Clock, OutboxNotice, Store } from '../../src/core/ports.ts'

/** One member of the family: how to open a store again and again on the same data. */
export type Member = { readonly open: (clock: Clock) => Promise<Store>; readonly remove: () => Promise<void> }

export function requested(run: string, n = 0): NewFact {
  return {
    type: 'run.requested',
    run,
    n,
    actor: system,
    data: {
      mode: 'run',
      playbook: { name: 'p', title: 'P', digest: 'd', text: '' },
      because: 'drill',
      inputs: {},
      config: 'c',
      contracts: {},
    },
  }
}

function cancelled(run: string, n: number, reason = 'x'): NewFact {
  return { type: 'run.cancelled', run, n, actor: system, data: { reason } }
}

export function frozen(reason: string): NewFact {
  return { type: 'freeze.set', actor: system, data: { reason } }
}

const thawed: NewFact = { type: 'freeze.lifted', actor: system, data: { reason: 'over' } }

/** The code of the refusal, or `done`. */
async function outcomeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: unknown) => (isFirebreakError(error) ? error.code : `no code: ${String(error)}`),
  )
}

const notice = (id: string): OutboxNotice => ({
  id,
  run: 'r',
  step: 's',
  channel: 'c',
  text: `text of ${id}`,
})

/** What every store must do (DESIGN section 7). */
export function storeContract(name: string, member: () => Member): void {
  describe(name, () => {
    let now = Date.parse('2026-01-01T00:00:00Z')
    const clock: Clock = { now: () => now }
    let at: Member
    let store: Store

    async function open(): Promise<void> {
      at = member()
      store = await at.open(clock)
    }
    async function reopen(): Promise<void> {
      await store.close()
      store = await at.open(clock)
    }
    afterEach(async () => {
      await store.close()
      await at.remove()
    })

    it('gives each fact its place and time, and gives them back as they were, also after a restart', async () => {
      await open()
      const written = await store.commit({ facts: [requested('r'), frozen('ünïcödé\n"quoted"')] })
      expect(written.map(({ seq, time }) => [seq, time])).toEqual([
        [0, '2026-01-01T00:00:00.000Z'],
        [1, '2026-01-01T00:00:00.000Z'],
      ])
      await reopen()
      expect(store.log({ from: 0, limit: 10 })).toEqual(written)
      expect(store.log({ from: 1, limit: 1 })).toEqual(written.slice(1))
      expect(store.facts('r')).toEqual(written.slice(0, 1))
      expect(store.facts('r', 1)).toEqual([])
      expect([...store.entries()].map(({ seq }) => seq)).toEqual([0, 1])
    })

    it('fences: of two facts for the same place of a run one is written, the other changes nothing', async () => {
      await open()
      await store.commit({ facts: [requested('r')] })
      const outcomes = await Promise.all([
        outcomeOf(store.commit({ facts: [cancelled('r', 1, 'first')] })),
        outcomeOf(store.commit({ facts: [frozen('not this'), cancelled('r', 1, 'second')], close: 'r' })),
      ])
      expect(outcomes).toEqual(['done', 'store.fenced'])
      expect(store.log({ from: 0, limit: 10 }).map(({ type }) => type)).toEqual([
        'run.requested',
        'run.cancelled',
      ])
      expect(store.frozen()).toBeUndefined()
      expect(store.runs({ open: true, limit: 10 })).toHaveLength(1)
      await store.commit({ facts: [cancelled('r', 2)] })
    })

    it('isolates jobs of one group commit: one that is refused does not undo its neighbours, nor leave a gap', async () => {
      await open()
      await store.commit({ facts: [requested('r'), frozen('hold')] })
      const outcomes = await Promise.all([
        outcomeOf(store.commit({ facts: [requested('a')] })),
        outcomeOf(store.commit({ facts: [cancelled('r', 1)], guards: { thawed: true } })),
        outcomeOf(store.commit({ facts: [requested('b')] })),
        outcomeOf(store.commit({ facts: [cancelled('a', 0)] })),
        outcomeOf(store.memo.set('k', 'v')),
        outcomeOf(store.commit({ facts: [requested('c')] })),
      ])
      expect(outcomes).toEqual(['done', 'guardrail.frozen', 'done', 'store.fenced', 'done', 'done'])
      const log = store.log({ from: 0, limit: 100 })
      expect(log.map(({ seq }) => seq)).toEqual(log.map((_, i) => i))
      expect(log.map(({ run }) => run).filter((run) => run !== undefined)).toEqual(['r', 'a', 'b', 'c'])
      expect(store.memo.get('k')).toBe('v')
    })

    it('refuses what cannot be an entry by its own code, and writes the rest', async () => {
      await open()
      const outcomes = await Promise.all([
        outcomeOf(store.commit({ facts: [frozen('x'.repeat(70_000))] })),
        outcomeOf(store.commit({ facts: [requested('a')] })),
      ])
      expect(outcomes).toEqual(['audit.entry-too-large', 'done'])
    })

    it('holds a target for one run until that run ends', async () => {
      await open()
      await store.commit({ facts: [requested('a'), requested('b')] })
      const claim = (run: string, n: number) =>
        outcomeOf(store.commit({ facts: [cancelled(run, n)], guards: { claim: { target: 't', run } } }))
      expect(await Promise.all([claim('a', 1), claim('b', 1), claim('a', 2)])).toEqual([
        'done',
        'guardrail.claimed',
        'done',
      ])
      await reopen()
      expect(await claim('b', 1)).toBe('guardrail.claimed')
      await store.commit({ facts: [cancelled('a', 3)], close: 'a' })
      expect(await claim('b', 1)).toBe('done')
      expect(store.runs({ open: true, limit: 10 }).map(({ run }) => run)).toEqual(['b'])
      expect(store.runs({ limit: 10 }).map(({ run, open: isOpen }) => `${run} ${isOpen}`)).toEqual([
        'b true',
        'a false',
      ])
    })

    it('writes no guarded fact from the freeze on until the thaw, across restarts', async () => {
      await open()
      await store.commit({ facts: [requested('r')] })
      const intent = (n: number) =>
        outcomeOf(store.commit({ facts: [cancelled('r', n)], guards: { thawed: true } }))
      const outcomes = await Promise.all([intent(1), store.commit({ facts: [frozen('one')] }), intent(2)])
      expect([outcomes[0], outcomes[2]]).toEqual(['done', 'guardrail.frozen'])
      await store.commit({ facts: [frozen('two')] })
      await reopen()
      expect(store.frozen()).toEqual({ reason: 'one', since: '2026-01-01T00:00:00.000Z' })
      expect(await intent(2)).toBe('guardrail.frozen')
      await store.commit({ facts: [thawed] })
      expect(store.frozen()).toBeUndefined()
      expect(await intent(2)).toBe('done')
    })

    it('lets a key be used once, each scope for itself, until it expires', async () => {
      await open()
      const use = (scope: string, key: string) =>
        outcomeOf(store.commit({ facts: [], guards: { once: { scope, key, expires: now + 1000 } } }))
      expect(await Promise.all([use('alert', 'k'), use('alert', 'k'), use('nonce', 'k')])).toEqual([
        'done',
        'store.already-seen',
        'done',
      ])
      await reopen()
      expect(await use('alert', 'k')).toBe('store.already-seen')
      now += 1001
      expect(await use('alert', 'k')).toBe('done')
    })

    it('does not spend a key on a commit that was refused for something else', async () => {
      await open()
      await store.commit({ facts: [requested('r'), frozen('hold')] })
      const once = { scope: 'alert', key: 'k', expires: now + 1000 }
      const both = await outcomeOf(store.commit({ facts: [requested('r')], guards: { once } }))
      expect(both).toBe('store.fenced')
      expect(await outcomeOf(store.commit({ facts: [requested('s')], guards: { once } }))).toBe('done')
    })

    it('keeps notices until each is settled, once, with its fact', async () => {
      await open()
      await store.commit({ facts: [requested('r')], outbox: [notice('1'), notice('2')] })
      await reopen()
      expect(store.outbox(10)).toEqual([notice('1'), notice('2')])
      expect(store.outbox(1)).toEqual([notice('1')])
      const fact: NewFact = {
        type: 'notice.delivered',
        actor: system,
        data: { notice: '1', channel: 'c', receipt: 'x' },
      }
      await Promise.all([store.settle('1', fact), store.settle('1', fact), store.settle('none', fact)])
      expect(store.outbox(10)).toEqual([notice('2')])
      expect(store.log({ from: 0, limit: 10 }).map(({ type }) => type)).toEqual([
        'run.requested',
        'notice.delivered',
      ])
    })

    it('never lets the time of the log go back, whatever the clock does, also across a restart', async () => {
      await open()
      const times: string[] = []
      const write = async (run: string) => {
        const [fact] = await store.commit({ facts: [requested(run)] })
        times.push(fact?.time ?? '')
      }
      await write('a')
      now -= 60_000
      await write('b')
      await reopen()
      await write('c')
      expect(times.toSorted((a, b) => a.localeCompare(b))).toEqual(times)
      now += 60_000
    })

    it('writes what was committed before it was closed, and refuses what comes later', async () => {
      await open()
      const early = outcomeOf(store.commit({ facts: [requested('a')] }))
      await store.close()
      expect(await early).toBe('done')
      expect(await outcomeOf(store.commit({ facts: [requested('b')] }))).toBe('store.unavailable')
      store = await at.open(clock)
      expect(store.facts('a')).toHaveLength(1)
    })

    it('signs a checkpoint over everything that was committed', async () => {
      await open()
      await store.commit({ facts: [requested('a'), requested('b')] })
      const late = store.commit({ facts: [requested('c')] })
      expect((await store.checkpoint()).split('\n')[1]).toBe('3')
      await late
    })

    it('hands out facts that nobody can change in it', async () => {
      await open()
      await store.commit({ facts: [requested('a')] })
      const [fact] = store.facts('a') as Fact[]
      Object.assign(fact ?? {}, { type: 'run.succeeded' })
      expect(store.facts('a')[0]?.type).toBe('run.requested')
    })
  })
}
