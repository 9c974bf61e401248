import { resolve } from 'node:path'
import { FirebreakError } from '../core/errors.ts'
import { Secret } from '../core/secret.ts'

/** Where a log is. `place` is what is shown and written into the log: never a password. */
export type Address =
  | { readonly kind: 'folder'; readonly place: string }
  | { readonly kind: 'postgres'; readonly place: string; readonly url: string }

type Environment = { readonly [name: string]: string | undefined }

/** A folder, the address of a database without a password, or `env:NAME` of one that may have one. */
export function addressOf(text: string, env: Environment): Address {
  const named = /^env:(.+)$/.exec(text)?.[1]
  if (named === undefined) {
    if (!isPostgres(text)) return { kind: 'folder', place: resolve(text) }
    const address = postgresAt(text)
    // Whatever stands on a command line is everybody's to read on this machine.
    if (new URL(text).password !== '')
      throw wrong('an address with a password does not stand on a command line')
    return address
  }
  const url = env[named] ?? ''
  if (url === '') throw wrong(`the environment variable ${named} is not set`)
  void new Secret(url)
  if (!isPostgres(url)) throw wrong(`the environment variable ${named} holds no address of PostgreSQL`)
  return postgresAt(url)
}

function isPostgres(text: string): boolean {
  return /^postgres(ql)?:\/\//.test(text)
}

function postgresAt(url: string): Address {
  if (!URL.canParse(url)) throw wrong('the address of PostgreSQL cannot be read')
  const { host, pathname, searchParams } = new URL(url)
  // A socket is named by its folder.
  const socket = searchParams.get('host')
  return {
    kind: 'postgres',
    url,
    place: `postgres://${host === '' && socket !== null ? socket : host}${pathname}`,
  }
}

function wrong(what: string): FirebreakError {
  return new FirebreakError('usage.bad-arguments', what, {
    remedy:
      'Write a state folder, postgres://HOST/DATABASE, or env:NAME of a variable that holds the address.',
  })
}
