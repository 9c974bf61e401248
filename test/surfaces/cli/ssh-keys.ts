import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SIGNATURE_NAMESPACE } from '../../../src/core/wire.ts'

export const installed = spawnSync('ssh-keygen', ['-?']).error === undefined
if (!installed) {
  console.log('SKIPPED signing with OpenSSH: ssh-keygen is not installed')
  if (process.env['CI'] !== undefined) throw new Error('ssh-keygen is not installed')
}

const folder = mkdtempSync(join(tmpdir(), 'fb-keys-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

/** A path at which there is no key. */
export const missing = join(folder, 'none')

/** A new Ed25519 key, made by OpenSSH; the path of its private half. */
export function makeKey(name: string, passphrase = ''): string {
  // A folder for each: another test file may want a key of the same name.
  const file = join(mkdtempSync(join(folder, 'key-')), name)
  if (installed) {
    const { status } = spawnSync('ssh-keygen', [
      '-q',
      '-t',
      'ed25519',
      '-N',
      passphrase,
      '-C',
      name,
      '-f',
      file,
    ])
    if (status !== 0) throw new Error(`ssh-keygen made no key ${name}`)
  }
  return file
}

/** The line of a key for `sshKeys` in the configuration. */
export function publicLine(key: string): string {
  return readFileSync(`${key}.pub`, 'utf8').trim()
}

/** As `account` in the log: the fingerprint that OpenSSH shows for a key. */
export function fingerprintOf(key: string): string {
  const { stdout } = spawnSync('ssh-keygen', ['-l', '-f', `${key}.pub`], { encoding: 'utf8' })
  return stdout.split(' ')[1] ?? ''
}

/** What OpenSSH itself says of a signature: the auditor's view. */
export function verifies(
  key: string,
  { message, signature }: { readonly message: string; readonly signature: string },
  namespace = SIGNATURE_NAMESPACE,
): boolean {
  const allowed = join(folder, 'allowed')
  const file = join(folder, 'signature')
  writeFileSync(allowed, `ada ${publicLine(key)}`)
  writeFileSync(file, signature)
  const args = ['-Y', 'verify', '-n', namespace, '-I', 'ada', '-f', allowed, '-s', file]
  return spawnSync('ssh-keygen', args, { input: message }).status === 0
}
