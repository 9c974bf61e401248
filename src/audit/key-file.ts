import { randomUUID } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { FirebreakError } from '../core/errors.ts'
import { logKeyFromPem, logKeyToPem } from './key.ts'
import type { LogKey } from './key.ts'

/** Group and others. */
const WIDER = 0o077

/** Writes the signing key to a new file of mode 0600, whole or not at all; never over an existing one. */
export function createKeyFile(path: string, key: LogKey): void {
  // A crash may leave the temporary file, never half a key under the real name.
  const temporary = `${path}.${randomUUID()}`
  const file = openSync(temporary, 'wx', 0o600)
  try {
    writeSync(file, logKeyToPem(key))
    fsyncSync(file)
    linkSync(temporary, path)
  } catch (cause) {
    if (!isErrno(cause, 'EEXIST')) throw cause
    throw new FirebreakError('audit.key-exists', `${path} exists already`, {
      remedy: 'Use that key, or move the file away if a new log is meant.',
      cause,
    })
  } finally {
    closeSync(file)
    unlinkSync(temporary)
  }
  syncFolder(dirname(path))
}

/** Reads the signing key of the log of this name; refuses a file that others can read. */
export function readKeyFile(path: string, name: string): LogKey {
  let file: number
  try {
    // Not blocking, or a pipe laid in the key's place would hang the start.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    keyFile(`the signing key ${path} cannot be opened`, cause)
  }
  try {
    // The open file is asked, not the path: between two calls on a path it could be exchanged.
    const stat = fstatSync(file)
    if (!stat.isFile()) keyFile(`${path} is not a regular file`)
    if ((stat.mode & WIDER) !== 0) {
      keyFile(
        `${path} has mode 0${(stat.mode & 0o777).toString(8)}: others can read or write the signing key`,
      )
    }
    return logKeyFromPem(readFileSync(file, 'utf8'), name)
  } finally {
    closeSync(file)
  }
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

function keyFile(what: string, cause?: unknown): never {
  throw new FirebreakError('audit.key-file', what, {
    remedy: 'Restore the file with mode 0600 (chmod 600), owned by the user of the bot.',
    cause,
  })
}
