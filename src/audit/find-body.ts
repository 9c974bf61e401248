import { closeSync, fstatSync, readSync } from 'node:fs'
import { parseBodyLine } from './body-line.ts'
import type { StoredEntry } from './entry.ts'
import { damaged, EXPORT_FILES, LONGEST_LINE, openExportFile } from './export-files.ts'

/** Most lines are shorter: one read finds them. */
const FIRST_READ = 4096
const NEWLINE = 0x0a

type Line = { readonly start: number; readonly bytes: Buffer }

/** The body of one entry of an export, by bisection: lines are in order, and each ends with its seq. */
export function findBody(dir: string, seq: number): Pick<StoredEntry, 'salt' | 'data'> {
  const file = openExportFile(dir, EXPORT_FILES.bodies)
  try {
    let low = 0
    let high = fstatSync(file).size
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      const line = lineFrom(file, middle, { low, high })
      const body = line && parseBodyLine(line.bytes, seq)
      if (line && body === undefined) damaged(`${EXPORT_FILES.bodies} has a line that is none`)
      if (body?.seq === seq) return { salt: body.salt, data: body.data }
      if (line && body && body.seq < seq) low = line.start + line.bytes.length + 1
      else high = middle
    }
    return { salt: null, data: null }
  } finally {
    closeSync(file)
  }
}

/** The first line that begins at this place or behind it. `low` is known to be the beginning of one. */
function lineFrom(file: number, at: number, { low, high }: { low: number; high: number }): Line | undefined {
  const start = at === low ? low : afterNewline(file, at - 1)
  if (start === undefined || start >= high) return undefined
  const bytes = upToNewline(file, start)
  return bytes === undefined ? undefined : { start, bytes }
}

function afterNewline(file: number, at: number): number | undefined {
  const rest = upToNewline(file, at)
  return rest === undefined ? undefined : at + rest.length + 1
}

/** What stands there up to, not including, the next newline; nothing where none follows. */
function upToNewline(file: number, at: number): Buffer | undefined {
  for (let length = FIRST_READ; ; length *= 4) {
    const bytes = Buffer.alloc(length)
    const found = bytes.subarray(0, readSync(file, bytes, 0, length, at))
    const end = found.indexOf(NEWLINE)
    if (end !== -1) return found.subarray(0, end)
    if (found.length < length) return undefined
    if (length > LONGEST_LINE) damaged(`${EXPORT_FILES.bodies} has a line of more than ${LONGEST_LINE} bytes`)
  }
}
