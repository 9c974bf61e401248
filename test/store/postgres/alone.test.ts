import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { connectToWait, lockInTime, waitForLock } from '../../../src/store/postgres/advisory.ts'
import { alone } from '../../../src/store/postgres/alone.ts'
import { connect, hangUp, lockKey } from '../../../src/store/postgres/connect.ts'
import { withoutPostgres } from '../../support/postgres.ts'
import { freshDatabase } from './stores.ts'

describe.skipIf(withoutPostgres())('what only one process may do at a time', () => {
  it('is done by one after the other', async () => {
    const url = await freshDatabase()
    let inside = 0
    let most = 0
    const once = (executor: string) =>
      alone({ url, executor }, 'it', async () => {
        most = Math.max(most, ++inside)
        await new Promise((resolve) => setTimeout(resolve, 20))
        inside -= 1
      })
    await Promise.all(['a', 'b', 'c'].map(once))
    expect(most).toBe(1)
  })

  it(
    'makes indexes while other processes wait for locks, and those go on waiting',
    { timeout: 20_000 },
    async () => {
      const url = await freshDatabase()
      const key = lockKey('replica', 'a')
      const holder = await connect({ url, executor: 'a' })
      await lockInTime(holder, key)
      const watcher = await connectToWait({ url, executor: 'b' })
      let served = false
      const waiting = waitForLock(watcher, key).then(() => (served = true))
      const client = new Client({ connectionString: url })
      await client.connect()
      await client.query('create table things (id int)')
      const began = performance.now()
      await alone({ url, executor: 'c' }, 'it', async (drop) => {
        await client.query('create index concurrently by_id on things (id)')
        await client.query('create schema gone')
        await drop('gone')
      })
      // Without being sent away the watch would be waited for until its limit of 30 seconds.
      expect(performance.now() - began).toBeLessThan(5000)
      expect(served).toBe(false)
      await hangUp(holder)
      await waiting
      await Promise.all([hangUp(watcher), client.end()])
    },
  )
})
