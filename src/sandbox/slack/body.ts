import type { IncomingMessage } from 'node:http'
import type { Rec } from './record.ts'
import { isRecord, parseJson } from './record.ts'
import { refuse } from './refusal.ts'

const maxBytes = 20 * 1024 * 1024

export async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue
    size += chunk.length
    if (size > maxBytes) refuse('request_timeout')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** The arguments of a Web API call from query string and body. */
export async function readArguments(request: IncomingMessage): Promise<Rec> {
  const url = new URL(request.url ?? '/', 'http://stand-in')
  const query = Object.fromEntries(url.searchParams)
  const bytes = await readBytes(request)
  if (request.method === 'GET' || bytes.length === 0) return query
  const type = request.headers['content-type']
  if (type === undefined) return refuse('missing_post_type')
  return { ...query, ...(await decode(bytes, type)) }
}

async function decode(bytes: Buffer, contentType: string): Promise<Rec> {
  const kind = contentType.split(';')[0]?.trim().toLowerCase()
  if (kind === 'application/x-www-form-urlencoded') {
    return Object.fromEntries(new URLSearchParams(bytes.toString('utf8')))
  }
  if (kind === 'application/json') {
    const value = parseJson(bytes.toString('utf8'))
    if (value === undefined) return refuse('invalid_json')
    return isRecord(value) ? value : refuse('json_not_object')
  }
  if (kind === 'multipart/form-data') return Object.fromEntries(await multipart(bytes, contentType))
  return refuse('invalid_post_type')
}

/** The parts of a multipart body: text as strings, files as bytes. */
export async function multipart(bytes: Buffer, contentType: string): Promise<[string, string | Buffer][]> {
  let form: FormData
  try {
    form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': contentType } }).formData()
  } catch {
    return refuse('invalid_form_data')
  }
  return await Promise.all(
    [...form].map(async ([name, value]): Promise<[string, string | Buffer]> => {
      return [name, typeof value === 'string' ? value : Buffer.from(await value.arrayBuffer())]
    }),
  )
}
