import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { FirebreakError } from '../core/errors.ts'

const { O_APPEND, O_CREAT, O_RDWR, O_NONBLOCK } = constants
const NEWLINE = 0x0a

/** Appends lines and answers when they are on disk. */
type Append = (lines: readonly string[], signal: AbortSignal) => Promise<void>

/**
 * One write at a time, also after one that was given up: a disk that hangs would otherwise take, try by try, every
 * thread that the program has for files and names.
 */
export function createAppender(path: string): Append {
  let last: Promise<unknown> = Promise.resolve()
  return async (lines, signal) => {
    await last.catch(() => {})
    signal.throwIfAborted()
    const mine = appendLines(path, lines)
    last = mine
    await mine
  }
}

/**
 * The lines go into a file of mode 0600, whole. It is opened each time, so that it may be rotated meanwhile. A line that
 * a crash or a full disk has cut off stays, closed by a line break: what is appended only is never shortened.
 */
async function appendLines(path: string, lines: readonly string[]): Promise<void> {
  // Not blocking: opening a pipe that nobody reads would wait for ever.
  const file = await open(path, O_APPEND | O_CREAT | O_RDWR | O_NONBLOCK, 0o600)
  try {
    const { size } = await sizeOf(file, path)
    const start = size > 0 && (await lastByte(file, size)) !== NEWLINE ? '\n' : ''
    await file.writeFile(`${start}${lines.join('\n')}\n`)
    await file.datasync()
    if (size === 0) await syncFolder(path)
  } finally {
    await file.close()
  }
}

async function sizeOf(file: FileHandle, path: string): Promise<{ size: number }> {
  const found = await file.stat()
  if (found.isFile()) return found
  throw new FirebreakError('audit.bad-file', `${path} is not a regular file`, {
    remedy: 'Name a file that is appended to.',
  })
}

async function lastByte(file: FileHandle, size: number): Promise<number | undefined> {
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer[0]
}

/** A new file is safe only when its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), constants.O_RDONLY)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
