import { join } from 'node:path'
import { Client } from 'pg'
import { afterEach, describe, expect, it } from 'vitest'
import { generateLogKey } from '../../../src/audit/key.ts'
import { createNotary } from '../../../src/audit/notary.ts'
import { verifyEntries } from '../../../src/audit/verify.ts'
import { system } from '../../../src/core/person.ts'
import type { Counted, NewFact } from '../../../src/core/fact.ts'
import type { Store } from '../../../src/core/ports.ts'
import type { CopyOptions, Stage } from '../../../src/store/copy/copy.ts'
import type { Destination, Source } from '../../../src/store/copy/port.ts'
import { openSqliteEnd } from '../../../src/store/copy/sqlite.ts'
import { openPostgres } from '../../../src/store/postgres.ts'
import { openPostgresDestination, openPostgresSource } from '../../../src/store/postgres/copy.ts'
import { openSqlite } from '../../../src/store/sqlite.ts'
import { tempFolder } from '../../support/bot.ts'
import { sharedPostgres, withoutPostgres } from '../../support/postgres.ts'
import { frozen, outcomeOf, requested } from '../contract.ts'
import { breaker, budget, effect, fact, failed, held, HOUR } from '../guardrail-facts.ts'
import { actor, move as moveLog } from './ends.ts'

const key = generateLogKey('example.com/log')
const notary = createNotary(key)
const clock = { now: Date.now }

type Kind = 'sqlite' | 'postgres'
/** Where a log may be: how it is opened as a store, and as an end of a copy. */
type Spot = {
  readonly kind: Kind
  readonly place: string
  readonly store: () => Promise<Store>
  readonly source: () => Promise<Source>
  readonly destination: () => Promise<Destination>
  readonly sql: (text: string) => Promise<void>
}

const open: Store[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((store) => store.close()))
})

function kept(store: Store): Store {
  let closed: Promise<void> | undefined
  const once = { ...store, close: () => (closed ??= store.close()) }
  open.push(once)
  return once
}

function folderSpot(): Spot {
  const folder = join(tempFolder(), 'state')
  const end = async () => openSqliteEnd(folder, 1)
  return {
    kind: 'sqlite',
    place: folder,
    store: async () => kept(openSqlite({ folder, notary, clock })),
    source: end,
    destination: end,
    sql: async (text) => {
      const { DatabaseSync } = await import('node:sqlite')
      const db = new DatabaseSync(join(folder, 'journal.db'))
      db.exec(text)
      db.close()
    },
  }
}

async function databaseSpot(): Promise<Spot> {
  const url = await (await sharedPostgres()).createDatabase()
  const place = url.replace('postgres@', '')
  return {
    kind: 'postgres',
    place,
    store: async () =>
      kept((await openPostgres({ url, executor: `x${Math.random()}`, notary, clock })).store),
    source: () => openPostgresSource({ url, place }),
    destination: () => openPostgresDestination({ url, place }),
    sql: async (text) => {
      const client = new Client({ connectionString: url })
      await client.connect()
      await client.query(text)
      await client.end()
    },
  }
}

async function spotOf(kind: Kind): Promise<Spot> {
  return kind === 'sqlite' ? folderSpot() : databaseSpot()
}

const move = (from: Spot, to: Spot, more: Partial<CopyOptions> = {}) => moveLog(from, to, { notary, ...more })

/** A fact of a run that says little. */
function applied(run: string, n: number): NewFact {
  return { type: 'step.applied', run, n, step: 's', actor: system, data: {} }
}

/** Something of everything that is derived from them. */
async function fill(spot: Spot, count = 10): Promise<void> {
  const store = await spot.store()
  const runs = Array.from({ length: count }, (_, i) => `run${i}`)
  await store.commit({ facts: runs.map((run) => requested(run)) })
  await store.commit({ facts: [applied('run1', 1), applied('run1', 2)] })
  await store.commit({
    facts: [{ type: 'run.cancelled', run: 'run2', n: 1, actor: system, data: { reason: 'ünï \u0000 "x"' } }],
    close: 'run2',
  })
  for (const target of ['b', 'a', 'ä', 'A']) {
    await store.commit({ facts: [], guards: { claim: { target, run: 'run1' } } })
    await store.commit({
      facts: [],
      guards: { once: { scope: 'alert', key: target, expires: Date.now() + 1e9 } },
    })
  }
  const notice = { run: 'run3', step: 's', channel: 'c' }
  await store.commit({
    facts: [applied('run3', 1)],
    outbox: [
      { ...notice, id: 'z', text: 'first \u0000' },
      { ...notice, id: 'a', text: 'second' },
    ],
  })
  await fillGuardrails(store)
  await store.memo.set('k', 'v')
  await store.close()
}

const counts = [budget(2), budget(3, { key: 'budget/hourly', windowMs: HOUR }), breaker(1)]

