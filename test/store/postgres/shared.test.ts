import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { writeExport } from '../../../src/audit/export.ts'
import { verifyExport } from '../../../src/audit/verify-export.ts'
import { verifyEntries } from '../../../src/audit/verify.ts'
import type { Fact } from '../../../src/core/fact.ts'
import type { SharedStore } from '../../../src/core/ports.ts'
import { eventually } from '../../support/eventually.ts'
import { sharedPostgres, withoutPostgres } from '../../support/postgres.ts'
import { frozen, outcomeOf, requested, thawed } from '../contract.ts'
import { closeAfterEach, key, openAs, step, two } from './stores.ts'

async function wholeLog({ store }: SharedStore): Promise<readonly Fact[]> {
  return store.log({ from: 0, limit: 10_000 })
}

/** Appends facts to a run of its own, one after the other. */
async function write({ store }: SharedStore, run: string, count: number): Promise<void> {
  await store.commit({ facts: [requested(run)] })
  for (let n = 1; n < count; n++) await store.commit({ facts: [step(run, n)] })
}

describe.skipIf(withoutPostgres())('two processes on one journal', () => {
  closeAfterEach()

  it('write one log without gaps, each run in its order, times never going back', async () => {
    const { a, b } = await two()
    await Promise.all(['r', 's', 't', 'u'].map((run, i) => write(i % 2 === 0 ? a : b, run, 25)))
    const log = await wholeLog(b)
    expect(log.map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, i) => i))
    for (const run of ['r', 's', 't', 'u']) {
      const own = log.filter((fact) => fact.run === run)
      expect(own.map(({ n }) => n)).toEqual(Array.from({ length: 25 }, (_, i) => i))
    }
    const times = log.map(({ time }) => time)
    expect(times.toSorted((x, y) => x.localeCompare(y))).toEqual(times)
  })

  it('hear of what the other one writes, in order, and of nothing twice', async () => {
    const { a, b } = await two()
    const heard: { a: Fact[]; b: Fact[] } = { a: [], b: [] }
    a.tail((facts) => heard.a.push(...facts))
    const stop = b.tail((facts) => heard.b.push(...facts))
    await Promise.all([write(a, 'a1', 30), write(b, 'b1', 30), write(a, 'a2', 30), write(b, 'b2', 30)])
    await eventually(() => heard.a.length >= 60 && heard.b.length >= 60)
    const log = await wholeLog(a)
    expect(heard.a).toEqual(log.filter(({ run }) => run?.startsWith('b')))
    expect(heard.b).toEqual(log.filter(({ run }) => run?.startsWith('a')))
    stop()
    await a.store.commit({ facts: [requested('late')] })
    await b.store.commit({ facts: [requested('later')] })
    await eventually(() => heard.a.length === 61)
    expect(heard.b).toHaveLength(60)
  })

  it('hear nothing of what was written before they came', async () => {
    const { a, url } = await two()
    await write(a, 'r', 5)
    const late = await openAs('late', url)
    const heard: Fact[] = []
    late.tail((facts) => heard.push(...facts))
    await a.store.commit({ facts: [requested('s')] })
    await eventually(() => heard.length > 0)
    expect(heard.map(({ seq }) => seq)).toEqual([5])
  })

  it('fence each other: of two facts for one place one is written', async () => {
    const { a, b } = await two()
    await a.store.commit({ facts: [requested('r')] })
    const race = (n: number) =>
      Promise.all([a, b].map(({ store }) => outcomeOf(store.commit({ facts: [step('r', n)] }))))
    for (let n = 1; n <= 10; n++) expect((await race(n)).toSorted()).toEqual(['done', 'store.fenced'])
    expect(await a.store.facts('r')).toHaveLength(11)
  })

  it('share keys that are good once, and claims', async () => {
    const { a, b } = await two()
    const once = { scope: 'alert', key: 'k', expires: Date.now() + 60_000 }
    const uses = [a, b, a, b].map(({ store }) => outcomeOf(store.commit({ facts: [], guards: { once } })))
    expect((await Promise.all(uses)).toSorted()).toEqual(['done', ...Array(3).fill('store.already-seen')])
    await a.store.commit({ facts: [requested('r'), requested('s')] })
    const claims = (['r', 's'] as const).map((run, i) => {
      const { store } = [a, b][i] ?? a
      return outcomeOf(store.commit({ facts: [step(run, 1)], guards: { claim: { target: 't', run } } }))
    })
    expect((await Promise.all(claims)).toSorted()).toEqual(['done', 'guardrail.claimed'])
  })

  it('commit no intent after a freeze, whichever of them set it', async () => {
    const { a, b } = await two()
    await a.store.commit({ facts: ['r', 's', 't', 'u'].map((run) => requested(run)) })
    const over = new AbortController()
    const writer = async ({ store }: SharedStore, run: string) => {
      for (let n = 1; !over.signal.aborted;) {
        const outcome = await outcomeOf(store.commit({ facts: [step(run, n)], guards: { thawed: true } }))
        if (outcome === 'done') n += 1
        else expect(outcome).toBe('guardrail.frozen')
      }
    }
    const writers = ['r', 's', 't', 'u'].map((run, i) => writer(i % 2 === 0 ? a : b, run))
    for (let round = 0; round < 10; round++) {
      const { store } = round % 2 === 0 ? a : b
      const { length } = await wholeLog(a)
      await store.commit({ facts: [frozen('stop')] })
      expect(await b.store.frozen()).toMatchObject({ reason: 'stop' })
      await store.commit({ facts: [thawed] })
      await eventually(async () => (await wholeLog(a)).length > length + 4)
    }
    over.abort()
    await Promise.all(writers)
    let isFrozen = false
    const wrong = (await wholeLog(a)).filter(({ type }) => {
      if (type === 'freeze.set' || type === 'freeze.lifted') isFrozen = type === 'freeze.set'
      return isFrozen && type === 'step.applied'
    })
    expect(wrong).toEqual([])
  })

  it('leave a log that is verified and exported like any other', async () => {
    const { a, b } = await two()
    await Promise.all([write(a, 'r', 150), write(b, 's', 150)])
    const checkpoint = await b.store.checkpoint()
    expect(await verifyEntries(a.store.entries(), checkpoint, { keys: [key] })).toMatchObject({
      ok: true,
      size: 300,
    })
    const folder = mkdtempSync(join(tmpdir(), 'firebreak-export-'))
    await writeExport(folder, { entries: a.store.entries(), checkpoint, key })
    expect(await verifyExport(folder, { keys: [key] })).toMatchObject({ ok: true, size: 300 })
    rmSync(folder, { recursive: true })
  })

  it('name the entry that somebody moved out of its run', async () => {
    const { a, url } = await two()
    await write(a, 'r', 5)
    const client = new Client({ connectionString: url })
    await client.connect()
    await client.query(`update firebreak.journal set run = 'other' where seq = 3`)
    await client.end()
    const verdict = await verifyEntries(a.store.entries(), await a.store.checkpoint(), { keys: [key] })
    expect(verdict).toMatchObject({ ok: false, seq: 3 })
  })

  it('isolate a commit that PostgreSQL cannot store from its neighbours', async () => {
    const { a } = await two()
    const outcomes = await Promise.all([
      outcomeOf(a.store.commit({ facts: [requested('r')] })),
      outcomeOf(a.store.memo.set('k', 'no zero\0here')),
      outcomeOf(a.store.commit({ facts: [requested('s')] })),
    ])
    expect(outcomes).toEqual(['done', 'store.unavailable', 'done'])
    expect((await wholeLog(a)).map(({ seq, run }) => [seq, run])).toEqual([
      [0, 'r'],
      [1, 's'],
    ])
    const notice = { id: '1', run: 'r', step: 's', channel: 'c', text: 'a\0b' }
    await a.store.commit({ facts: [], outbox: [notice] })
    expect((await a.store.outbox(1))[0]?.text).toBe('a\uFFFDb')
    expect(await outcomeOf(a.store.commit({ facts: [], outbox: [notice] }))).toBe('store.unavailable')
    // Nothing in its reason may keep people from stopping everything.
    await a.store.commit({ facts: [frozen('stop\0now')] })
    expect(await a.store.frozen()).toMatchObject({ reason: 'stop\uFFFDnow' })
  })

  it('start at the same time on an empty database', async () => {
    const url = await (await sharedPostgres()).createDatabase()
    const all = await Promise.all(['a', 'b', 'c'].map((executor) => openAs(executor, url)))
    await Promise.all(all.map(({ store }, i) => store.commit({ facts: [requested(`r${i}`)] })))
    expect(await all[0]?.store.runs({ limit: 10 })).toHaveLength(3)
  })
})
