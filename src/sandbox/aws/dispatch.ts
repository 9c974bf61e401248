import { randomUUID } from 'node:crypto'
import { AwsError, notModelled } from './errors.ts'
import type { Operation } from './operation.ts'
import { services, type Service } from './services.ts'
import type { SignedRequest } from './signature.ts'
import { escapeXml, toJson, toXml, type WireObject } from './wire.ts'

/** A request understood so far as to know what it asks for; whether it may is another matter. */
export type Asked = {
  readonly service: Service
  readonly operation: string
  readonly handler: Operation | undefined
  readonly params: unknown
}

export type Reply = {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

const FORM = 'application/x-www-form-urlencoded'
const JSON_1_1 = 'application/x-amz-json-1.1'

/** Which service and operation a request is for: by X-Amz-Target (JSON) or by Action and Version (query). */
export function readRequest(request: SignedRequest): Asked {
  if (request.method !== 'POST' || request.url !== '/') throw notModelled(`${request.method} ${request.url}`)
  const target = request.headers['x-amz-target']
  return typeof target === 'string' ? readJson(target, request.body) : readQuery(request)
}

function readJson(target: string, body: string): Asked {
  const dot = target.lastIndexOf('.')
  const prefix = target.slice(0, dot).split('.').at(-1)
  const operation = target.slice(dot + 1)
  const service = services.find((service) => service.target === prefix)
  if (service === undefined) throw notModelled(`the service of X-Amz-Target ${target}`)
  return { service, operation, handler: handlerOf(service, operation), params: parseJson(body) }
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body === '' ? '{}' : body)
  } catch {
    throw new AwsError('SerializationException', 'The request body is not valid JSON.')
  }
}

function readQuery({ headers, body }: SignedRequest): Asked {
  if (headers['content-type']?.includes(FORM) !== true) throw notModelled('this content type')
  const {
    Action: operation = '',
    Version: version = '',
    ...params
  } = Object.fromEntries(new URLSearchParams(body))
  const service = services.find((service) => service.version === version)
  if (service === undefined) throw notModelled(`the API version ${version} (Action ${operation})`)
  return { service, operation, handler: handlerOf(service, operation), params }
}

function handlerOf(service: Service, operation: string): Operation | undefined {
  return Object.hasOwn(service.operations, operation) ? service.operations[operation] : undefined
}

export function writeResult({ service, operation }: Asked, result: WireObject | undefined): Reply {
  const requestId = randomUUID()
  if (service.dialect === 'json') {
    return jsonReply({ status: 200, requestId, value: toJson(result ?? {}) })
  }
  const inner = result === undefined ? '' : `<${operation}Result>${toXml(result)}</${operation}Result>`
  const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`
  const body = `<${operation}Response xmlns="${service.namespace ?? ''}">${inner}${metadata}</${operation}Response>`
  return xmlReply({ status: 200, requestId, body })
}

/** Without a service (a request nobody understands) the answer is JSON. */
export function writeError(service: Service | undefined, error: AwsError): Reply {
  const requestId = randomUUID()
  const { status, code, message } = error
  if (service?.dialect !== 'query') {
    return jsonReply({ status, requestId, value: { __type: code, Message: message } })
  }
  const type = status >= 500 ? 'Receiver' : 'Sender'
  const inner = `<Type>${type}</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message>`
  const body = `<ErrorResponse xmlns="${service.namespace ?? ''}"><Error>${inner}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`
  return xmlReply({ status, requestId, body })
}

type Writing = { readonly status: number; readonly requestId: string }

function jsonReply({ status, requestId, value }: Writing & { readonly value: unknown }): Reply {
  const headers = { 'content-type': JSON_1_1, 'x-amzn-requestid': requestId }
  return { status, headers, body: JSON.stringify(value) }
}

function xmlReply({ status, requestId, body }: Writing & { readonly body: string }): Reply {
  return { status, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body }
}
