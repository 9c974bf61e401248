import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Json } from '../core/json.ts'
import { Secret } from '../core/secret.ts'
import type { Path } from '../core/yaml.ts'
import type { Setting } from './config.ts'
import { type Fault, pathWords } from './fault.ts'
import { SecretRef } from './words.ts'

export type Environment = { readonly [name: string]: string | undefined }

/** No token or key file is larger; reading a device or a log by mistake must end. */
const MAX_SECRET_BYTES = 64 * 1024

/** Keys that hold a secret wherever they stand, unless what they hold is only its name or place. */
const SECRET_KEY =
  /^key$|secret|token|passw|passphrase|private_?key|client_?key|api[_-]?key|credential|authorization|cookie|hmac/i
const ONLY_A_NAME = /(id|ids|name|arn|file|path|url|uri|ttl|field)$/i

/** Values that are secrets by their look. */
const SECRET_VALUE = /^xox[a-z]-|^xapp-|-----BEGIN [A-Z ]*PRIVATE KEY-----|^gh[pousr]_|^sk-[A-Za-z0-9]/

/** Every secret that stands in the file itself. */
export function literalSecrets(value: Json, path: Path = []): Fault[] {
  if (typeof value === 'string') return isLiteralSecret(value, path) ? [literal(path)] : []
  if (typeof value !== 'object' || value === null) return []
  if (isList(value)) return value.flatMap((item, index) => literalSecrets(item, [...path, index]))
  return Object.entries(value).flatMap(([key, item]) => literalSecrets(item, [...path, key]))
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function isLiteralSecret(value: string, path: Path): boolean {
  if (SECRET_VALUE.test(value)) return true
  if (!holdsSecrets(path)) return false
  const key = path.findLast((part) => typeof part === 'string') ?? ''
  const isReference = key === 'env' || key === 'file'
  return !isReference && SECRET_KEY.test(key) && !ONLY_A_NAME.test(key)
}

/** Only these settings do; an input of a route may well be named `secretId`. */
function holdsSecrets([area, part]: Path): boolean {
  if (area === 'alerts') return part === 'sources'
  return area === 'slack' || area === 'providers' || area === 'audit' || area === 'onCall'
}

function literal(path: Path): Fault {
  return {
    code: 'config.literal-secret',
    message: `${pathWords(path)} looks like a secret, and the file is no place for one`,
    remedy:
      'Write { env: NAME } or { file: PATH } instead, and replace the secret: it has been written down.',
    path,
  }
}

/** Resolves references, and collects what leads nowhere. Relative files are sought beside the configuration. */
export class SecretReader {
  readonly faults: Fault[] = []
  readonly #file: string
  readonly #env: Environment

  constructor(file: string, env: Environment) {
    this.#file = file
    this.#env = env
  }

  read(reference: SecretRef, path: Path): Secret {
    const value = 'env' in reference ? this.#env[reference.env] : this.#fromFile(reference.file, path)
    if (value !== undefined && value !== '') return new Secret(value)
    if ('env' in reference) {
      this.#missing(path, `the environment variable ${reference.env} is not set`)
    } else if (value === '') this.#missing(path, `the file ${reference.file} is empty`)
    return new Secret('')
  }

  /** A provider's settings: every `{ env: NAME }` or `{ file: PATH }` in them is a reference. */
  settings(value: Json, path: Path): Setting {
    if (typeof value !== 'object' || value === null) return value
    if (isList(value)) return value.map((item, index) => this.settings(item, [...path, index]))
    const reference = SecretRef.safeParse(value)
    return reference.success ? this.read(reference.data, path) : this.record(value, path)
  }

  record(value: { readonly [key: string]: Json }, path: Path): { [key: string]: Setting } {
    const entries = Object.entries(value)
    return Object.fromEntries(entries.map(([key, item]) => [key, this.settings(item, [...path, key])]))
  }

  #fromFile(name: string, path: Path): string | undefined {
    try {
      const file = resolve(dirname(this.#file), name)
      const found = statSync(file)
      if (!found.isFile()) return this.#missing(path, `${name} is not a regular file`)
      if (found.size > MAX_SECRET_BYTES)
        return this.#missing(path, `the file ${name} is too large for a secret`)
      return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
    } catch {
      // The reason holds the resolved path only; the content never gets into a message.
      return this.#missing(path, `the file ${name} cannot be read`)
    }
  }

  #missing(path: Path, why: string): undefined {
    this.faults.push({
      code: 'config.missing-secret',
      message: `${pathWords(path)}: ${why}`,
      remedy: 'Set the variable for the process, or mount the file, then start again.',
      path,
    })
    return undefined
  }
}
