import { afterEach, describe, expect, it } from 'vitest'
import { isFirebreakError } from '../../src/core/errors.ts'
import type { FactData, FactType, NewFact } from '../../src/core/fact.ts'
import { system } from '../../src/core/person.ts'
import type { Clock, OutboxNotice, Store, StoredEntry } from '../../src/core/ports.ts'

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

function forgotten(run: string, entries: number): NewFact {
  const data = { runs: [run], entries, before: '2026-01-01T00:00:00.000Z' }
  return { type: 'audit.forgotten', actor: system, data }
}

export const thawed: NewFact = { type: 'freeze.lifted', actor: system, data: { reason: 'over' } }

/** The code of the refusal, or `done`. */
export async function outcomeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: unknown) => (isFirebreakError(error) ? error.code : `no code: ${String(error)}`),
  )
}

/** A fact about the containment of a step. */
function contained<T extends `containment.${string}` & FactType>(
  [run, n, step]: readonly [string, number, string],
  type: T,
  data: FactData<T>,
): NewFact {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- TypeScript cannot correlate a generic tag with its data
  return { type, run, n, step, actor: system, data } as NewFact
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
    async function seqs(from?: number): Promise<number[]> {
      const all: number[] = []
      for await (const page of store.entries(from)) all.push(...page.map(({ seq }) => seq))
      return all
    }
    async function entries(): Promise<StoredEntry[]> {
      const all: StoredEntry[] = []
      for await (const page of store.entries()) all.push(...page)
      return all
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
      expect(await store.log({ from: 0, limit: 10 })).toEqual(written)
      expect(await store.log({ from: 1, limit: 1 })).toEqual(written.slice(1))
      expect(await store.facts('r')).toEqual(written.slice(0, 1))
      expect(await store.facts('r', 1)).toEqual([])
      expect(await seqs()).toEqual([0, 1])
      expect(await seqs(1)).toEqual([1])
      expect(await seqs(2)).toEqual([])
    })

    it('fences: of two facts for the same place of a run one is written, the other changes nothing', async () => {
      await open()
      await store.commit({ facts: [requested('r')] })
      const outcomes = await Promise.all([
        outcomeOf(store.commit({ facts: [cancelled('r', 1, 'first')] })),
        outcomeOf(store.commit({ facts: [frozen('not this'), cancelled('r', 1, 'second')], close: 'r' })),
      ])
      expect(outcomes).toEqual(['done', 'store.fenced'])
      expect((await store.log({ from: 0, limit: 10 })).map(({ type }) => type)).toEqual([
        'run.requested',
        'run.cancelled',
      ])
      expect(await store.frozen()).toBeUndefined()
      expect(await store.runs({ open: true, limit: 10 })).toHaveLength(1)
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
      const log = await store.log({ from: 0, limit: 100 })
      expect(log.map(({ seq }) => seq)).toEqual(log.map((_, i) => i))
      expect(log.map(({ run }) => run).filter((run) => run !== undefined)).toEqual(['r', 'a', 'b', 'c'])
      expect(await store.memo.get('k')).toBe('v')
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
      expect((await store.runs({ open: true, limit: 10 })).map(({ run }) => run)).toEqual(['b'])
      expect((await store.runs({ limit: 10 })).map(({ run, open: isOpen }) => `${run} ${isOpen}`)).toEqual([
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
      expect(await store.frozen()).toEqual({
        reason: 'two',
        since: '2026-01-01T00:00:00.000Z',
        thaw: [],
      })
      expect(await intent(2)).toBe('guardrail.frozen')
      await store.commit({ facts: [thawed] })
      expect(await store.frozen()).toBeUndefined()
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

    it('lists live containments, the most urgent first, each with when it must be looked at, until it ends', async () => {
      await open()
      const started = { until: '2026-01-01T10:00:00.000Z', ttlMs: 36_000_000, onExpiry: 'undo' } as const
      const short = { ...started, until: '2026-01-01T00:10:00.000Z', ttlMs: 600_000 }
      await store.commit({
        facts: [
          requested('a'),
          contained(['a', 1, 's[0]'], 'containment.started', started),
          contained(['a', 2, 's[1]'], 'containment.started', short),
        ],
      })
      // A tenth of its time before the end, at most an hour; also when its run has ended.
      await store.commit({ facts: [cancelled('a', 3)], close: 'a' })
      await reopen()
      expect(await store.containments()).toEqual([
        { run: 'a', step: 's[1]', due: '2026-01-01T00:09:00.000Z' },
        { run: 'a', step: 's[0]', due: '2026-01-01T09:00:00.000Z' },
      ])
      now += 1000
      await store.commit({
        facts: [
          contained(['a', 4, 's[1]'], 'containment.expired', {}),
          contained(['a', 5, 's[0]'], 'containment.announced', { until: started.until }),
        ],
      })
      expect((await store.containments()).map(({ step, due }) => [step, due])).toEqual([
        ['s[1]', new Date(now).toISOString()],
        ['s[0]', started.until],
      ])
      // A commit that is refused leaves the rows as they were.
      const late = contained(['a', 5, 's[1]'], 'containment.kept', { reason: 'x' })
      expect(await outcomeOf(store.commit({ facts: [late] }))).toBe('store.fenced')
      await store.commit({
        facts: [
          contained(['a', 6, 's[1]'], 'containment.kept', { reason: 'x' }),
          contained(['a', 7, 's[0]'], 'containment.lifted', { undo: 'b' }),
        ],
      })
      expect(await store.containments()).toEqual([])
      now -= 1000
    })

    it('keeps notices until each is settled, once, with its fact', async () => {
      await open()
      await store.commit({ facts: [requested('r')], outbox: [notice('1'), notice('2')] })
      await reopen()
      expect(await store.outbox(10)).toEqual([notice('1'), notice('2')])
      expect(await store.outbox(1)).toEqual([notice('1')])
      const fact: NewFact = {
        type: 'notice.delivered',
        actor: system,
        data: { notice: '1', channel: 'c', receipt: 'x' },
      }
      await Promise.all([store.settle('1', fact), store.settle('1', fact), store.settle('none', fact)])
      expect(await store.outbox(10)).toEqual([notice('2')])
      expect((await store.log({ from: 0, limit: 10 })).map(({ type }) => type)).toEqual([
        'run.requested',
        'notice.delivered',
      ])
    })

    it('does not let the time of the log go back with a clock that is corrected a little, also across a restart', async () => {
      await open()
      const times: string[] = []
      const write = async (run: string) => {
        const [fact] = await store.commit({ facts: [requested(run)] })
        times.push(fact?.time ?? '')
      }
      await write('a')
      now -= 59_000
      await write('b')
      await reopen()
      await write('c')
      expect(times.toSorted((a, b) => a.localeCompare(b))).toEqual(times)
      now -= 60_000
      await write('d')
      expect(times[3]).toBe(new Date(now).toISOString())
      now += 119_000
    })

    it('writes what was committed before it was closed, and refuses what comes later', async () => {
      await open()
      const early = outcomeOf(store.commit({ facts: [requested('a')] }))
      await store.close()
      expect(await early).toBe('done')
      expect(await outcomeOf(store.commit({ facts: [requested('b')] }))).toBe('store.unavailable')
      store = await at.open(clock)
      expect(await store.facts('a')).toHaveLength(1)
    })

    it('signs a checkpoint over everything that was committed', async () => {
      await open()
      await store.commit({ facts: [requested('a'), requested('b')] })
      const late = store.commit({ facts: [requested('c')] })
      expect((await store.checkpoint()).split('\n')[1]).toBe('3')
      await late
    })

    it('forgets bodies for ever with the fact that says so; leaves, hashes and the tree stay', async () => {
      await open()
      await store.commit({ facts: [requested('old'), frozen('alone'), requested('new')] })
      await store.commit({ facts: [cancelled('old', 1)], close: 'old' })
      const before = await store.checkpoint()
      const leaves = await entries()
      const what = { seqs: [1, 2], runs: [{ run: 'old', n: 2 }] }
      expect(await store.forget(what, forgotten('old', 3))).toMatchObject([
        { seq: 4, type: 'audit.forgotten' },
      ])
      await reopen()
      const after = await entries()
      expect(after.map(({ leaf, hash }) => ({ leaf, hash })).slice(0, 4)).toEqual(
        leaves.map(({ leaf, hash }) => ({ leaf, hash })),
      )
      // The body of entry 2 is part of a run that was not named, and stays.
      expect(after.map(({ salt, data }) => [salt === null, data === null])).toEqual([
        [true, true],
        [true, true],
        [false, false],
        [true, true],
        [false, false],
      ])
      expect((await store.log({ from: 0, limit: 1 })).map(({ seq }) => seq)).toEqual([2])
      expect((await store.log({ from: 3, limit: 9 })).map(({ seq }) => seq)).toEqual([4])
      expect(await store.facts('old')).toEqual([])
      expect((await store.runs({ limit: 9 })).map(({ run }) => run)).toEqual(['new'])
      expect([
        await store.forgotten('old'),
        await store.forgotten('new'),
        await store.forgotten('x'),
      ]).toEqual([true, false, false])
      expect(before.split('\n')[1]).toBe('4')
      expect((await store.checkpoint()).split('\n')[1]).toBe('5')
    })

    it('forgets nothing of a run that is open, or that has more facts than were seen', async () => {
      await open()
      await store.commit({ facts: [requested('open'), requested('closed')] })
      await store.commit({ facts: [cancelled('closed', 1)], close: 'closed' })
      for (const runs of [[{ run: 'open', n: 1 }], [{ run: 'closed', n: 1 }], [{ run: 'none', n: 1 }]]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expect(await outcomeOf(store.forget({ seqs: [], runs }, forgotten('x', 1)))).toBe('store.fenced')
      }
      const both = {
        seqs: [],
        runs: [
          { run: 'closed', n: 2 },
          { run: 'open', n: 1 },
        ],
      }
      expect(await outcomeOf(store.forget(both, forgotten('x', 1)))).toBe('store.fenced')
      expect((await entries()).map(({ data }) => data === null)).toEqual([false, false, false])
      expect(await store.runs({ limit: 9 })).toHaveLength(2)
    })

    it('hands out facts that nobody can change in it', async () => {
      await open()
      await store.commit({ facts: [requested('a')] })
      const [fact] = await store.facts('a')
      Object.assign(fact ?? {}, { type: 'run.succeeded' })
      expect((await store.facts('a'))[0]?.type).toBe('run.requested')
    })
  })
}
