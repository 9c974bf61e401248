import { describe } from 'vitest'
import { withoutPostgres } from '../support/postgres.ts'
import { type Member, storeContract } from './contract.ts'
import { guardrailContract } from './guardrail-contract.ts'
import { freshDatabase, openAs } from './postgres/stores.ts'

function member(): Member {
  let url: string | undefined
  return {
    open: async (clock) => {
      url ??= await freshDatabase()
      return (await openAs('one', url, { clock })).store
    },
    remove: async () => undefined,
  }
}

describe.skipIf(withoutPostgres())('on PostgreSQL', () => {
  storeContract('a journal on PostgreSQL', member)
  guardrailContract('a journal on PostgreSQL', member)
})
