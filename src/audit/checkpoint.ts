import { FirebreakError } from '../core/errors.ts'
import { fromBase64 } from './key.ts'
import type { LogKey, VerifierKey } from './key.ts'
import { openNote, signNote, splitNote } from './note.ts'
import type { Hash } from './tree.ts'

/** What a log says of itself at one moment (c2sp.org/tlog-checkpoint). */
export type Checkpoint = { readonly origin: string; readonly size: number; readonly root: Hash }

/** A checkpoint with the key of the log whose signature was verified. */
export type VerifiedCheckpoint = Checkpoint & { readonly key: VerifierKey }

const SIZE = /^(?:0|[1-9][0-9]*)$/

/**
 * Signs the size and root of a log. The origin is the name of the key: a key that signed for two logs could be made to
 * answer for the wrong one.
 */
export function signCheckpoint({ origin, size, root }: Checkpoint, ...keys: readonly LogKey[]): string {
  for (const { name } of keys)
    if (origin !== name) badCheckpoint(`the key of ${name} does not sign for ${origin}`)
  const text = `${origin}\n${size}\n${Buffer.from(root, 'hex').toString('base64')}\n`
  parseText(text)
  return signNote(text, ...keys)
}

/** Reads a checkpoint WITHOUT verifying it: for display, and to learn which key to look for. */
export function parseCheckpoint(note: string): Checkpoint {
  return parseText(splitNote(note).text)
}

/** Reads a checkpoint that a trusted key has signed; the log itself must be among the signers. */
export function verifyCheckpoint(note: string, keys: readonly VerifierKey[]): VerifiedCheckpoint {
  const { text, signedBy } = openNote(note, keys)
  const checkpoint = parseText(text)
  const key = signedBy.find(({ name }) => name === checkpoint.origin)
  if (key === undefined) badCheckpoint(`the checkpoint of ${checkpoint.origin} is not signed under that name`)
  return { ...checkpoint, key }
}

/** Extension lines are allowed and passed over, as the specification wants; we write none. */
function parseText(text: string): Checkpoint {
  const [origin = '', size = '', base64 = '', ...extensions] = text.slice(0, -1).split('\n')
  const root = fromBase64(base64)
  if (origin === '' || extensions.includes('')) badCheckpoint('a line of the checkpoint is empty')
  if (!SIZE.test(size) || !Number.isSafeInteger(Number(size))) badCheckpoint('the size is not a whole number')
  if (root?.length !== 32) badCheckpoint('the root is not a SHA-256 hash in base64')
  return { origin, size: Number(size), root: root.toString('hex') }
}

function badCheckpoint(what: string): never {
  throw new FirebreakError('audit.bad-checkpoint', what, { remedy: 'Take another copy of the checkpoint.' })
}
