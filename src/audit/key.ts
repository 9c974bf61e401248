import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { FirebreakError } from '../core/errors.ts'

/** What verifies a log's signatures: name, 32-bit id in hex, Ed25519 public key (c2sp.org/signed-note). */
export type VerifierKey = {
  readonly name: string
  readonly id: string
  readonly publicKey: KeyObject
  /** The text form, `name+id+base64(0x01 ‖ key)`: what an auditor is given. */
  readonly text: string
}

/** What signs a log's checkpoints. Its name is the origin of the log. */
export type LogKey = VerifierKey & { readonly privateKey: KeyObject }

/** The signature type byte of Ed25519 in signed notes. */
const ED25519 = 0x01
/** The DER of an Ed25519 SubjectPublicKeyInfo up to the 32 bytes of the key (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

/** A new Ed25519 key for the log of this name; a name is best a URL without scheme, such as `example.com/firebreak`. */
export function generateLogKey(name: string): LogKey {
  return logKey(generateKeyPairSync('ed25519').privateKey, name)
}

/** Reads a private key in PKCS #8 PEM. The name is not in it: it is the origin of the log. */
export function logKeyFromPem(pem: string, name: string): LogKey {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch (cause) {
    // The cause is named, not attached whole: nothing of the key may travel with an error.
    badKey(`the signing key cannot be read (${cause instanceof Error ? cause.name : 'no error'})`)
  }
  return logKey(key, name)
}

export function logKeyToPem(key: LogKey): string {
  return key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** Reads the text form of a verifier key; refuses one whose id does not belong to its name and key. */
export function parseVerifierKey(text: string): VerifierKey {
  const [name = '', id = '', base64 = '', ...more] = text.trim().split('+')
  // Base64 may itself contain a plus sign.
  const bytes = fromBase64([base64, ...more].join('+'))
  if (bytes?.length !== 33 || bytes[0] !== ED25519) {
    badKey('a verifier key reads NAME+ID+BASE64 and holds an Ed25519 key')
  }
  const spki = Buffer.concat([SPKI_PREFIX, bytes.subarray(1)])
  const key = verifierKey(createPublicKey({ key: spki, format: 'der', type: 'spki' }), name)
  if (key.id !== id) badKey(`the id ${id} of the verifier key does not belong to its name and key`)
  return key
}

/** Key names are non-empty and hold neither spaces nor plus signs (c2sp.org/signed-note). */
export function isKeyName(name: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what is refused here
  return name !== '' && name.isWellFormed() && !/[\s+\u0000-\u001f\u0085]/u.test(name)
}

/** Strict standard base64: any other spelling of the same bytes is refused, so that a text has one form. */
export function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

function logKey(privateKey: KeyObject, name: string): LogKey {
  return { ...verifierKey(createPublicKey(privateKey), name), privateKey }
}

function verifierKey(publicKey: KeyObject, name: string): VerifierKey {
  if (!isKeyName(name)) badKey(`"${name}" cannot name a log: a name holds neither spaces nor plus signs`)
  if (publicKey.asymmetricKeyType !== 'ed25519') badKey('the key is not an Ed25519 key')
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(SPKI_PREFIX.length)
  const material = Buffer.concat([Buffer.of(ED25519), raw])
  const id = createHash('sha256').update(`${name}\n`).update(material).digest('hex').slice(0, 8)
  return { name, id, publicKey, text: `${name}+${id}+${material.toString('base64')}` }
}

function badKey(what: string): never {
  throw new FirebreakError('audit.bad-key', what, { remedy: 'Take the key again from where it was made.' })
}