/** Rows that are open and closed, failed and not; who waits, for how long and in which order; a thaw that one has asked for. */
async function fillGuardrails(store: Store): Promise<void> {
  const ann = {
    person: 'ann',
    account: { via: 'os', user: 'ann' },
    evidence: { kind: 'slack', team: 'T', user: 'U' },
  } as const
  await store.commit(effect(['run4', 1, 's'], counts))
  await store.commit(effect(['run4', 2, 't'], counts.slice(0, 2)))
  await store.commit({ facts: [failed(['run4', 3, 't'])] })
  await store.commit(effect(['run5', 1, 's'], counts.slice(0, 2)))
  await store.commit({ facts: [held(['run7', 1, 's'], 'budget/gpu')] })
  await store.commit({
    facts: [held(['run6', 1, 's'], 'budget/gpu', { until: '2030-01-01T00:00:00.000Z' })],
  })
  const bypassed = { ...ann, request: 'r', digest: 'd', reason: 'the house burns', told: [] }
  await store.commit({ facts: [fact(['run8', 1], 'approval.bypassed', bypassed), frozen('a storm')] })
  await store.commit({ facts: [{ type: 'thaw.asked', actor: system, data: { ...ann, reason: 'over' } }] })
}

type Everything = { readonly leaves: string[]; readonly bodies: (string | null)[]; readonly rest: unknown }

async function everything(store: Store): Promise<Everything> {
  const leaves: string[] = []
  const bodies: (string | null)[] = []
  for await (const page of store.entries()) {
    for (const { leaf, salt, data } of page) {
      leaves.push(leaf)
      bodies.push(salt, data)
    }
  }
  const rest = {
    runs: await store.runs({ limit: 10_000 }),
    frozen: await store.frozen(),
    taken: await store.taken(counts),
    waiting: await store.waiting(),
    reviews: await store.reviewsDue(),
    outbox: (await store.outbox(10)).map((notice) => ({
      ...notice,
      text: notice.text.replaceAll('\0', '\uFFFD'),
    })),
    memo: await store.memo.get('k'),
  }
  return { leaves, bodies, rest }
}

async function spend(store: Store, count: Counted): Promise<unknown> {
  return store.commit({ facts: [], guards: { spend: { run: 'run9', step: 's', counts: [count] } } })
}

async function verdictOf(store: Store): Promise<unknown> {
  const { ok } = await verifyEntries(store.entries(), await store.checkpoint(), { keys: [key] })
  return ok
}

const directions: [Kind, Kind][] = [
  ['sqlite', 'postgres'],
  ['postgres', 'sqlite'],
  ['sqlite', 'sqlite'],
  ['postgres', 'postgres'],
]

