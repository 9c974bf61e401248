import { closeSync, existsSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { parseBodyLine } from './body-line.ts'
import type { StoredEntry } from './entry.ts'
import {
  damaged,
  EXPORT_FILES,
  LONGEST_LINE,
  openExportFile,
  readExportFile,
  readTile,
} from './export-files.ts'
import { findBody } from './find-body.ts'
import { splitBundle, TILE_WIDTH, tilePath } from './tile.ts'

const NEWLINE = 0x0a
/** So much is read at once: far more than a line, and little to leave behind. */
const CHUNK = 128 * 1024

/** The entries of an export, each with its hash from the tiles: a page is a bundle, and no more is held in memory. */
export function* readExportEntries(dir: string, size: number): Generator<StoredEntry[]> {
  const bodies = new Bodies(readLines(dir))
  try {
    for (const page of readLeaves(dir, size)) {
      yield page.map((entry) => ({ ...entry, ...bodies.take(entry.seq) }))
    }
    if (bodies.left()) damaged(`${EXPORT_FILES.bodies} has lines that belong to no entry`)
  } finally {
    bodies.close()
  }
}

/** The leaves of any tiled log, without what belongs to them. */
export function* readLeaves(dir: string, size: number): Generator<StoredEntry[]> {
  for (let start = 0; start < size; start += TILE_WIDTH) {
    const width = Math.min(TILE_WIDTH, size - start)
    const hashes = readTile(dir, tilePath(0, start / TILE_WIDTH, width), width)
    yield readBundle(dir, start, width).map((leaf, i) => ({
      seq: start + i,
      leaf,
      salt: null,
      data: null,
      hash: hashes[i],
    }))
  }
}

/** One entry of an export, without reading the others; in a tiled log that is not ours it is a leaf and no more. */
export function readExportEntry(dir: string, seq: number, size: number): StoredEntry {
  const start = seq - (seq % TILE_WIDTH)
  const leaf = readBundle(dir, start, Math.min(TILE_WIDTH, size - start))[seq - start] ?? ''
  const body = hasBodies(dir) ? findBody(dir, seq) : { salt: null, data: null }
  return { seq, leaf, ...body }
}

/** Whether the folder says that it is an export of ours. */
export function hasBodies(dir: string): boolean {
  return existsSync(join(dir, EXPORT_FILES.bodies))
}

function readBundle(dir: string, start: number, width: number): Buffer[] {
  return splitBundle(readExportFile(dir, tilePath('entries', start / TILE_WIDTH, width)), width)
}

/** Hands out the body of each seq in turn. A line that is no line of its place gives a body that fits no leaf. */
class Bodies {
  readonly #lines: Generator<Buffer>
  #next: IteratorResult<Buffer>

  constructor(lines: Generator<Buffer>) {
    this.#lines = lines
    this.#next = lines.next()
  }

  take(seq: number): Pick<StoredEntry, 'salt' | 'data'> {
    if (this.#next.done === true) return { salt: null, data: null }
    const body = parseBodyLine(this.#next.value, seq)
    if (body !== undefined && body.seq > seq) return { salt: null, data: null }
    this.#next = this.#lines.next()
    return body?.seq === seq ? body : { salt: '', data: '' }
  }

  left(): boolean {
    return this.#next.done !== true
  }

  close(): void {
    this.#lines.return(undefined)
  }
}

/** The lines of the bodies, without their newlines. One at the end that lacks it comes empty: it can belong to no entry. */
function* readLines(dir: string): Generator<Buffer> {
  const file = openExportFile(dir, EXPORT_FILES.bodies)
  try {
    let rest = Buffer.alloc(0)
    for (;;) {
      // A new buffer for each chunk: lines are handed out as parts of it.
      const chunk = Buffer.allocUnsafe(CHUNK)
      const length = readSync(file, chunk)
      if (length === 0) break
      const bytes = Buffer.concat([rest, chunk.subarray(0, length)])
      let start = 0
      for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
        yield bytes.subarray(start, end)
        start = end + 1
      }
      rest = bytes.subarray(start)
      if (rest.length > LONGEST_LINE)
        damaged(`${EXPORT_FILES.bodies} has a line of more than ${LONGEST_LINE} bytes`)
    }
    if (rest.length > 0) yield Buffer.alloc(0)
  } finally {
    closeSync(file)
  }
}
