import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const shared = process.env['FIREBREAK_SHARED_DATA'] ?? join(import.meta.dirname, '../../../shared/data')

export type SharedFiles = {
  /** The folder is not there, and this is no CI run: the tests that need it are skipped, which is said. */
  readonly skip: boolean
  readonly files: readonly { readonly name: string; readonly bytes: Buffer }[]
}

/** The JSON files of folders of the shared data. Where they are absent, tests are skipped; with CI set they fail. */
export function sharedFiles(...folders: readonly string[]): SharedFiles {
  const absent = folders.filter((folder) => !existsSync(join(shared, folder)))
  if (absent.length > 0 && process.env['CI']) throw new Error(`shared data is absent: ${absent.join(', ')}`)
  if (absent.length > 0) console.log(`SKIPPED shared data: ${absent.join(', ')} not found in ${shared}`)
  const files = folders
    .filter((folder) => !absent.includes(folder))
    .flatMap((folder) => readdirSync(join(shared, folder)).map((name) => join(folder, name)))
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({ name, bytes: readFileSync(join(shared, name)) }))
  return { skip: absent.length > 0, files }
}
