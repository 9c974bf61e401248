import { describe } from 'vitest'
import { withoutPostgres } from '../support/postgres.ts'
import { storeContract } from './contract.ts'
import { freshDatabase, openAs } from './postgres/stores.ts'

describe.skipIf(withoutPostgres())('on PostgreSQL', () => {
  storeContract('a journal on PostgreSQL', () => {
    let url: string | undefined
    return {
      open: async (clock) => {
        url ??= await freshDatabase()
        return (await openAs('one', url, { clock })).store
      },
      remove: async () => undefined,
    }
  })
})
