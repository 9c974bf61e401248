import { createHash, type KeyObject, verify } from 'node:crypto'
import { readSshKey, type SshKey, SshReader } from '../core/ssh-key.ts'
import { SIGNATURE_NAMESPACE } from '../core/wire.ts'

// Signatures of `ssh-keygen -Y sign` (OpenSSH, PROTOCOL.sshsig), also by keys in a security token (PROTOCOL.u2f).
// Nothing here is secret, so nothing needs constant time: keys, messages and signatures are all public.

/** A signature of an RSA key of 16,384 bits, in armor, is far smaller. */
const MAX_ARMOR = 16 * 1024

const MAGIC = 'SSHSIG'
const VERSION = 1
/** The bit by which a token says that a person touched it. */
const USER_PRESENT = 0x01

export type Verified =
  | { readonly ok: true; readonly fingerprint: string }
  | { readonly ok: false; readonly reason: string }

/** Whose key signed this message for this namespace. Never throws. */
export function verifySshSignature(input: {
  readonly message: string | Uint8Array
  readonly signature: string
  /** A signature made for another purpose, such as a Git commit, decides nothing here. */
  readonly namespace?: string
}): Verified {
  const blob = unarmor(input.signature)
  if (blob === undefined) return no('the text is not an SSH signature, or a part of it is missing')
  const parts = readParts(blob)
  if (typeof parts === 'string') return no(parts)
  const namespace = input.namespace ?? SIGNATURE_NAMESPACE
  if (parts.namespace !== namespace) {
    return no(`the signature was made for ${JSON.stringify(parts.namespace)}, not for ${namespace}`)
  }
  const key = readSshKey(parts.publicKey)
  if (key === undefined) return no('the key in the signature is of no supported kind, or too weak')
  const signed = signedData(parts, input.message)
  const fault =
    signed === undefined ? 'the hash algorithm is not sha256 or sha512' : faultOf(parts, key, signed)
  return fault === undefined ? { ok: true, fingerprint: key.fingerprint } : no(fault)
}

function no(reason: string): Verified {
  return { ok: false, reason }
}

function unarmor(text: string): Buffer | undefined {
  if (text.length > MAX_ARMOR) return undefined
  const armor = /^\s*-----BEGIN SSH SIGNATURE-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END SSH SIGNATURE-----\s*$/
  const body = armor.exec(text)?.[1]?.replaceAll(/[\r\n]/g, '')
  if (body === undefined) return undefined
  const blob = Buffer.from(body, 'base64')
  // Node skips what is no base64; only a text that comes out again unchanged was all there.
  return blob.toString('base64') === body ? blob : undefined
}

type Parts = {
  readonly publicKey: Buffer
  readonly namespace: string
  readonly reserved: Buffer
  readonly hash: string
  readonly algorithm: string
  readonly signature: Buffer
  /** What a token adds to its signature: flags and counter. */
  readonly token: Buffer
}

function readParts(blob: Buffer): Parts | string {
  const reader = new SshReader(blob)
  if (reader.raw(MAGIC.length)?.toString('latin1') !== MAGIC) return 'the text is not an SSH signature'
  if (reader.uint32() !== VERSION) return 'the version of the signature is unknown'
  const publicKey = reader.bytes()
  const namespace = reader.text()
  const reserved = reader.bytes()
  const hash = reader.text()
  const inner = readInner(reader.bytes())
  const incomplete = 'the signature is damaged'
  if (publicKey === undefined || namespace === undefined || reserved === undefined) return incomplete
  if (hash === undefined || inner === undefined || !reader.ended()) return incomplete
  return { publicKey, namespace, reserved, hash, ...inner }
}

function readInner(blob: Buffer | undefined): Pick<Parts, 'algorithm' | 'signature' | 'token'> | undefined {
  if (blob === undefined) return undefined
  const reader = new SshReader(blob)
  const algorithm = reader.text()
  const signature = reader.bytes()
  if (algorithm === undefined || signature === undefined) return undefined
  const token = algorithm.startsWith('sk-') ? reader.raw(5) : Buffer.alloc(0)
  return token === undefined || !reader.ended() ? undefined : { algorithm, signature, token }
}

function signedData({ namespace, reserved, hash }: Parts, message: string | Uint8Array): Buffer | undefined {
  if (hash !== 'sha256' && hash !== 'sha512') return undefined
  const digest = createHash(hash).update(message).digest()
  return Buffer.concat([
    Buffer.from(MAGIC),
    ...[Buffer.from(namespace), reserved, Buffer.from(hash), digest].map(field),
  ])
}

function field(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** Why the signature is not this key's over this data. */
function faultOf(parts: Parts, key: SshKey, signed: Buffer): string | undefined {
  if (key.application === undefined) return verifyWith(parts, key, signed)
  if (((parts.token[0] ?? 0) & USER_PRESENT) === 0) return 'nobody touched the security key'
  return verifyWith(
    parts,
    key,
    Buffer.concat([sha256(Buffer.from(key.application)), parts.token, sha256(signed)]),
  )
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest()
}

function verifyWith(
  { algorithm, signature }: Parts,
  { type, key }: SshKey,
  data: Buffer,
): string | undefined {
  // RSA keys sign with SHA-2 only: the old `ssh-rsa` is SHA-1. Every other key has its own one algorithm.
  const rsa = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' } as const
  const wrong = `a key of type ${type} does not sign with ${algorithm}`
  if (type === 'ssh-rsa') {
    if (algorithm !== 'rsa-sha2-256' && algorithm !== 'rsa-sha2-512') return wrong
    return faultIf(!check({ hash: rsa[algorithm], data, key, signature }))
  }
  if (algorithm !== type) return wrong
  if (type.endsWith('ed25519') || type === 'sk-ssh-ed25519@openssh.com') {
    return faultIf(!check({ data, key, signature }))
  }
  const pair = ecdsaPair(signature, key)
  return faultIf(pair === undefined || !check({ hash: hashOf(type), data, key, signature: pair }))
}

function faultIf(bad: boolean): string | undefined {
  return bad ? 'the signature does not belong to this message and key' : undefined
}

function hashOf(type: SshKey['type']): string {
  if (type.endsWith('nistp384')) return 'sha384'
  return type.endsWith('nistp521') ? 'sha512' : 'sha256'
}

/** `r` and `s` as two mpints, put into the fixed width that node:crypto calls ieee-p1363. */
function ecdsaPair(signature: Buffer, key: KeyObject): Buffer | undefined {
  const reader = new SshReader(signature)
  const numbers = [reader.bytes(), reader.bytes()]
  if (!reader.ended()) return undefined
  const curve = key.asymmetricKeyDetails?.namedCurve
  const width = curve === 'secp384r1' ? 48 : curve === 'secp521r1' ? 66 : 32
  const padded = numbers.map((number) => {
    const bare = number?.[0] === 0 ? number.subarray(1) : number
    return bare === undefined || bare.length > width
      ? undefined
      : Buffer.concat([Buffer.alloc(width - bare.length), bare])
  })
  const [r, s] = padded
  return r === undefined || s === undefined ? undefined : Buffer.concat([r, s])
}

function check(input: { hash?: string; data: Buffer; key: KeyObject; signature: Buffer }): boolean {
  try {
    const key = { key: input.key, dsaEncoding: 'ieee-p1363' as const }
    return verify(input.hash, input.data, key, input.signature)
  } catch {
    // A signature of the wrong size is an answer, not an accident.
    return false
  }
}
