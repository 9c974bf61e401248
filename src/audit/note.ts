import { sign, verify } from 'node:crypto'
import { FirebreakError } from '../core/errors.ts'
import { fromBase64, isKeyName } from './key.ts'
import type { LogKey, VerifierKey } from './key.ts'

/** A note (c2sp.org/signed-note) at least one of whose signatures was verified. `text` ends with a newline. */
export type OpenedNote = { readonly text: string; readonly signedBy: readonly VerifierKey[] }

type Signature = { readonly name: string; readonly id: string; readonly bytes: Buffer }

/** Room for 16 signatures of the largest assigned kind (5 kB each), which the specification wants accepted. */
const MAX_NOTE_LENGTH = 128 * 1024
const MAX_SIGNATURES = 64
const SIGNATURE_LINE = /^\u2014 (\S+) (\S+)$/u

/** Signs a text that ends with a newline, with each of the keys. */
export function signNote(text: string, ...keys: readonly LogKey[]): string {
  if (!text.endsWith('\n') || !isClean(text))
    badNote('a text to sign ends with a newline and has no control characters')
  return `${text}\n${keys.map((key) => signatureLine(text, key)).join('')}`
}

function signatureLine(text: string, { id, name, privateKey }: LogKey): string {
  const signature = Buffer.concat([Buffer.from(id, 'hex'), sign(null, Buffer.from(text), privateKey)])
  return `\u2014 ${name} ${signature.toString('base64')}\n`
}

/**
 * Verifies a note. Signatures of unknown keys are passed over (a log's key may be rotated, witnesses may sign too);
 * one of a known key that does not verify condemns the note, and so does the lack of any.
 */
export function openNote(note: string, keys: readonly VerifierKey[]): OpenedNote {
  const { text, signatures } = splitNote(note)
  const message = Buffer.from(text)
  const signedBy = new Set<VerifierKey>()
  for (const { name, id, bytes } of signatures) {
    const known = keys.filter((key) => key.name === name && key.id === id)
    if (known.length === 0) continue
    const signer = known.find(({ publicKey }) => verify(null, message, publicKey, bytes))
    if (signer === undefined) wrongSignature(`the signature of ${name} (key ${id}) does not verify`)
    signedBy.add(signer)
  }
  if (signedBy.size === 0) {
    const names = signatures.map(({ name, id }) => `${name} (key ${id})`).join(', ')
    wrongSignature(`no trusted key has signed; the text is signed by ${names}`)
  }
  return { text, signedBy: [...signedBy] }
}

/** Takes a note apart without verifying anything. */
export function splitNote(note: string): {
  readonly text: string
  readonly signatures: readonly Signature[]
} {
  if (note.length > MAX_NOTE_LENGTH) badNote(`the note is longer than ${MAX_NOTE_LENGTH} characters`)
  if (!isClean(note) || !note.endsWith('\n'))
    badNote('the note has control characters or no newline at its end')
  const split = note.lastIndexOf('\n\n')
  if (split === -1) badNote('the note has no blank line before its signatures')
  const lines = note.slice(split + 2, -1).split('\n')
  if (lines.length > MAX_SIGNATURES) badNote(`the note has more than ${MAX_SIGNATURES} signatures`)
  return { text: note.slice(0, split + 1), signatures: lines.map(parseSignature) }
}

function parseSignature(line: string): Signature {
  const [, name = '', base64 = ''] = SIGNATURE_LINE.exec(line) ?? []
  const bytes = fromBase64(base64)
  if (!isKeyName(name) || bytes === undefined || bytes.length < 5)
    badNote('a signature line of the note is malformed')
  return { name, id: bytes.toString('hex', 0, 4), bytes: bytes.subarray(4) }
}

/** Well-formed, without any control character but the newline. */
function isClean(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what is refused here
  return text.isWellFormed() && !/[\u0000-\u0009\u000b-\u001f]/.test(text)
}

function badNote(what: string): never {
  throw new FirebreakError('audit.bad-note', what, {
    remedy: 'Take the checkpoint file itself, not a copied text.',
  })
}

function wrongSignature(what: string): never {
  throw new FirebreakError('audit.wrong-signature', what, {
    remedy: 'Do not trust it. Compare the verifier key with the one handed out when the log was made.',
  })
}
