import { describe, expect, it } from 'vitest'
import { generateLogKey, type LogKey } from '../src/audit/key.ts'
import { createNotary } from '../src/audit/notary.ts'
import type { NewFact } from '../src/core/fact.ts'
import { system } from '../src/core/person.ts'
import type { Store } from '../src/core/ports.ts'
import { openLog } from '../src/app/log-key.ts'
import { refuseOtherKey } from '../src/app/own-key.ts'
import { openSqlite } from '../src/store/sqlite.ts'
import { outcomeOf } from './store/contract.ts'
import { tempFolder } from './support/bot.ts'

const [first, second, third] = ['a', 'b', 'c'].map(() => generateLogKey('example.com/log')) as [
  LogKey,
  LogKey,
  LogKey,
]

async function opened(): Promise<Store> {
  const store = openSqlite({ folder: tempFolder(), notary: createNotary(first), clock: { now: Date.now } })
  await openLog(store, first)
  return store
}

function rotated(key: LogKey, previous: LogKey): NewFact {
  return { type: 'log.key-rotated', actor: system, data: { key: key.text, previous: previous.text } }
}

const retired: NewFact = { type: 'log.key-retired', actor: system, data: { key: first.text } }

async function good(store: Store): Promise<string[]> {
  const outcomes = await Promise.all(
    [first, second, third].map((key) => outcomeOf(refuseOtherKey(store, key))),
  )
  return ['first', 'second', 'third'].filter((_, i) => outcomes[i] === 'done')
}

describe('the key at hand', () => {
  it('is the one that the first entry names, or the one of a later rotation', async () => {
    const store = await opened()
    expect(await good(store)).toEqual(['first'])
    await store.commit({ facts: [rotated(second, first)] })
    // Until the overlap ends, processes that have the old one still sign beside the new one.
    expect(await good(store)).toEqual(['first', 'second'])
    await store.commit({ facts: [retired] })
    expect(await good(store)).toEqual(['second'])
    await store.commit({ facts: [rotated(third, second)] })
    expect(await good(store)).toEqual(['second', 'third'])
    await store.close()
  })

  it('is looked for in what is new since the last time, and in all of it where that was lost', async () => {
    const store = await opened()
    await store.commit({ facts: [rotated(second, first), retired] })
    expect(await good(store)).toEqual(['second'])
    const from: number[] = []
    const watched: Store = {
      ...store,
      entries: (start = 0) => {
        from.push(start)
        return store.entries(start)
      },
    }
    await refuseOtherKey(watched, second)
    await store.memo.set('log.keys', '{}')
    await refuseOtherKey(watched, second)
    expect(from).toEqual([3, 0])
    await store.close()
  })

  it('any other is refused', async () => {
    const store = await opened()
    expect(await outcomeOf(refuseOtherKey(store, generateLogKey('example.com/log')))).toBe('audit.other-key')
    await store.close()
  })
})
