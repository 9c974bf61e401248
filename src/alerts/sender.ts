import { createHash, timingSafeEqual } from 'node:crypto'
import { FirebreakError } from '../core/errors.ts'
import type { Secret } from '../core/secret.ts'

/** What the configuration knows of a sender of alerts. */
export type Source = { readonly token: Secret } | { readonly auth: 'none' }

/** Lets a sender in that shows its source's token, or whose source says `auth: none`. Throws `alert.*` otherwise. */
export function admit(
  name: string,
  authorization: string | undefined,
  sources: { readonly [name: string]: Source },
): void {
  const source = Object.hasOwn(sources, name) ? sources[name] : undefined
  if (source === undefined) {
    throw new FirebreakError('alert.unknown-source', 'no source of alerts has this name', {
      remedy: 'Add it under alerts.sources, or correct the address.',
    })
  }
  if ('auth' in source) return
  const shown = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
  if (shown !== undefined && isSame(shown, source.token.reveal())) return
  throw new FirebreakError('alert.unauthorised', `the sender did not show the token of ${name}`, {
    remedy: 'Send `Authorization: Bearer TOKEN` with the token of this source.',
  })
}

/** Hashes have one length, so that the time taken says nothing about the token, not even how long it is. */
function isSame(one: string, other: string): boolean {
  return timingSafeEqual(hash(one), hash(other))
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
