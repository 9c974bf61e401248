import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { verifySshSignature } from '../../src/policy/ssh-signature.ts'

// Signatures made here part by part (PROTOCOL.sshsig), so that each part can be wrong while all the others are right.

const message = '{"decision":"approve"}'

function field(bytes: Buffer | string): Buffer {
  const data = Buffer.from(bytes)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  return Buffer.concat([length, data])
}

/** A number as SSH writes it: no zeros in front but the one that says that it is not negative. */
function mpint(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0)
  const bare = bytes.subarray(start === -1 ? bytes.length : start)
  return field((bare[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bare]) : bare)
}

function armor(bytes: Buffer): string {
  return `-----BEGIN SSH SIGNATURE-----\n${bytes.toString('base64')}\n-----END SSH SIGNATURE-----\n`
}

const pair = generateKeyPairSync('ed25519')
const point = Buffer.from(pair.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
const publicKey = Buffer.concat([field('ssh-ed25519'), field(point)])

type Made = {
  readonly magic: string
  readonly version: Buffer
  readonly publicKey: Buffer
  readonly namespace: string | Buffer
  readonly reserved: string
  readonly hash: string
  readonly algorithm: string | Buffer
  readonly signature: (data: Buffer) => Buffer
  /** After the signature proper, and after all of it. */
  readonly innerTail: Buffer
  readonly tail: Buffer
}

const right: Made = {
  magic: 'SSHSIG',
  version: Buffer.of(0, 0, 0, 1),
  publicKey,
  namespace: 'firebreak-decision',
  reserved: '',
  hash: 'sha512',
  algorithm: 'ssh-ed25519',
  signature: (data) => sign(null, data, pair.privateKey),
  innerTail: Buffer.alloc(0),
  tail: Buffer.alloc(0),
}

/** The fields of a signature, one after the other. */
function fieldsOf(change: Partial<Made>): Buffer[] {
  const made = { ...right, ...change }
  const digest = createHash(made.hash === 'sha256' ? 'sha256' : 'sha512')
    .update(message)
    .digest()
  const said = [field(made.namespace), field(made.reserved), field(made.hash)]
  const signed = Buffer.concat([Buffer.from('SSHSIG'), ...said, field(digest)])
  const inner = Buffer.concat([field(made.algorithm), field(made.signature(signed)), made.innerTail])
  return [Buffer.from(made.magic), made.version, field(made.publicKey), ...said, field(inner), made.tail]
}

function reasonOf(
  signature: string,
  more: { message?: string | Uint8Array; namespace?: string } = {},
): string {
  const verdict = verifySshSignature({ message, signature, ...more })
  return verdict.ok ? 'good' : verdict.reason
}

function reason(change: Partial<Made>): string {
  return reasonOf(armor(Buffer.concat(fieldsOf(change))))
}

const damaged = 'the signature is damaged'
const noSignature = 'the text is not an SSH signature, or a part of it is missing'
const foreign = 'the signature does not belong to this message and key'

describe('a signature of which one part is wrong', () => {
  it('is good with all of them right, also when what was reserved is used', () => {
    expect(reason({})).toBe('good')
    expect(reason({ reserved: 'later' })).toBe('good')
    expect(reason({ hash: 'sha256' })).toBe('good')
  })

  it.each<[string, string, Partial<Made>]>([
    ['another magic', 'the text is not an SSH signature', { magic: 'SSHSIX' }],
    ['another version', 'the version of the signature is unknown', { version: Buffer.of(0, 0, 0, 2) }],
    ['another hash', 'the hash algorithm is not sha256 or sha512', { hash: 'sha1' }],
    [
      'a key that is none',
      'the key in the signature is of no supported kind, or too weak',
      { publicKey: Buffer.from('x') },
    ],
    [
      'a key with more behind it',
      'the key in the signature is of no supported kind, or too weak',
      { publicKey: Buffer.concat([publicKey, Buffer.of(0)]) },
    ],
    ['a namespace that is no text', damaged, { namespace: Buffer.of(0xff) }],
    ['a hash that is no text', damaged, { hash: '\u0001' }],
    ['an algorithm that is no text', damaged, { algorithm: Buffer.of(7) }],
    ['more behind the signature', damaged, { innerTail: Buffer.of(0) }],
    ['more behind all of it', damaged, { tail: Buffer.of(0) }],
    [
      'the algorithm of another key',
      'a key of type ssh-ed25519 does not sign with ssh-rsa',
      { algorithm: 'ssh-rsa' },
    ],
    ['a signature of another size', foreign, { signature: () => Buffer.alloc(12) }],
    [
      'the signature of another text',
      foreign,
      { signature: () => sign(null, Buffer.from('x'), pair.privateKey) },
    ],
  ])('%s: %s', (_, expected, change) => {
    expect(reason(change)).toBe(expected)
  })

  it('by a token that adds too little is damaged', () => {
    const key = Buffer.concat([field('sk-ssh-ed25519@openssh.com'), field(point), field('ssh:')])
    const token = { publicKey: key, algorithm: 'sk-ssh-ed25519@openssh.com' }
    expect(reason({ ...token, innerTail: Buffer.of(1, 0, 0, 0) })).toBe(damaged)
    expect(reason(token)).toBe(damaged)
    expect(reason({ ...token, innerTail: Buffer.of(0, 0, 0, 0, 0) })).toBe('nobody touched the security key')
    expect(reason({ ...token, innerTail: Buffer.of(1, 0, 0, 0, 0) })).toBe(foreign)
    expect(reason({ ...token, innerTail: Buffer.of(2, 0, 0, 0, 0) })).toBe('nobody touched the security key')
  })

  it('that ends before its time says so, whichever part is missing', () => {
    const fields = fieldsOf({})
    const until = (count: number) => reasonOf(armor(Buffer.concat(fields.slice(0, count))))
    expect([1, 2, 3, 4, 5, 6].map(until)).toEqual([
      'the version of the signature is unknown',
      ...Array.from({ length: 5 }, () => damaged),
    ])
    const inner = (bytes: Buffer) => reasonOf(armor(Buffer.concat([...fields.slice(0, 6), field(bytes)])))
    expect([Buffer.alloc(0), field('ssh-ed25519'), field('sk-ssh-ed25519@openssh.com')].map(inner)).toEqual([
      damaged,
      damaged,
      damaged,
    ])
  })
})

describe('the armor', () => {
  const good = armor(Buffer.concat(fieldsOf({})))

  it('may stand among blank lines, and end its lines in either way', () => {
    expect(reasonOf(` \n\n${good}\n \n`)).toBe('good')
    expect(reasonOf(good.trimEnd())).toBe('good')
    expect(reasonOf(good.replaceAll('\n', '\r\n'))).toBe('good')
  })

  it('has nothing else around it', () => {
    for (const text of [`x${good}`, `x\n${good}`, `${good}x`, `${good}\nx`])
      expect(reasonOf(text)).toBe(noSignature)
  })

  it('is refused unread from a size on that no signature has', () => {
    const room = 16 * 1024 - good.length
    expect(reasonOf(good + ' '.repeat(room))).toBe('good')
    expect(reasonOf(good + ' '.repeat(room + 1))).toBe(noSignature)
  })

  it('holds base64 and nothing that would be skipped', () => {
    expect(reasonOf(good.replace('\n-----END', '=\n-----END'))).toBe(noSignature)
    const bytes = Buffer.concat(fieldsOf({})).toString('base64')
    expect(reasonOf(good.replace(bytes, `${bytes.slice(0, 8)}=${bytes.slice(8)}`))).toBe(noSignature)
    expect(reasonOf('-----BEGIN SSH SIGNATURE-----\n\n-----END SSH SIGNATURE-----\n')).not.toBe('good')
  })
})

it('a message is the same as text or as bytes, and a signature is for one purpose', () => {
  const good = armor(Buffer.concat(fieldsOf({})))
  expect(reasonOf(good, { message: new TextEncoder().encode(message) })).toBe('good')
  expect(reasonOf(good, { message: new TextEncoder().encode('other') })).toBe(foreign)
  expect(reasonOf(good, { namespace: 'git' })).toBe(
    'the signature was made for "firebreak-decision", not for git',
  )
  expect(reasonOf(armor(Buffer.concat(fieldsOf({ namespace: 'git' }))), { namespace: 'git' })).toBe('good')
})

describe('signatures by RSA keys', () => {
  const { privateKey, publicKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const { e = '', n = '' } = rsa.export({ format: 'jwk' })
  const [exponent, modulus] = [e, n].map((part) => Buffer.from(part, 'base64url'))
  const key = Buffer.concat([field('ssh-rsa'), mpint(exponent!), mpint(modulus!)])
  const by = (hash: string) => (data: Buffer) => sign(hash, data, privateKey)

  it.each([
    ['rsa-sha2-256', 'sha256', 'good'],
    ['rsa-sha2-512', 'sha512', 'good'],
    ['rsa-sha2-256', 'sha512', foreign],
    ['rsa-sha2-512', 'sha256', foreign],
    // It is SHA-1, which signs nothing any more.
    ['ssh-rsa', 'sha1', 'a key of type ssh-rsa does not sign with ssh-rsa'],
    ['ssh-rsa', 'sha256', 'a key of type ssh-rsa does not sign with ssh-rsa'],
  ])('%s with %s: %s', (algorithm, hash, expected) => {
    expect(reason({ publicKey: key, algorithm, signature: by(hash) })).toBe(expected)
  })
})

describe('the two numbers of an ECDSA signature', () => {
  const curves = [
    ['P-256', 'nistp256', 'sha256', 32],
    ['P-384', 'nistp384', 'sha384', 48],
    ['P-521', 'nistp521', 'sha512', 66],
  ] as const

  it.each(curves)(
    'of %s may be shorter than the curve, and no longer',
    (...[namedCurve, name, hash, width]) => {
      const { privateKey, publicKey: ec } = generateKeyPairSync('ec', { namedCurve })
      const { x = '', y = '' } = ec.export({ format: 'jwk' })
      const at = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
      const algorithm = `ecdsa-sha2-${name}`
      const key = Buffer.concat([field(algorithm), field(name), field(at)])
      const made = (wrap: (r: Buffer, s: Buffer) => Buffer) =>
        reason({ publicKey: key, algorithm, signature: (data) => pairOf(data, { privateKey, hash, wrap }) })
      // One number in 256 is shorter than the curve: so many signatures have some that are.
      for (let i = 0; i < 8; i += 1) expect(made((r, s) => Buffer.concat([mpint(r), mpint(s)]))).toBe('good')
      expect(made((r, s) => Buffer.concat([mpint(s), mpint(r)]))).toBe(foreign)
      expect(made((r) => mpint(r))).toBe(foreign)
      expect(made(() => Buffer.alloc(0))).toBe(foreign)
      expect(made((r, s) => Buffer.concat([mpint(r), mpint(s), Buffer.of(0)]))).toBe(foreign)
      const long = field(Buffer.concat([Buffer.alloc(1, 1), Buffer.alloc(width)]))
      expect(made((r) => Buffer.concat([mpint(r), long]))).toBe(foreign)
      expect(made((_, s) => Buffer.concat([long, mpint(s)]))).toBe(foreign)
    },
  )
})

type Pairing = {
  readonly privateKey: KeyObject
  readonly hash: string
  readonly wrap: (r: Buffer, s: Buffer) => Buffer
}

function pairOf(data: Buffer, { privateKey, hash, wrap }: Pairing): Buffer {
  const raw = sign(hash, data, { key: privateKey, dsaEncoding: 'ieee-p1363' })
  return wrap(raw.subarray(0, raw.length / 2), raw.subarray(raw.length / 2))
}
