import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { FirebreakError } from '../../core/errors.ts'
import { SIGNATURE_NAMESPACE } from '../../core/wire.ts'
import type { Io } from './deps.ts'

/** The keys that are looked for when none is named, best first. */
const DEFAULT_KEYS = ['id_ed25519', 'id_ed25519_sk', 'id_ecdsa_sk', 'id_ecdsa', 'id_rsa']

/** ssh-keygen says this on every use; it is no news. */
const CHATTER = /^Signing data on standard input\r?\n/m

type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

/**
 * Signs a text with OpenSSH, which finds the key in its file, in the agent (name the public key's file), or on a FIDO
 * token, and asks for a passphrase or a touch on the terminal. Firebreak never sees the key.
 */
export async function signWithSsh(message: string, key: string | undefined, io: Io): Promise<string> {
  const file = key === undefined ? defaultKey(io.home) : atHome(key, io.home)
  const { code, stdout, stderr } = await run(
    ['-Y', 'sign', '-n', SIGNATURE_NAMESPACE, '-f', file],
    message,
    io,
  )
  if (code === 0 && stdout.startsWith('-----BEGIN SSH SIGNATURE-----')) return stdout
  throw cannotSign(`ssh-keygen could not sign with ${file}: ${stderr.trim() || `exit code ${code}`}`)
}

/** A tilde that no shell has expanded, as in `--key=~/.ssh/id_ed25519`. */
function atHome(path: string, home: string): string {
  return path.startsWith('~/') ? join(home, path.slice(2)) : path
}

function defaultKey(home: string): string {
  const files = DEFAULT_KEYS.map((name) => join(home, '.ssh', name))
  const found = files.find((file) => existsSync(file))
  if (found === undefined) throw cannotSign(`there is no SSH key in ${join(home, '.ssh')}`)
  return found
}

function run(args: readonly string[], input: string, io: Io): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn('ssh-keygen', args, { stdio: ['pipe', 'pipe', 'pipe'], signal: io.signal })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      const news = chunk.replace(CHATTER, '')
      stderr += news
      // At once, because it may ask for a touch of the token.
      if (io.interactive && news !== '') io.stderr(news)
    })
    child.on('error', (cause) => reject(cannotSign(`ssh-keygen cannot be run: ${cause.message}`, cause)))
    child.on('close', (code) => resolve({ code, stdout, stderr }))
    // It may refuse the key before it has read the text.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}

function cannotSign(message: string, cause?: unknown): FirebreakError {
  return new FirebreakError('cli.sign', message, {
    remedy:
      'Name a key that is bound to you in the configuration, with --key FILE (FILE.pub for one in the agent).',
    cause,
  })
}
