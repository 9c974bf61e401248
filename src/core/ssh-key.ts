import { createHash, createPublicKey, type KeyObject } from 'node:crypto'

// SSH public keys: the wire form of RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709 §4, and OpenSSH's PROTOCOL.u2f.

/** An SSH public key that can verify signatures. */
export type SshKey = {
  /** Type as the key names itself, such as `ssh-ed25519`. */
  readonly type: SshKeyType
  /** `SHA256:…` as `ssh-keygen -l` prints it. */
  readonly fingerprint: string
  readonly key: KeyObject
  /** For keys in a security token: what the token signs for, `ssh:` by default. */
  readonly application?: string
}

const curves = {
  'ecdsa-sha2-nistp256': { name: 'nistp256', crv: 'P-256', bytes: 32 },
  'ecdsa-sha2-nistp384': { name: 'nistp384', crv: 'P-384', bytes: 48 },
  'ecdsa-sha2-nistp521': { name: 'nistp521', crv: 'P-521', bytes: 66 },
  'sk-ecdsa-sha2-nistp256@openssh.com': { name: 'nistp256', crv: 'P-256', bytes: 32 },
} as const

type EcdsaType = keyof typeof curves
type Ed25519Type = 'ssh-ed25519' | 'sk-ssh-ed25519@openssh.com'
type SshKeyType = EcdsaType | Ed25519Type | 'ssh-rsa'

/** Below this an RSA key proves nothing; OpenSSH has the same limit for new keys. */
const MIN_RSA_BITS = 2048

/** One line of an `authorized_keys` file, without options. Undefined when it is not one, or its key is too weak. */
export function parseSshKey(line: string): SshKey | undefined {
  const [type, base64] = line.trim().split(/[ \t]+/, 2)
  if (type === undefined || base64 === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined
  const key = readSshKey(Buffer.from(base64, 'base64'))
  return key?.type === type ? key : undefined
}

/** A key in wire form. */
export function readSshKey(blob: Uint8Array): SshKey | undefined {
  const reader = new SshReader(blob)
  const type = reader.text()
  const found = type === undefined ? undefined : readKey(type, reader)
  if (found === undefined || !reader.ended()) return undefined
  const fingerprint = `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
  return { ...found, fingerprint }
}

function readKey(type: string, reader: SshReader): Omit<SshKey, 'fingerprint'> | undefined {
  if (type === 'ssh-rsa') return rsa(reader)
  if (type === 'ssh-ed25519' || type === 'sk-ssh-ed25519@openssh.com') {
    return withApplication(type, ed25519(reader), reader)
  }
  return isEcdsa(type) ? withApplication(type, ecdsa(type, reader), reader) : undefined
}

function isEcdsa(type: string): type is EcdsaType {
  return Object.hasOwn(curves, type)
}

function withApplication(
  type: SshKeyType,
  key: KeyObject | undefined,
  reader: SshReader,
): Omit<SshKey, 'fingerprint'> | undefined {
  if (key === undefined) return undefined
  if (!type.startsWith('sk-')) return { type, key }
  const application = reader.text()
  return application === undefined ? undefined : { type, key, application }
}

function ed25519(reader: SshReader): KeyObject | undefined {
  const point = reader.bytes()
  if (point?.length !== 32) return undefined
  return jwk({ kty: 'OKP', crv: 'Ed25519', x: base64url(point) })
}

function ecdsa(type: EcdsaType, reader: SshReader): KeyObject | undefined {
  const { name, crv, bytes } = curves[type]
  const curve = reader.text()
  const point = reader.bytes()
  // 4: the uncompressed form, the only one SSH uses.
  if (curve !== name || point?.length !== 1 + 2 * bytes || point[0] !== 4) return undefined
  const x = base64url(point.subarray(1, 1 + bytes))
  return jwk({ kty: 'EC', crv, x, y: base64url(point.subarray(1 + bytes)) })
}

function rsa(reader: SshReader): Omit<SshKey, 'fingerprint'> | undefined {
  const exponent = reader.bytes()
  const modulus = reader.bytes()
  if (exponent === undefined || modulus === undefined) return undefined
  const key = jwk({ kty: 'RSA', e: base64url(unsigned(exponent)), n: base64url(unsigned(modulus)) })
  const bits = key?.asymmetricKeyDetails?.modulusLength ?? 0
  return key === undefined || bits < MIN_RSA_BITS ? undefined : { type: 'ssh-rsa', key }
}

function jwk(key: { [field: string]: string }): KeyObject | undefined {
  try {
    return createPublicKey({ key, format: 'jwk' })
  } catch {
    // Not a point of the curve, or numbers that are no key: hostile bytes, not a fault of ours.
    return undefined
  }
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}

/** An mpint without its leading zero byte. */
function unsigned(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0 ? bytes.subarray(1) : bytes
}

/** Reads length-prefixed fields (RFC 4251 §5). Every read may find too little and then gives undefined. */
export class SshReader {
  readonly #bytes: Buffer
  #offset = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes)
  }

  raw(length: number): Buffer | undefined {
    const end = this.#offset + length
    if (end > this.#bytes.length) return undefined
    const part = this.#bytes.subarray(this.#offset, end)
    this.#offset = end
    return part
  }

  uint32(): number | undefined {
    return this.raw(4)?.readUInt32BE()
  }

  bytes(): Buffer | undefined {
    const length = this.uint32()
    return length === undefined ? undefined : this.raw(length)
  }

  /** A field of printable ASCII; anything else is undefined. */
  text(): string | undefined {
    const text = this.bytes()?.toString('latin1')
    return text !== undefined && /^[\x20-\x7E]*$/.test(text) ? text : undefined
  }

  ended(): boolean {
    return this.#offset === this.#bytes.length
  }
}
