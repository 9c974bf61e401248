import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { openPostgresSource } from '../../../src/store/postgres/copy.ts'
import { withoutPostgres } from '../../support/postgres.ts'
import { outcomeOf, requested } from '../contract.ts'
import { budget, effect, written } from '../guardrail-facts.ts'
import { closeAfterEach, freshDatabase, openAs, step } from './stores.ts'

/** What a journal of version 1 has, and has not. */
const VERSION_1 = `
  drop table firebreak.counts, firebreak.waits, firebreak.thaws, firebreak.reviews;
  create table firebreak.claim_waits (target text not null, run text not null, primary key (target, run));
  create index claim_waits_run on firebreak.claim_waits (run);
  insert into firebreak.claims values ('t', 'h');
  insert into firebreak.claim_waits values ('t', 'w');
  update firebreak.meta set version = 1;`

async function sql(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(text)
  await client.end()
}

async function olderJournal(): Promise<string> {
  const url = await freshDatabase()
  const { store, rota } = await openAs('old', url)
  await store.commit({ facts: [requested('h'), requested('w')] })
  const hold = await rota.take({ run: 'w', epoch: 0 })
  if (hold) await rota.rest(hold, { n: 1 })
  await store.close()
  await sql(url, VERSION_1)
  return url
}

describe.skipIf(withoutPostgres())('a journal of version 1 on PostgreSQL', () => {
  closeAfterEach()

  it('opens with what is new, by several processes at once, and who waited there looks again', async () => {
    const url = await olderJournal()
    const [a] = await Promise.all(['a', 'b', 'c'].map((executor) => openAs(executor, url)))
    if (a === undefined) throw new Error('it is not open')
    expect((await a.rota.unheld('2020-01-01T00:00:00.000Z')).map(({ run }) => run)).toEqual(['h', 'w'])
    const claim = { target: 't', run: 'w' }
    expect(await written(a.store, effect(['w', 1, 's'], [budget(1)], { claim }))).toBe('step.held')
    expect(await a.store.waiting('t')).toHaveLength(1)
    await a.store.commit({ facts: [step('h', 1)], close: 'h' })
    expect(await written(a.store, effect(['w', 2, 's'], [budget(1)], { claim }))).toBe('step.intended')
    expect(await a.store.taken([budget(1)])).toEqual([1])
  })

  it('can be copied', async () => {
    const url = await olderJournal()
    const source = await openPostgresSource({ url, place: 'x' })
    expect((await source.head()).size).toBe(2)
    await source.close()
  })

  it('is refused once a newer program has had it', async () => {
    const url = await freshDatabase()
    await sql(url, 'update firebreak.meta set version = 99')
    expect(await outcomeOf(openAs('a', url))).toBe('store.newer')
  })
})
