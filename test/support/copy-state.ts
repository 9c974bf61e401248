import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { tempFolder } from './bot.ts'

/** What a disk would hold if the process that uses this state folder were gone at this moment. */
export function copyState(state: string): string {
  const copy = tempFolder()
  for (const name of ['journal.db', 'journal.db-wal', 'log.key', 'checkpoint']) {
    if (existsSync(join(state, name))) copyFileSync(join(state, name), join(copy, name))
  }
  return copy
}
