import { describe, expect, it } from 'vitest'
import { Client } from 'pg'
import { lockKey } from '../../../src/store/postgres/connect.ts'
import { sharedState } from '../../chaos/harness.ts'
import { playbook, startBot } from '../../support/bot.ts'
import { eventually } from '../../support/eventually.ts'
import { sharedPostgres, withoutPostgres } from '../../support/postgres.ts'
import { ann } from '../../support/people.ts'
import { createToy, toyActions } from '../../support/toy.ts'

async function query(url: string, text: string): Promise<object[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<object>(text)).rows
  } finally {
    await client.end()
  }
}

const rows = (url: string) => query(url, 'select workflow_uuid from firebreak_engine.workflow_status')

describe.skipIf(withoutPostgres())('the tables of the workflow engine', () => {
  it('keep nothing of a process that has ended: the next one sweeps it out', async () => {
    const store = await (await sharedPostgres()).createDatabase()
    const actions = toyActions(createToy({ a: 'on' }))
    const look = playbook('look', { look: { action: 'toy.look', with: { lamp: 'a' } } })
    const options = { actions, playbooks: [look], config: { store }, state: sharedState() }
    const first = await startBot(options)
    await first.over(await first.start('look'))
    // It is written a moment later that a workflow has ended.
    await eventually(async () => (await rows(store)).length > 0)
    await first.close()
    expect(await rows(store)).not.toEqual([])
    const second = await startBot(options)
    await eventually(async () => (await rows(store)).length === 0)
    await second.close()
  })
})

describe.skipIf(withoutPostgres())('a process that begins after one that has died', () => {
  it('takes its runs over once the engine is launched, and launches it once', async () => {
    const store = await (await sharedPostgres()).createDatabase()
    const actions = toyActions(createToy({ a: 'on' }))
    const approve = { from: 'approver', count: 1, within: '30m' }
    const off = { action: 'toy.set', with: { lamp: 'a', value: 'off' }, approve }
    const options = {
      actions,
      playbooks: [playbook('one', { off })],
      config: { store },
      state: sharedState(),
    }
    const first = await startBot(options)
    const run = await first.start('one')
    await first.waiting(run)
    await first.close()
    // As if a process had died with the run in its hands.
    await query(store, "update firebreak.runs set holder = 'dead', epoch = epoch + 1")
    const busy = new Client({ connectionString: store })
    await busy.connect()
    // Another process makes the tables of the engine: this one waits for it, and learns of the death meanwhile.
    await busy.query('select pg_advisory_lock($1)', [lockKey('alone', 'engine')])
    const starting = startBot(options)
    await eventually(async () => (await query(store, TAKEN)).length === 1)
    await busy.end()
    const second = await starting
    await eventually(async () => (await query(store, HOLDER)).length === 0)
    expect(second.logged.filter((line) => line.includes('started anew'))).toEqual([])
    await second.decide(run, ann)
    expect((await second.over(run)).state.status).toBe('succeeded')
    await second.close()
  })
})

const TAKEN = `select 1 from pg_locks where locktype = 'advisory' and granted
  and (classid::bigint << 32 | objid::bigint) = ${lockKey('replica', 'dead')}`
const HOLDER = "select 1 from firebreak.runs where holder = 'dead'"
