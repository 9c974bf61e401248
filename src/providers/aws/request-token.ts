import { createHash } from 'node:crypto'

/**
 * A ClientRequestToken for an idempotency key: always the same for the same key, and shaped like the UUID that AWS
 * recommends (version 8, the one for own use, RFC 9562). It becomes the id of the secret's new version.
 */
export function requestToken(idempotencyKey: string): string {
  const hash = createHash('sha256').update(`firebreak secret version ${idempotencyKey}`).digest('hex')
  const variant = ((Number.parseInt(hash.charAt(16), 16) & 0x3) | 0x8).toString(16)
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    variant + hash.slice(17, 20),
    hash.slice(20, 32),
  ].join('-')
}
