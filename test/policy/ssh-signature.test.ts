import { execFileSync, spawnSync } from 'node:child_process'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parseSshKey } from '../../src/core/ssh-key.ts'
import { verifySshSignature } from '../../src/policy/ssh-signature.ts'

const present = spawnSync('ssh-keygen', ['-?']).error === undefined
if (!present && !process.env['CI']) console.log('skipped: no ssh-keygen on this machine')

const folder = mkdtempSync(join(tmpdir(), 'firebreak-ssh-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const message = '{"decision":"approve","digest":"sha256:00","nonce":"1"}'

function makeKey(name: string, options: string[]): { line: string; fingerprint: string; path: string } {
  const path = join(folder, name)
  execFileSync('ssh-keygen', ['-q', '-N', '', '-C', 'someone', '-f', path, ...options])
  const listed = execFileSync('ssh-keygen', ['-lf', `${path}.pub`], { encoding: 'utf8' })
  return { line: readFileSync(`${path}.pub`, 'utf8'), fingerprint: listed.split(' ')[1] ?? '', path }
}

function signWith(
  path: string,
  { text = message, namespace = 'firebreak-decision', options = [] as string[] } = {},
) {
  const args = ['-q', '-Y', 'sign', '-n', namespace, '-f', path, ...options]
  return execFileSync('ssh-keygen', args, {
    input: text,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
  })
}

function armor(bytes: Buffer): string {
  return `-----BEGIN SSH SIGNATURE-----\n${bytes.toString('base64')}\n-----END SSH SIGNATURE-----\n`
}

function field(bytes: Buffer | string): Buffer {
  const data = Buffer.from(bytes)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  return Buffer.concat([length, data])
}

function sha256(bytes: Buffer | string): Buffer {
  return createHash('sha256').update(bytes).digest()
}

/** What a token does, by PROTOCOL.u2f: it signs application, flags and counter with the message. */
function touch(kind: 'ed25519' | 'ecdsa', flags: number): string {
  const pair =
    kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = pair.publicKey.export({ format: 'jwk' })
  const type = kind === 'ed25519' ? 'sk-ssh-ed25519@openssh.com' : 'sk-ecdsa-sha2-nistp256@openssh.com'
  const [x, y] = [jwk.x, jwk.y].map((part) => Buffer.from(part ?? '', 'base64url'))
  const point =
    kind === 'ed25519' ? [field(x!)] : [field('nistp256'), field(Buffer.concat([Buffer.of(4), x!, y!]))]
  const publicKey = Buffer.concat([field(type), ...point, field('ssh:')])
  const digest = createHash('sha512').update(message).digest()
  const head = [field('firebreak-decision'), field(''), field('sha512')]
  const signed = Buffer.concat([Buffer.from('SSHSIG'), ...head, field(digest)])
  const token = Buffer.of(flags, 0, 0, 0, 7)
  const data = Buffer.concat([sha256('ssh:'), token, sha256(signed)])
  const raw = sign(kind === 'ed25519' ? null : 'sha256', data, {
    key: pair.privateKey,
    dsaEncoding: 'ieee-p1363',
  })
  const mpint = (bytes: Buffer) =>
    field((bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes)
  const body = kind === 'ed25519' ? raw : Buffer.concat([mpint(raw.subarray(0, 32)), mpint(raw.subarray(32))])
  const inner = field(Buffer.concat([field(type), field(body), token]))
  const blob = Buffer.concat([Buffer.from('SSHSIG'), Buffer.of(0, 0, 0, 1), field(publicKey), ...head, inner])
  return armor(blob)
}

const kinds: [string, string[]][] = [
  ['ed25519', ['-t', 'ed25519']],
  ['ecdsa-256', ['-t', 'ecdsa', '-b', '256']],
  ['ecdsa-384', ['-t', 'ecdsa', '-b', '384']],
  ['ecdsa-521', ['-t', 'ecdsa', '-b', '521']],
  ['rsa', ['-t', 'rsa', '-b', '2048']],
]

describe.skipIf(!present && !process.env['CI'])('signatures of the real ssh-keygen', () => {
  it.each(kinds)('a signature by %s is traced to its key, and to no other message', (name, options) => {
    const key = makeKey(name, options)
    expect(parseSshKey(key.line)?.fingerprint).toBe(key.fingerprint)
    // ECDSA numbers vary in length with every signature.
    for (let i = 0; i < 4; i++) {
      const signature = signWith(key.path)
      expect(verifySshSignature({ message, signature })).toEqual({ ok: true, fingerprint: key.fingerprint })
      expect(verifySshSignature({ message: `${message} `, signature }).ok).toBe(false)
    }
    const short = signWith(key.path, { options: ['-O', 'hashalg=sha256'] })
    expect(verifySshSignature({ message, signature: short }).ok).toBe(true)
  })

  it('a signature for another namespace decides nothing', () => {
    const key = makeKey('git', ['-t', 'ed25519'])
    const verdict = verifySshSignature({ message, signature: signWith(key.path, { namespace: 'git' }) })
    expect(verdict).toMatchObject({ ok: false, reason: expect.stringContaining('git') })
  })

  it('an altered, cut or re-keyed signature is refused, wherever it is touched', () => {
    const key = makeKey('altered', ['-t', 'ed25519'])
    const other = parseSshKey(makeKey('other', ['-t', 'ed25519']).line)
    const lines = signWith(key.path).trim().split('\n')
    const blob = Buffer.from(lines.slice(1, -1).join(''), 'base64')
    expect(verifySshSignature({ message, signature: armor(blob) }).ok).toBe(true)
    for (let i = 0; i < blob.length; i++) {
      const changed = Buffer.from(blob)
      changed[i] = (changed[i] ?? 0) ^ 1
      expect(verifySshSignature({ message, signature: armor(changed) }), `byte ${i}`).toMatchObject({
        ok: false,
      })
      const cut = verifySshSignature({ message, signature: armor(blob.subarray(0, i)) })
      expect(cut, `cut at ${i}`).toMatchObject({ ok: false })
    }
    const raw = Buffer.from(other?.key.export({ format: 'jwk' }).x ?? '', 'base64url')
    const at = blob.indexOf('ssh-ed25519') + 'ssh-ed25519'.length + 4
    const rekeyed = Buffer.concat([blob.subarray(0, at), raw, blob.subarray(at + 32)])
    expect(verifySshSignature({ message, signature: armor(rekeyed) }).ok).toBe(false)
  })

  it('a weak RSA key is no key', () => {
    const path = join(folder, 'weak')
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
    writeFileSync(path, publicKey.export({ type: 'pkcs1', format: 'pem' }))
    const line = execFileSync('ssh-keygen', ['-i', '-m', 'PEM', '-f', path], { encoding: 'utf8' })
    expect(line).toMatch(/^ssh-rsa /)
    expect(parseSshKey(line)).toBeUndefined()
  })
})

describe('signatures of security keys', () => {
  it.each(['ed25519', 'ecdsa'] as const)('a touched %s key signs, an untouched one does not', (kind) => {
    expect(verifySshSignature({ message, signature: touch(kind, 1) })).toMatchObject({ ok: true })
    expect(verifySshSignature({ message: 'other', signature: touch(kind, 1) })).toMatchObject({ ok: false })
    expect(verifySshSignature({ message, signature: touch(kind, 0) })).toMatchObject({
      ok: false,
      reason: expect.stringContaining('touched'),
    })
  })
})

describe('texts that are no signature', () => {
  it.each([
    '',
    'approve',
    '-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----',
    '-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----',
    '-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQ\n-----END SSH SIGNATURE-----',
    `-----BEGIN SSH SIGNATURE-----\n${'A'.repeat(20_000)}\n-----END SSH SIGNATURE-----`,
  ])('are refused with a reason', (signature) => {
    expect(verifySshSignature({ message, signature })).toMatchObject({
      ok: false,
      reason: expect.any(String),
    })
  })

  it('a line that is no public key is no public key', () => {
    for (const line of [
      '',
      'ssh-ed25519',
      'ssh-ed25519 !!!',
      'ssh-ed25519 AAAA',
      'no-pty ssh-ed25519 AAAA',
      'ssh-dss AAAAB3NzaC1kc3M=',
    ]) {
      expect(parseSshKey(line)).toBeUndefined()
    }
  })
})
