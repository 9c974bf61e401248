import type { S3Client } from '@aws-sdk/client-s3'
import type * as S3 from '@aws-sdk/client-s3'
import { createHash } from 'node:crypto'
import type { BucketAnchorSettings } from '../../core/sink-settings.ts'
import { awsErrorName, calling } from './errors.ts'
import { lazy } from './lazy.ts'
import { clientOptions } from './options.ts'

/** Objects that are asked for at once: a list is read within seconds. */
const AT_ONCE = 16
/** Most names that a bucket lists at once. */
const PAGE = 1000
const DAY_MS = 86_400_000
const TIMEOUT_MS = 10_000

/** A checkpoint has some hundred bytes; whoever can write to the bucket can put anything there. */
const MAX_BYTES = 64 * 1024

type Connected = { readonly sdk: typeof S3; readonly reading: S3Client; readonly writing: S3Client }

/** A bucket with object lock, connected at its first use. */
export type LockedBucket = {
  /** Locks the object from its beginning. False where one of this name is there already: it is left as it is. */
  readonly putLocked: (key: string, text: string, signal: AbortSignal) => Promise<boolean>
  /** The texts of the first objects under this prefix, in the order of their names. */
  readonly first: (prefix: string, limit: number, signal: AbortSignal) => Promise<readonly string[]>
}

export function lockedBucketOf(settings: BucketAnchorSettings): LockedBucket {
  const s3 = lazy(async (): Promise<Connected> => {
    const sdk = await import('@aws-sdk/client-s3')
    const { reading, writing } = clientOptions({ ...settings, timeoutMs: TIMEOUT_MS, maxAttempts: 3 })
    // Another endpoint has no host name for each bucket.
    const more = { forcePathStyle: settings.endpoint !== undefined }
    return {
      sdk,
      reading: new sdk.S3Client({ ...reading, ...more }),
      writing: new sdk.S3Client({ ...writing, ...more }),
    }
  })
  return {
    putLocked: async (key, text, signal) => put(await s3(), settings, { key, text, signal }),
    first: async (prefix, limit, signal) => {
      const keys = await list(await s3(), settings, { prefix, limit, signal })
      return getAll(await s3(), settings, { keys, signal })
    },
  }
}

type Putting = { readonly key: string; readonly text: string; readonly signal: AbortSignal }

async function put(
  { sdk, writing }: Connected,
  { bucket, mode, retainDays }: BucketAnchorSettings,
  { key, text, signal }: Putting,
): Promise<boolean> {
  const command = new sdk.PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: text,
    ContentType: 'text/plain; charset=utf-8',
    // What arrives is what was sent, or it is refused; a lock asks for a checksum.
    ChecksumSHA256: createHash('sha256').update(text).digest('base64'),
    ObjectLockMode: mode,
    ObjectLockRetainUntilDate: new Date(Date.now() + retainDays * DAY_MS),
    // Never over another one, not even as a newer version that hides it.
    IfNoneMatch: '*',
  })
  return calling('s3:PutObject', async () => {
    try {
      await writing.send(command, { abortSignal: signal })
      return true
    } catch (error) {
      if (awsErrorName(error) === 'PreconditionFailed') return false
      throw error
    }
  })
}

type Listing = { readonly prefix: string; readonly limit: number; readonly signal: AbortSignal }

async function list(
  { sdk, reading }: Connected,
  { bucket }: BucketAnchorSettings,
  { prefix, limit, signal }: Listing,
): Promise<readonly string[]> {
  const keys: string[] = []
  for (let token: string | undefined; keys.length < limit;) {
    const command = new sdk.ListObjectsV2Command({
      Bucket: bucket,
      Prefix: prefix,
      MaxKeys: Math.min(PAGE, limit - keys.length),
      ...(token === undefined ? {} : { ContinuationToken: token }),
    })
    // oxlint-disable-next-line no-await-in-loop -- page by page
    const page = await calling('s3:ListObjectsV2', () => reading.send(command, { abortSignal: signal }))
    const { Contents = [], IsTruncated, NextContinuationToken } = page
    keys.push(...Contents.flatMap(({ Key, Size = 0 }) => (Key && Size <= MAX_BYTES ? [Key] : [])))
    if (IsTruncated !== true || NextContinuationToken === undefined) break
    token = NextContinuationToken
  }
  return keys
}

type Getting = { readonly keys: readonly string[]; readonly signal: AbortSignal }

async function getAll(
  { sdk, reading }: Connected,
  { bucket }: BucketAnchorSettings,
  { keys, signal }: Getting,
): Promise<readonly string[]> {
  const texts: string[] = []
  for (let at = 0; at < keys.length; at += AT_ONCE) {
    const some = keys.slice(at, at + AT_ONCE).map((Key) =>
      calling('s3:GetObject', async () => {
        const command = new sdk.GetObjectCommand({ Bucket: bucket, Key })
        const { Body } = await reading.send(command, { abortSignal: signal })
        return (await Body?.transformToString('utf-8')) ?? ''
      }),
    )
    // oxlint-disable-next-line no-await-in-loop -- not all at once
    texts.push(...(await Promise.all(some)))
  }
  return texts
}
