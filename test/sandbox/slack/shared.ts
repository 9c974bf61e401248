import { existsSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A file of the reference data, which lies beside the repository and is not part of it. Without it the test is
 * skipped with a line of explanation; under CI that is a failure.
 */
export function sharedFile(name: string): string | undefined {
  const path = join(process.env['FIREBREAK_SHARED_DATA'] ?? '../shared/data', name)
  if (existsSync(path)) return path
  if (process.env['CI']) throw new Error(`CI is set and there is no ${path}`)
  console.log(`skipped: no reference data at ${path} (set FIREBREAK_SHARED_DATA)`)
  return undefined
}
