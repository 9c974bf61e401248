import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { AwsError } from './errors.ts'
import { listen } from './listen.ts'
import { createObjects, type ObjectVersion, type Objects } from './s3-objects.ts'
import { answerTo, type S3Reply, type S3Request } from './s3-operations.ts'
import { signerOf } from './s3-signature.ts'
import { escapeXml } from './wire.ts'

export type S3Options = {
  /** Buckets that are there, each with versioning and object lock. */
  readonly buckets: readonly string[]
  /** 0, the default, takes any free port. */
  readonly port?: number
  readonly clock?: () => Date
  /** Most names in one list; the real service has 1000. */
  readonly page?: number
}

/**
 * A stand-in S3 on 127.0.0.1 for unmodified SDK clients, path style only. It knows PutObject with a lock, ListObjectsV2
 * and GetObject; whatever else is asked, a part of a request included, answers NotImplemented.
 */
export type S3Sandbox = {
  readonly url: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Each put makes a version, as in a bucket with versioning; nothing takes a version away before its time. */
  readonly versions: (bucket: string) => readonly ObjectVersion[]
  /** Somebody deletes an object: a delete marker hides it, and its locked versions stay. */
  readonly hide: (bucket: string, key: string) => void
  /** The next requests are answered so; 0 breaks the connection after the effect. */
  readonly fail: (...statuses: readonly number[]) => void
  readonly requests: readonly string[]
  readonly close: () => Promise<void>
}

const REGION = 'eu-central-1'
const ACCESS_KEY = 'AKIASANDBOXSTANDIN01'
const SECRET_KEY = 'sandbox/locked/bucket/key/of/nobody00001'
/** A put of the real service takes 5 GB; here more than this is a mistake. */
const MAX_BODY = 1_048_576

export async function startS3({ buckets, port = 0, clock, page = 1000 }: S3Options): Promise<S3Sandbox> {
  const now = clock ?? (() => new Date())
  const objects = createObjects(buckets, now)
  const requests: string[] = []
  const faults: number[] = []
  const signer = signerOf({ accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY, region: REGION })
  const server = createServer((request, response) => {
    const answering = async () => {
      const asked = await readRequest(request)
      requests.push(`${asked.method} ${asked.url.pathname}${asked.url.search}`)
      reply(response, tried(asked, { objects, signer, page }), faults.shift())
    }
    answering().catch(() => response.destroy())
  })
  const at = await listen(server, port)
  return {
    url: `http://127.0.0.1:${at}`,
    region: REGION,
    accessKeyId: ACCESS_KEY,
    secretAccessKey: SECRET_KEY,
    versions: objects.versions,
    hide: objects.hide,
    fail: (...statuses) => void faults.push(...statuses),
    requests,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

type Serving = {
  readonly objects: Objects
  readonly signer: ReturnType<typeof signerOf>
  readonly page: number
}

/** Made only when it is called: a request that is to fail has no effect. */
function tried(asked: S3Request, { objects, signer, page }: Serving): () => S3Reply {
  return () => {
    try {
      signer(asked)
      return answerTo(asked, objects, page)
    } catch (error) {
      if (error instanceof AwsError) return errorReply(error)
      throw error
    }
  }
}

function reply(response: ServerResponse, answer: () => S3Reply, fault: number | undefined): void {
  if (fault === 0) {
    answer()
    response.destroy()
    return
  }
  const { status, headers, body } =
    fault === undefined ? answer() : errorReply(new AwsError('SlowDown', 'Please reduce your rate.', fault))
  response.writeHead(status, headers).end(body)
}

function errorReply({ code, message, status }: AwsError): S3Reply {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`
  return { status, headers: { 'content-type': 'application/xml' }, body }
}

async function readRequest(request: IncomingMessage): Promise<S3Request> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > MAX_BODY) throw new Error('too large')
    chunks.push(bytes)
  }
  const { method = '', url = '/', headers } = request
  const body = Buffer.concat(chunks).toString()
  return { method, rawUrl: url, url: new URL(url, 'http://sandbox'), headers, body }
}