describe.skipIf(withoutPostgres())('store copy', () => {
  it.each(directions)('from %s to %s carries everything, and the log goes on there', async (a, b) => {
    const [from, to] = [await spotOf(a), await spotOf(b)]
    // More than a page of them.
    await fill(from, 520)
    const before = await everything(await from.store())
    await open.pop()?.close()

    const { size, root } = await move(from, to)
    const there = await to.store()
    const after = await everything(there)
    expect(after.leaves.slice(0, -1)).toEqual(before.leaves)
    expect(after.bodies.slice(0, -2)).toEqual(before.bodies)
    expect(after.rest).toEqual(before.rest)
    expect(after.rest).toMatchObject({
      frozen: { thaw: [{ person: 'ann' }] },
      taken: [2, 3, 0],
      waiting: [{ run: 'run7' }, { run: 'run6' }],
      reviews: ['run8'],
    })
    expect(size).toBe(before.leaves.length + 1)
    const [moved] = await there.log({ from: size - 1, limit: 1 })
    expect(moved).toMatchObject({ type: 'log.moved', actor, data: { to: to.place, size: size - 1 } })
    expect(root).toMatch(/^[0-9a-f]{64}$/)
    expect(await verdictOf(there)).toBe(true)

    // Guards hold there as they did here.
    expect(await outcomeOf(spend(there, budget(2)))).toBe('guardrail.over')
    expect(await outcomeOf(spend(there, budget(3)))).toBe('done')
    const claim = (run: string) =>
      outcomeOf(there.commit({ facts: [applied(run, 1)], guards: { claim: { target: 'ä', run } } }))
    expect(await claim('run9')).toBe('guardrail.claimed')
    expect(await outcomeOf(there.commit({ facts: [applied('run1', 3)], guards: { thawed: true } }))).toBe(
      'guardrail.frozen',
    )
    expect(
      await outcomeOf(
        there.commit({ facts: [], guards: { once: { scope: 'alert', key: 'a', expires: 1 } } }),
      ),
    ).toBe('store.already-seen')
    expect(await outcomeOf(there.commit({ facts: [applied('run1', 2)] }))).toBe('store.fenced')
    expect(await outcomeOf(there.commit({ facts: [applied('run1', 3)] }))).toBe('done')
    expect(await verdictOf(there)).toBe(true)
  })

  it.each<Kind>(['sqlite', 'postgres'])(
    'leaves on %s a log that can be read and verified, and nothing more',
    async (kind) => {
      const [from, to] = [await spotOf(kind), await spotOf('sqlite')]
      await fill(from)
      await move(from, to)
      const old = await from.store()
      expect(old.moved).toBe(to.place)
      expect(await verdictOf(old)).toBe(true)
      expect((await old.facts('run1')).length).toBe(3)
      const outcomes = await Promise.all([
        outcomeOf(old.commit({ facts: [applied('run1', 3)] })),
        outcomeOf(old.settle('a', frozen('x'))),
        outcomeOf(old.memo.set('k', 'w')),
      ])
      expect(outcomes).toEqual(['store.moved', 'store.moved', 'store.moved'])
      await old.close()
      expect(await outcomeOf(move(from, await spotOf('sqlite')))).toBe('store.moved')
      expect(await outcomeOf(move(to, from))).toBe('store.moved')
    },
  )

  it('there and back again: every leaf is the same byte for byte', async () => {
    const [home, away, back] = [folderSpot(), await databaseSpot(), folderSpot()]
    await fill(home)
    const before = await everything(await home.store())
    await open.pop()?.close()
    await move(home, away)
    await move(away, back)
    const store = await back.store()
    const after = await everything(store)
    expect(after.leaves.slice(0, before.leaves.length)).toEqual(before.leaves)
    expect(after.bodies.slice(0, before.bodies.length)).toEqual(before.bodies)
    expect(after.leaves).toHaveLength(before.leaves.length + 2)
    expect(after.rest).toEqual(before.rest)
    expect(await verdictOf(store)).toBe(true)
  })

  const stages: readonly Stage[] = ['arriving', 'loaded', 'verified', 'left']
  const crashes = stages.flatMap((stage) => directions.slice(0, 2).map(([a, b]) => ({ stage, a, b })))
  it.each(crashes)(
    'that ends when it is $stage, from $a to $b, is taken up by the next',
    async ({ stage, a, b }) => {
      const [from, to] = [await spotOf(a), await spotOf(b)]
      await fill(from)
      const crash = move(from, to, {
        onStage: (now) => {
          if (now === stage) throw new Error('the process ends')
        },
      })
      await expect(crash).rejects.toThrow('the process ends')
      expect(await outcomeOf(to.store())).toBe('store.unfinished')
      expect(await outcomeOf(move(to, await spotOf('sqlite')))).toBe('store.unfinished')
      const stranger = await spotOf('sqlite')
      await fill(stranger)
      expect(await outcomeOf(move(stranger, to))).toBe('store.unfinished')

      const old = await from.store()
      expect(await outcomeOf(old.commit({ facts: [] }))).toBe(stage === 'left' ? 'store.moved' : 'done')
      await old.close()
      expect((await move(from, to)).resumed).toBe(stage === 'left')
      expect(await verdictOf(await to.store())).toBe(true)
    },
  )

  it('refuses a destination that is not empty, and one that is no log', async () => {
    const [from, to] = [folderSpot(), await databaseSpot()]
    await fill(from)
    await fill(to)
    expect(await outcomeOf(move(from, to))).toBe('store.not-empty')
    expect(await outcomeOf(move(folderSpot(), await databaseSpot()))).toBe('store.bad-copy')
  })

  it('does not carry on a log that somebody has changed', async () => {
    const [from, to] = [folderSpot(), await databaseSpot()]
    await fill(from)
    await from.sql(`update journal set leaf = replace(leaf, 'run.requested', 'run.requestee') where seq = 5`)
    expect(await outcomeOf(move(from, to))).toBe('store.bad-copy')
    expect(await outcomeOf(to.store())).toBe('store.unfinished')
    expect(await outcomeOf(from.store())).toBe('done')
  })

  it('does not believe a destination that gives back something else', async () => {
    const [from, to] = [folderSpot(), await databaseSpot()]
    await fill(from)
    const spoil = () =>
      to.sql(`set firebreak.copying = 'on'; update firebreak.claims set run = 'run5' where target = 'a'`)
    const onStage = (stage: Stage) => (stage === 'loaded' ? spoil() : undefined)
    expect(await outcomeOf(move(from, to, { onStage }))).toBe('store.bad-copy')
    expect(await outcomeOf(from.store())).toBe('done')
  })

  it('leaves an open run of another protocol to the program that speaks it', async () => {
    const [from, to] = [await databaseSpot(), folderSpot()]
    await fill(from)
    await from.sql(`update firebreak.runs set protocol = 2 where run = 'run7'`)
    expect(await outcomeOf(move(from, to))).toBe('store.newer')
    await from.sql(`update firebreak.runs set protocol = case when run = 'run2' then 2 else 1 end`)
    expect(await outcomeOf(move(from, to))).toBe('done')
  })

  it('is refused while a bot has the log, and a process that opened it before writes nothing afterwards', async () => {
    const held = folderSpot()
    await fill(held)
    const bot = await held.store()
    expect(await outcomeOf(move(held, await databaseSpot()))).toBe('store.held')
    await bot.close()

    const from = await databaseSpot()
    await fill(from)
    const slow = await from.store()
    await move(from, folderSpot())
    expect(await outcomeOf(slow.commit({ facts: [applied('run1', 3)] }))).toBe('store.moved')
    expect(await outcomeOf(slow.memo.set('k', 'w'))).toBe('store.moved')
  })
})
