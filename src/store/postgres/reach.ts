import { connect, hangUp } from './connect.ts'

/** Whether a commit could be made there now. */
export async function canCommitTo(url: string): Promise<boolean> {
  try {
    const client = await connect({ url, executor: 'reach' })
    try {
      await client.query('begin read write')
      await client.query('select id from firebreak.head for update')
      await client.query('rollback')
      return true
    } finally {
      await hangUp(client)
    }
  } catch {
    return false
  }
}
