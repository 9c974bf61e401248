import { createHash } from 'node:crypto'
import { parseCheckpoint } from '../checkpoint.ts'
import type { Anchor } from './anchor.ts'

/** What the provider hands in. An object is never replaced, and cannot be deleted before its time is over. */
export type LockedBucket = {
  /** Whether it is there now; false where an object of this name was there already. */
  readonly putLocked: (key: string, text: string, signal: AbortSignal) => Promise<boolean>
  /** The texts of the first objects under this prefix, in the order of their names. */
  readonly first: (prefix: string, limit: number, signal: AbortSignal) => Promise<readonly string[]>
}

type Options = {
  readonly name: string
  /** As people know it: `s3://bucket/prefix`. */
  readonly place: string
  readonly prefix: string
  readonly origin: string
  readonly bucket: LockedBucket
}

/** Later than any clock will show: names count down from it, so that a bucket lists the newest first. */
const LAST_MS = 9_999_999_999_999

/** Checkpoints as objects that are locked for a time, one object for each. */
export function bucketAnchor({ name, place, prefix, origin, bucket }: Options): Anchor {
  const folder = `${prefix}${encodeURIComponent(origin)}/`
  return {
    name,
    place: `${place}${encodeURIComponent(origin)}/`,
    put: async (checkpoint, signal) => {
      // Whoever is there already under this name has the same content: it is in the name.
      await bucket.putLocked(`${folder}${nameOf(checkpoint)}`, checkpoint, signal)
    },
    recent: (limit, signal) => bucket.first(folder, limit, signal),
  }
}

/** As many digits each time, so that names are ordered like numbers. */
function left(than: number): string {
  return String(LAST_MS - than).padStart(13, '0')
}

function nameOf(checkpoint: string): string {
  // Of two in the same millisecond, the larger log is the newer.
  const order = `${left(Date.now())}-${left(parseCheckpoint(checkpoint).size)}`
  const digest = createHash('sha256').update(checkpoint).digest('hex').slice(0, 16)
  return `${order}-${digest}.checkpoint`
}
