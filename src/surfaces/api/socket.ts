import type { Server } from 'node:http'
import { chmodSync, lstatSync, unlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { FirebreakError } from '../../core/errors.ts'
import { listen } from './server.ts'

/** `sun_path` of Linux holds 108 bytes with the final zero (unix(7)). */
const MAX_PATH = 107

/**
 * Listens on a Unix socket that only this user can open. The socket of a dead process is replaced; one that is
 * answered, and a file that is no socket, are refused. Two processes cannot race here: the state folder is held.
 */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) > MAX_PATH) throw refuse(path, `the path is longer than ${MAX_PATH} bytes`)
  await clearStale(path)
  try {
    await listenPrivately(server, path)
  } catch (cause) {
    throw refuse(path, cause instanceof Error ? cause.message : String(cause), cause)
  }
}

/** The mode is right from the first moment: the mask holds while `listen` binds, which it does before it returns. */
async function listenPrivately(server: Server, path: string): Promise<void> {
  const before = process.umask(0o177)
  let listening: Promise<void>
  try {
    listening = listen(server, { path })
  } finally {
    process.umask(before)
  }
  await listening
  chmodSync(path, 0o600)
}

async function clearStale(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return
  // A connection to a plain file is refused just as one to a dead socket is: look before deleting anything.
  if (!found.isSocket()) throw refuse(path, 'something that is no socket lies there')
  const state = await knock(path)
  if (state === 'ECONNREFUSED') unlinkSync(path)
  else if (state !== 'ENOENT') throw refuse(path, state)
}

/** What happens to a connection: an error code, or words for a peer that answers. */
function knock(path: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve('another process answers there')
    })
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
  })
}

function refuse(path: string, why: string, cause?: unknown): FirebreakError {
  return new FirebreakError('api.socket', `cannot open the control socket ${path}: ${why}`, {
    remedy: 'Stop the other bot, or give this one a state folder of its own with a short path.',
    cause,
  })
}
