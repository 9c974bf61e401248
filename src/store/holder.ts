import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'

/** Who holds a state folder: advice for people. What decides is the lock of the database. */
const Holder = z.object({ pid: z.int(), host: z.string() })

/** Says that it is us. A folder that takes no such file is held all the same. */
export function writeHolder(folder: string): void {
  try {
    writeFileSync(fileOf(folder), JSON.stringify({ pid: process.pid, host: hostname() }), { mode: 0o600 })
  } catch {
    // Nobody acts upon it.
  }
}

export function removeHolder(folder: string): void {
  try {
    rmSync(fileOf(folder), { force: true })
  } catch {
    // The next one who holds the folder writes over it.
  }
}

/** `process 123`, and its machine where that is another one. */
export function holderOf(folder: string): string {
  try {
    const { pid, host } = Holder.parse(JSON.parse(readFileSync(fileOf(folder), 'utf8')))
    return host === hostname() ? `process ${pid}` : `process ${pid} on ${host}`
  } catch {
    return 'another process'
  }
}

function fileOf(folder: string): string {
  return join(folder, 'journal.pid')
}
