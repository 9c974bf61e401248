import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { AwsError } from './errors.ts'
import type { AccessKey } from './state.ts'

export type SignedRequest = {
  readonly method: string
  readonly url: string
  readonly headers: { readonly [name: string]: string | string[] | undefined }
  readonly body: string
}

/** JSON services and query services name the same failures differently, and with other statuses. */
export type Dialect = 'json' | 'query'

type Scope = {
  readonly accessKeyId: string
  readonly day: string
  readonly region: string
  readonly service: string
  readonly signedHeaders: readonly string[]
  readonly signature: string
}

export type Expected = {
  readonly dialect: Dialect
  readonly service: string
  readonly keys: ReadonlyMap<string, AccessKey>
}

/** "In most cases, a request must reach AWS within five minutes of the time stamp" (IAM User Guide, signing requests). */
const MAX_SKEW_MS = 5 * 60_000

/**
 * Checks an AWS Signature Version 4 and returns the key that made it. Time is the machine's, not the stand-in's clock:
 * the real SDK signs with real time.
 */
export function authenticate(request: SignedRequest, expected: Expected): AccessKey {
  const scope = parseAuthorization(request, expected.dialect)
  const key = expected.keys.get(scope.accessKeyId)
  // An inactive key and an unknown one answer alike; temporary credentials are not modelled, so a token is never valid.
  if (key === undefined || key.status !== 'Active' || header(request, 'x-amz-security-token') !== '') {
    throw failure(expected.dialect, 'unknown-key', 'The security token included in the request is invalid.')
  }
  if (scope.service !== expected.service) {
    const text = `Credential should be scoped to correct service: '${expected.service}'.`
    throw failure(expected.dialect, 'mismatch', text)
  }
  const date = header(request, 'x-amz-date')
  const text =
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'
  if (!equal(sign(request, { scope, secret: key.secretAccessKey, date }), scope.signature)) {
    throw failure(expected.dialect, 'mismatch', text)
  }
  if (Math.abs(Date.now() - parseAmzDate(date)) > MAX_SKEW_MS) {
    throw failure(
      expected.dialect,
      'mismatch',
      `Signature expired: ${date} is too far from the current time.`,
    )
  }
  return key
}

const failures = {
  missing: {
    json: ['MissingAuthenticationTokenException', 400],
    query: ['MissingAuthenticationToken', 403],
  },
  incomplete: { json: ['IncompleteSignatureException', 400], query: ['IncompleteSignature', 400] },
  'unknown-key': { json: ['UnrecognizedClientException', 400], query: ['InvalidClientTokenId', 403] },
  mismatch: { json: ['InvalidSignatureException', 400], query: ['SignatureDoesNotMatch', 403] },
} as const

function failure(dialect: Dialect, kind: keyof typeof failures, message: string): AwsError {
  const [code, status] = failures[kind][dialect]
  return new AwsError(code, message, status)
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/(\d{8})\/([^/,]+)\/([^/,]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/

function parseAuthorization(request: SignedRequest, dialect: Dialect): Scope {
  const value = header(request, 'authorization')
  if (value === '') throw failure(dialect, 'missing', 'Request is missing Authentication Token')
  // Every group is there when the expression matches; without a match all are empty and the header is incomplete.
  const groups = AUTHORIZATION.exec(value) ?? []
  const part = (index: number) => groups[index] ?? ''
  const signedHeaders = part(5).split(';')
  if (!signedHeaders.includes('host') || !signedHeaders.includes('x-amz-date')) {
    const text = 'Authorization header requires Credential, SignedHeaders (host, x-amz-date) and Signature.'
    throw failure(dialect, 'incomplete', text)
  }
  return {
    accessKeyId: part(1),
    day: part(2),
    region: part(3),
    service: part(4),
    signedHeaders,
    signature: part(6),
  }
}

type Signing = { readonly scope: Scope; readonly secret: string; readonly date: string }

function sign(request: SignedRequest, { scope, secret, date }: Signing): string {
  const credentialScope = [scope.day, scope.region, scope.service, 'aws4_request'].join('/')
  const text = ['AWS4-HMAC-SHA256', date, credentialScope, sha256(canonical(request, scope))].join('\n')
  const parts = [scope.day, scope.region, scope.service, 'aws4_request']
  const key = parts.reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secret}`))
  return hmac(key, text).toString('hex')
}

function canonical(request: SignedRequest, scope: Scope): string {
  const url = new URL(request.url, 'http://sandbox')
  const query = [...url.searchParams]
    .map(([name, value]) => `${encodeRfc3986(name)}=${encodeRfc3986(value)}`)
    .sort()
    .join('&')
  const headers = scope.signedHeaders.map(
    (name) => `${name}:${header(request, name).trim().replace(/ +/g, ' ')}\n`,
  )
  const lines = [request.method, url.pathname, query, headers.join(''), scope.signedHeaders.join(';')]
  return [...lines, sha256(request.body)].join('\n')
}

function header(request: SignedRequest, name: string): string {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(',') : (value ?? '')
}

function encodeRfc3986(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function parseAmzDate(date: string): number {
  return Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')) || 0
}

function equal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
