import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { FirebreakError } from '../core/errors.ts'
import { parseBodyLine } from './body-line.ts'
import type { StoredEntry } from './entry.ts'
import { EXPORT_FILES } from './export.ts'
import { splitBundle, TILE_WIDTH, tilePath } from './tile.ts'
import type { Hash } from './tree.ts'

/** An entry's data is at most 60 KiB: a line far beyond it is damage, not worth the memory. */
const CHUNK = 1 << 20
const HASH_BYTES = 32
const NEWLINE = 0x0a

/** Reads one file of an export; refuses with a code when it is not there. */
export function readExportFile(dir: string, name: string): Buffer {
  try {
    return readFileSync(join(dir, name))
  } catch (cause) {
    damaged(`${name} cannot be read`, cause)
  }
}

/** The entries of an export, each with its hash from the tiles, without holding more than a bundle in memory. */
export function* readExportEntries(dir: string, size: number): Generator<StoredEntry> {
  const bodies = new Bodies(readLines(join(dir, EXPORT_FILES.bodies)))
  try {
    for (let start = 0; start < size; start += TILE_WIDTH) {
      const width = Math.min(TILE_WIDTH, size - start)
      const place = [start / TILE_WIDTH, width] as const
      const leaves = splitBundle(readExportFile(dir, tilePath('entries', ...place)), width)
      const hashes = readHashes(dir, tilePath(0, ...place), width)
      for (const [i, leaf] of leaves.entries()) {
        yield { seq: start + i, leaf, hash: hashes[i], ...bodies.take(start + i) }
      }
    }
    if (bodies.left()) damaged(`${EXPORT_FILES.bodies} has lines that belong to no entry`)
  } finally {
    bodies.close()
  }
}

/** The leaf hashes of an export, for proofs. They prove nothing by themselves: compare the root with the checkpoint. */
export function readLeafHashes(dir: string, size: number): Hash[] {
  const hashes: Hash[] = []
  for (let start = 0; start < size; start += TILE_WIDTH) {
    const width = Math.min(TILE_WIDTH, size - start)
    hashes.push(...readHashes(dir, tilePath(0, start / TILE_WIDTH, width), width))
  }
  return hashes
}

function readHashes(dir: string, path: string, width: number): Hash[] {
  const tile = readExportFile(dir, path)
  if (tile.length !== width * HASH_BYTES) damaged(`${path} does not have ${width} hashes`)
  const hex = tile.toString('hex')
  return Array.from({ length: width }, (_, i) => hex.slice(2 * HASH_BYTES * i, 2 * HASH_BYTES * (i + 1)))
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

/** The lines of a file, without their newlines. One at the end that lacks it comes empty: it can belong to no entry. */
function* readLines(path: string): Generator<Buffer> {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (cause) {
    damaged(`${EXPORT_FILES.bodies} cannot be read`, cause)
  }
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
      if (rest.length > CHUNK) damaged(`${EXPORT_FILES.bodies} has a line of more than ${CHUNK} bytes`)
    }
    if (rest.length > 0) yield Buffer.alloc(0)
  } finally {
    closeSync(file)
  }
}

function damaged(what: string, cause?: unknown): never {
  throw new FirebreakError('audit.bad-export', `the export is damaged: ${what}`, {
    remedy: 'Export again into an empty folder, and keep this one: it may be evidence.',
    cause,
  })
}
