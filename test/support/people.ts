import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import type { Account, Standing } from '../../src/core/person.ts'

const TEAM = 'T0TEST'

/** An Ed25519 key of a person, with what ssh-keygen would do with it. */
export type SshKey = {
  readonly line: string
  readonly fingerprint: string
  readonly sign: (text: string) => string
}

function field(bytes: Uint8Array | string): Buffer {
  const body = Buffer.from(bytes)
  const size = Buffer.alloc(4)
  size.writeUInt32BE(body.length)
  return Buffer.concat([size, body])
}

/** `ssh-keygen -Y sign -n firebreak-decision`, in PROTOCOL.sshsig's terms. */
function sshsig(text: string, key: { readonly blob: Buffer; readonly secret: KeyObject }): string {
  const namespace = 'firebreak-decision'
  const digest = createHash('sha512').update(text).digest()
  const tail = [field(namespace), field(''), field('sha512')]
  const signed = Buffer.concat([Buffer.from('SSHSIG'), ...tail, field(digest)])
  const signature = Buffer.concat([field('ssh-ed25519'), field(sign(null, signed, key.secret))])
  const version = Buffer.from([0, 0, 0, 1])
  const whole = Buffer.concat([Buffer.from('SSHSIG'), version, field(key.blob), ...tail, field(signature)])
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? []
  return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n')
}

function sshKey(comment: string): SshKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
  const blob = Buffer.concat([field('ssh-ed25519'), field(raw)])
  const fingerprint = `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
  return {
    line: `ssh-ed25519 ${blob.toString('base64')} ${comment}`,
    fingerprint,
    sign: (text) => sshsig(text, { blob, secret: privateKey }),
  }
}

export const keys = {
  rita: sshKey('rita'),
  ann: sshKey('ann'),
  bob: sshKey('bob'),
  mallory: sshKey('mallory'),
}

/** Rita asks; Ann, Bob and Cleo approve. Rita may approve too, but never what she asked for. */
export const people = [
  { id: 'rita', name: 'Rita', roles: ['responder', 'approver'], slack: 'U0RITA', sshKeys: [keys.rita.line] },
  { id: 'ann', name: 'Ann', roles: ['approver'], slack: 'U0ANN', sshKeys: [keys.ann.line] },
  { id: 'bob', name: 'Bob', roles: ['approver'], slack: 'U0BOB', sshKeys: [keys.bob.line] },
  { id: 'cleo', name: 'Cleo', roles: ['approver'], slack: 'U0CLEO' },
  { id: 'gus', name: 'Gus', roles: ['approver'], slack: 'U0GUS' },
  { id: 'oli', name: 'Oli', roles: ['observer'], slack: 'U0OLI' },
]

export function slack(person: string, standing: Standing = 'member'): Account {
  return { via: 'slack', team: TEAM, user: `U0${person.toUpperCase()}`, standing }
}

export function ssh(key: SshKey): Account {
  return { via: 'ssh', fingerprint: key.fingerprint }
}

export const rita = slack('rita')
export const ann = slack('ann')
export const bob = slack('bob')
export const cleo = slack('cleo')
