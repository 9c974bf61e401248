import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { AwsError } from './errors.ts'
import type { Lock, Objects } from './s3-objects.ts'
import { escapeXml } from './wire.ts'

export type S3Request = {
  readonly method: string
  readonly rawUrl: string
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export type S3Reply = {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string
}

/** Headers of a put that mean nothing for what is stored. Whatever else begins with x-amz- is not modelled. */
const known = new Set([
  'x-amz-date',
  'x-amz-content-sha256',
  'x-amz-user-agent',
  'x-amz-checksum-sha256',
  'x-amz-sdk-checksum-algorithm',
  'x-amz-object-lock-mode',
  'x-amz-object-lock-retain-until-date',
  'x-amz-checksum-mode',
])

export function answerTo(request: S3Request, objects: Objects, page: number): S3Reply {
  const { method, url, headers } = request
  const odd = Object.keys(headers).find((name) => name.startsWith('x-amz-') && !known.has(name))
  if (odd !== undefined) throw notImplemented(`the header ${odd}`)
  const [, bucket = '', ...rest] = url.pathname.split('/').map(decodeURIComponent)
  const key = rest.join('/')
  const query = [...url.searchParams.keys()].filter((name) => name !== 'x-id')
  if (method === 'GET' && key === '' && url.searchParams.get('list-type') === '2')
    return list(objects, bucket, { query: url.searchParams, longest: page })
  if (query.length > 0 || key === '') throw notImplemented(`${method} ${url.search}`)
  if (method === 'PUT') return put(objects, bucket, { key, request })
  if (method === 'GET') return get(objects, bucket, key)
  throw notImplemented(`${method} of an object`)
}

function put(
  objects: Objects,
  bucket: string,
  { key, request }: { readonly key: string; readonly request: S3Request },
): S3Reply {
  const { headers, body } = request
  const none = headers['if-none-match']
  if (none !== undefined && none !== '*') throw notImplemented('If-None-Match of anything but *')
  const checksum = createHash('sha256').update(body).digest('base64')
  const said = headers['x-amz-checksum-sha256']
  const lock = lockIn(headers)
  if (lock !== undefined && said === undefined) {
    const text =
      'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters'
    throw new AwsError('InvalidRequest', text)
  }
  if (said !== undefined && said !== checksum) {
    throw new AwsError('BadDigest', 'The SHA256 you specified did not match the calculated checksum.')
  }
  const object = { key, text: body, ifNone: none === '*', ...(lock === undefined ? {} : { lock }) }
  const { version } = objects.put(bucket, object)
  return {
    status: 200,
    headers: { 'x-amz-version-id': version, 'x-amz-checksum-sha256': checksum },
    body: '',
  }
}

function lockIn(headers: IncomingHttpHeaders): Lock | undefined {
  const mode = headers['x-amz-object-lock-mode']
  const until = headers['x-amz-object-lock-retain-until-date']
  if (mode === undefined && until === undefined) return undefined
  const date = new Date(String(until))
  if ((mode !== 'COMPLIANCE' && mode !== 'GOVERNANCE') || !(date.getTime() > Date.now())) {
    throw new AwsError('InvalidArgument', 'The retain until date must be in the future, with a mode!')
  }
  return { mode, until: date }
}

function get(objects: Objects, bucket: string, key: string): S3Reply {
  const found = objects.current(bucket).find((object) => object.key === key)
  if (found === undefined) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404)
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-amz-version-id': found.version }
  return { status: 200, headers, body: found.text }
}

const listParameters = new Set(['list-type', 'prefix', 'max-keys', 'continuation-token', 'x-id'])

type Listing = { readonly query: URLSearchParams; readonly longest: number }

/** In the order of the names' bytes; the token is the last name, as base64. */
function list(objects: Objects, bucket: string, { query, longest }: Listing): S3Reply {
  const odd = [...query.keys()].find((name) => !listParameters.has(name))
  if (odd !== undefined) throw notImplemented(`the parameter ${odd} of ListObjectsV2`)
  const prefix = query.get('prefix') ?? ''
  const most = Math.min(longest, Number(query.get('max-keys') ?? longest))
  const after = Buffer.from(query.get('continuation-token') ?? '', 'base64').toString()
  const all = objects.current(bucket).filter(({ key }) => key.startsWith(prefix) && key > after)
  const page = all.slice(0, most)
  const more = all.length > page.length
  const contents = page.map(
    ({ key, time, text }) =>
      `<Contents><Key>${escapeXml(key)}</Key><LastModified>${time.toISOString()}</LastModified><Size>${Buffer.byteLength(text)}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
  )
  const next = more
    ? `<NextContinuationToken>${Buffer.from(page.at(-1)?.key ?? '').toString('base64')}</NextContinuationToken>`
    : ''
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${bucket}</Name><Prefix>${escapeXml(prefix)}</Prefix><KeyCount>${page.length}</KeyCount><MaxKeys>${most}</MaxKeys><IsTruncated>${String(more)}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`
  return { status: 200, headers: { 'content-type': 'application/xml' }, body }
}

/** S3's own code for what it does not do: here, for what the stand-in does not. */
function notImplemented(what: string): AwsError {
  return new AwsError('NotImplemented', `The sandbox does not implement ${what}.`, 501)
}
