import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = process.env['FIREBREAK_SHARED_DATA'] ?? join(import.meta.dirname, '../../../shared/data')

/** A set of outside test vectors: skipped with a printed line where it is absent, a failure where CI is set. */
export function vectorSet(name: string): { readonly skip: boolean; readonly read: (file: string) => string } {
  const folder = join(root, name)
  const skip = !existsSync(folder) && !process.env['CI']
  if (skip) console.log(`skipped: no vectors at ${folder}`)
  return { skip, read: (file) => readFileSync(join(folder, file), 'utf8') }
}
