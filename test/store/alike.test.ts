import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { generateLogKey } from '../../src/audit/key.ts'
import { createNotary } from '../../src/audit/notary.ts'
import { isFirebreakError } from '../../src/core/errors.ts'
import type { Counted, NewFact } from '../../src/core/fact.ts'
import type { Commit, Store } from '../../src/core/ports.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { withoutPostgres } from '../support/postgres.ts'
import { randomFrom } from '../support/random.ts'
import { frozen, requested, thawed } from './contract.ts'
import {
  absent,
  breaker,
  budget,
  effect,
  ended,
  fact,
  failed,
  HOUR,
  inDoubt,
  skipped,
  started,
  succeeded,
  written,
  type Place,
} from './guardrail-facts.ts'
import { closeAfterEach, freshDatabase, openAs } from './postgres/stores.ts'

const notary = createNotary(generateLogKey('example.com/log'))
const START = Date.parse('2026-01-01T00:00:00Z')

const counts: readonly Counted[] = [
  budget(2),
  budget(3, { key: 'budget/hourly', windowMs: HOUR }),
  { ...budget(1), key: 'budget/one' },
  breaker(2),
]

/** Commits as they come, without regard for their order in a run. */
class Deck {
  readonly #random: () => number
  #runs = ['r0', 'r1', 'r2', 'r3', 'r4']
  #last = 4

  constructor(seed: number) {
    this.#random = randomFrom(seed)
  }

  begin(): Commit {
    return { facts: this.#runs.map((run) => requested(run)) }
  }

  below(end: number): number {
    return Math.floor(this.#random() * end)
  }

  #of<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)]
    if (item === undefined) throw new Error('nothing to choose from')
    return item
  }

  next(): Commit {
    const place: Place = [this.#of(this.#runs), 0, this.#of(['s', 't', 'u'])]
    const kind = this.below(24)
    if (kind < 10) return effect(place, this.#some(), this.#claim(place[0]))
    if (kind < 11) return { ...effect(place, this.#some(), { thawed: true }), otherwise: () => undefined }
    if (kind < 19)
      return { facts: [this.#of([succeeded, succeeded, failed, absent, skipped, inDoubt])(place)] }
    if (kind < 21) return { facts: this.#of([[succeeded(place), started(place)], [started(place)]]) }
    if (kind < 22)
      return {
        facts: [
          fact(place, this.#of(['containment.lifted', 'containment.kept']), { undo: 'u', reason: 'x' }),
        ],
      }
    if (kind < 23) return this.#of([{ facts: [frozen('x')] }, { facts: [thawed] }, { facts: [thawed] }])
    return this.#end(place[0])
  }

  #some(): Counted[] {
    return counts.flatMap((count) =>
      this.below(2) === 0 ? [] : [this.below(8) === 0 ? { ...count, waived: true } : count],
    )
  }

  #claim(run: string): NonNullable<Commit['guards']> {
    return this.below(2) === 0 ? {} : { claim: { target: this.#of(['x', 'y', 'z']), run } }
  }

  /** A run ends, and another one begins that may be its undo. */
  #end(run: string): Commit {
    const next = `r${++this.#last}`
    this.#runs = this.#runs.map((other) => (other === run ? next : other))
    const { data, ...rest } = requested(next)
    const undo = this.below(2) === 0 ? { ...data, undoes: run } : data
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- TypeScript cannot correlate a tag with its data
    return { facts: [ended([run, 0]), { ...rest, data: undo } as NewFact], close: run }
  }
}

/** The order of facts in a run is tested elsewhere. */
function unplaced({ otherwise, facts, ...rest }: Commit): Commit {
  return {
    ...rest,
    facts: facts.map(withoutPlace),
    ...(otherwise && {
      otherwise: (refused) => {
        const instead = otherwise(refused)
        return instead && withoutPlace(instead)
      },
    }),
  }
}

function withoutPlace(fact: NewFact): NewFact {
  if (fact.type === 'run.requested') return fact
  const { n: _, ...rest } = fact
  return rest
}

async function outcome(store: Store, commit: Commit): Promise<string> {
  try {
    return await written(store, commit)
  } catch (error) {
    return isFirebreakError(error) ? `${error.code}: ${error.message}` : String(error)
  }
}

async function stateOf(store: Store): Promise<unknown> {
  return {
    taken: await store.taken(counts),
    waiting: await store.waiting(),
    frozen: (await store.frozen())?.since,
    containments: await store.containments(),
  }
}

describe.skipIf(withoutPostgres())('the two kinds of journal', () => {
  closeAfterEach()

  it.each([1, 2, 3])('decide and count alike, one by one and many at once (%s)', async (seed) => {
    const folder = mkdtempSync(join(tmpdir(), 'firebreak-store-'))
    let now = START
    const clock = { now: () => now }
    const one = openSqlite({ folder, notary, clock })
    const many = (await openAs('a', await freshDatabase(), { clock })).store
    const deck = new Deck(seed)
    for (const store of [one, many]) await store.commit(deck.begin())
    const seen = new Set<string>()
    for (let i = 0; i < 40; i++) {
      const commits = Array.from({ length: 1 + deck.below(12) }, () => unplaced(deck.next()))
      now += deck.below(HOUR / 6)
      const expected: string[] = []
      // oxlint-disable no-await-in-loop -- one after the other there, all at once here
      for (const commit of commits) expected.push(await outcome(one, commit))
      expect(await Promise.all(commits.map((commit) => outcome(many, commit)))).toEqual(expected)
      expect(await stateOf(many)).toEqual(await stateOf(one))
      // oxlint-enable no-await-in-loop
      for (const text of expected) seen.add(text.replace(/[ :].*/, ''))
    }
    expect([...seen]).toEqual(
      expect.arrayContaining([
        'step.intended',
        'step.held',
        'guardrail.over',
        'guardrail.deadlock',
        'guardrail.frozen',
      ]),
    )
    await one.close()
    rmSync(folder, { recursive: true, force: true })
  })
})
