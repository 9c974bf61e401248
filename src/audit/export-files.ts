import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FirebreakError } from '../core/errors.ts'
import type { Hash } from './tree.ts'

/** Names of the files beside `tile/`. */
export const EXPORT_FILES = { checkpoint: 'checkpoint', bodies: 'bodies.jsonl', key: 'key.vkey' } as const

/** An entry's data is at most 60 KiB: a line far beyond it is damage, not worth the memory. */
export const LONGEST_LINE = 1 << 20
/** No other file is larger: a bundle has 256 leaves of at most 64 KiB. */
const LARGEST_FILE = 32 << 20
const HASH_BYTES = 32

/** Reads one file of an export; refuses with a code when it is not there, or is none. */
export function readExportFile(dir: string, name: string): Buffer {
  const file = openExportFile(dir, name)
  try {
    if (fstatSync(file).size <= LARGEST_FILE) return readFileSync(file)
  } catch (cause) {
    damaged(`${name} cannot be read`, cause)
  } finally {
    closeSync(file)
  }
  damaged(`${name} has more than ${LARGEST_FILE} bytes`)
}

/** Opens one. The folder comes from others: a pipe laid in a file's place would be waited for for ever. */
export function openExportFile(dir: string, name: string): number {
  let file: number
  try {
    file = openSync(join(dir, name), constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    damaged(`${name} cannot be read`, cause)
  }
  if (fstatSync(file).isFile()) return file
  closeSync(file)
  damaged(`${name} is not a regular file`)
}

/** The hashes of a tile that must have so many. */
export function readTile(dir: string, path: string, width: number): Hash[] {
  const tile = readExportFile(dir, path)
  if (tile.length !== width * HASH_BYTES) damaged(`${path} does not have ${width} hashes`)
  const hex = tile.toString('hex')
  return Array.from({ length: width }, (_, i) => hex.slice(2 * HASH_BYTES * i, 2 * HASH_BYTES * (i + 1)))
}

/** A fault of the folder, not of the log. */
export function damaged(what: string, cause?: unknown): never {
  throw new FirebreakError('audit.bad-export', `the export is damaged: ${what}`, {
    remedy: 'Export again into an empty folder, and keep this one: it may be evidence.',
    cause,
  })
}
