import { DeleteObjectCommand, GetObjectTaggingCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isFirebreakError } from '../../../src/core/errors.ts'
import { Secret } from '../../../src/core/secret.ts'
import type { BucketAnchorSettings } from '../../../src/core/sink-settings.ts'
import { lockedBucketOf } from '../../../src/providers/aws/locked-bucket.ts'
import { startS3, type S3Sandbox } from '../../../src/sandbox/aws/s3.ts'

let s3: S3Sandbox
const signal = AbortSignal.timeout(60_000)
beforeAll(async () => {
  s3 = await startS3({ buckets: ['anchors', 'many', 'plain'], page: 20 })
})
afterAll(() => s3.close())

function settings(changes: Partial<BucketAnchorSettings> = {}): BucketAnchorSettings {
  const { url: endpoint, region, accessKeyId, secretAccessKey } = s3
  const credentials = { accessKeyId, secretAccessKey: new Secret(secretAccessKey) }
  const lock = { retainDays: 30, mode: 'COMPLIANCE' } as const
  const where = { kind: 's3', bucket: 'anchors', prefix: '', place: 's3://anchors/' } as const
  return { name: 'a', ...where, endpoint, region, credentials, ...lock, ...changes }
}

function client(): S3Client {
  const { url: endpoint, region, accessKeyId, secretAccessKey } = s3
  const credentials = { accessKeyId, secretAccessKey }
  return new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 })
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: unknown) => (isFirebreakError(error) ? error.code : String(error)),
  )
}

function put(changes: Partial<BucketAnchorSettings>): Promise<string> {
  return codeOf(lockedBucketOf(settings(changes)).putLocked('k', 'v', signal))
}

function named(work: Promise<unknown>): Promise<unknown> {
  return work.catch((error: unknown) => (error instanceof Error ? error.name : error))
}

describe('a locked bucket', () => {
  it('locks each object for the days that are configured, and puts none over another', async () => {
    const bucket = lockedBucketOf(settings())
    const before = Date.now()
    expect(await bucket.putLocked('p/ä 1', 'text é', signal)).toBe(true)
    expect(await bucket.putLocked('p/ä 1', 'other', signal)).toBe(false)
    const versions = s3.versions('anchors').filter(({ key }) => key === 'p/ä 1')
    expect(versions).toMatchObject([{ text: 'text é', lock: { mode: 'COMPLIANCE' } }])
    const until = versions[0]?.lock?.until.getTime() ?? 0
    expect(Math.round((until - before) / 86_400_000)).toBe(30)
    expect(await bucket.first('p/', 10, signal)).toEqual(['text é'])
  })

  it('lists more than one page in the order of the names, as far as it is asked', async () => {
    const bucket = lockedBucketOf(settings({ bucket: 'many' }))
    const names = Array.from({ length: 53 }, (_, i) => String(i).padStart(4, '0'))
    await Promise.all(names.map((name) => bucket.putLocked(`x/${name}`, name, signal)))
    expect(await bucket.first('x/', 3, signal)).toEqual(['0000', '0001', '0002'])
    expect(await bucket.first('x/', Infinity, signal)).toEqual(names)
    expect(await bucket.first('y/', Infinity, signal)).toEqual([])
  })

  it('says in our codes what is wrong', async () => {
    const { accessKeyId } = s3
    const wrong = { accessKeyId, secretAccessKey: new Secret('not-the-key') }
    expect(await put({ credentials: wrong })).toBe('provider.denied')
    expect(await put({ credentials: { ...wrong, accessKeyId: 'AKIANOBODY' } })).toBe('provider.denied')
    expect(await put({ bucket: 'absent' })).toBe('provider.not-found')
    s3.fail(503)
    expect(await put({})).toBe('provider.throttled')
    expect(s3.versions('anchors').filter(({ key }) => key === 'k')).toEqual([])
  })

  it('finds after a lost answer that the object is there', async () => {
    const bucket = lockedBucketOf(settings())
    s3.fail(0)
    expect(await codeOf(bucket.putLocked('lost', 'v', signal))).toMatch(/^provider\./)
    expect(await bucket.putLocked('lost', 'v', signal)).toBe(false)
    expect(s3.versions('anchors').filter(({ key }) => key === 'lost')).toHaveLength(1)
  })
})

describe('the stand-in', () => {
  it('keeps a locked version under whatever is put over it, and hides it all the same, as S3 does', async () => {
    await lockedBucketOf(settings({ bucket: 'plain' })).putLocked('k', 'first', signal)
    await client().send(
      new PutObjectCommand({ Bucket: 'plain', Key: 'k', Body: 'second', ChecksumAlgorithm: 'SHA256' }),
    )
    expect(s3.versions('plain').map(({ text, lock }) => [text, lock?.mode])).toEqual([
      ['first', 'COMPLIANCE'],
      ['second', undefined],
    ])
    expect(await lockedBucketOf(settings({ bucket: 'plain' })).first('', 9, signal)).toEqual(['second'])
    s3.hide('plain', 'k')
    expect(await lockedBucketOf(settings({ bucket: 'plain' })).first('', 9, signal)).toEqual([])
    expect(s3.versions('plain')).toHaveLength(3)
  })

  it('refuses what it does not model by saying so', async () => {
    expect(await named(client().send(new DeleteObjectCommand({ Bucket: 'anchors', Key: 'p' })))).toBe(
      'NotImplemented',
    )
    expect(await named(client().send(new GetObjectTaggingCommand({ Bucket: 'anchors', Key: 'p' })))).toBe(
      'NotImplemented',
    )
    const acl = new PutObjectCommand({ Bucket: 'anchors', Key: 'p', Body: 'x', ACL: 'public-read' })
    expect(await named(client().send(acl))).toBe('NotImplemented')
    const lock = { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: new Date(1) } as const
    const past = new PutObjectCommand({
      Bucket: 'anchors',
      Key: 'p',
      Body: 'x',
      ...lock,
      ChecksumSHA256: 'AAAA',
    })
    expect(await named(client().send(past))).not.toBe('done')
  })
})
