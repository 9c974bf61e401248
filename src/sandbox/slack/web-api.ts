import type { IncomingMessage, ServerResponse } from 'node:http'
import { readArguments, readBytes, multipart } from './body.ts'
import type { FaultBox, MethodFault } from './faults.ts'
import type { Context, Method } from './method.ts'
import { needScope } from './method.ts'
import { baseMethods } from './methods/base.ts'
import { chatMethods } from './methods/chat.ts'
import { conversationMethods } from './methods/conversations.ts'
import { fileMethods } from './methods/files.ts'
import { historyMethods } from './methods/history.ts'
import { markMethods } from './methods/marks.ts'
import { peopleMethods } from './methods/people.ts'
import { viewMethods } from './methods/views.ts'
import type { Rec } from './record.ts'
import { compact, parseJson, record, string } from './record.ts'
import { invalidArguments, Refusal, refuse } from './refusal.ts'
import type { Call, Traffic } from './traffic.ts'
import type { World } from './world.ts'

/** Every method this stand-in serves; any other answers `unknown_method`. */
export const methods: Readonly<Record<string, Method>> = {
  ...baseMethods,
  ...chatMethods,
  ...conversationMethods,
  ...fileMethods,
  ...historyMethods,
  ...markMethods,
  ...peopleMethods,
  ...viewMethods,
}

export type WebApi = { world: World; faults: FaultBox; traffic: Traffic; context: (args: Rec) => Context }

/** Business errors are HTTP 200 with `ok: false`; only planned faults answer another status. */
export async function serveMethod(
  api: WebApi,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const name = new URL(request.url ?? '/', 'http://stand-in').pathname.slice('/api/'.length)
  const fault = api.faults.take(name)
  const refusal = statusOf(fault)
  if (refusal !== undefined) {
    await readBytes(request)
    logCall(api, { name, args: {}, answer: refusal.body })
    json(response, refusal.body, refusal)
    return
  }
  const { args, answer } = await answerCall(api, request, { name, fault })
  logCall(api, { name, args, answer })
  if (fault?.kind === 'hang') return
  if (fault?.kind === 'lose-response') request.socket.destroy()
  else json(response, answer)
}

/** The planned answers that are not HTTP 200. */
function statusOf(fault: MethodFault | undefined): (Reply & { body: Rec }) | undefined {
  if (fault?.kind === 'status') {
    return { status: fault.status, body: { ok: false, error: `http_${fault.status}` } }
  }
  if (fault?.kind !== 'rate-limit') return undefined
  const headers = { 'retry-after': String(fault.retryAfter) }
  return { status: 429, headers, body: { ok: false, error: 'ratelimited' } }
}

type Asked = { name: string; fault: MethodFault | undefined }

async function answerCall(
  api: WebApi,
  request: IncomingMessage,
  { name, fault }: Asked,
): Promise<{ args: Rec; answer: Rec }> {
  let args: Rec = {}
  try {
    args = await readArguments(request)
    if (fault?.kind === 'hang') return { args, answer: { ok: false, error: 'hanging' } }
    if (fault?.kind === 'error') refuse(fault.error)
    const result = await call(api, { name, args, authorization: request.headers.authorization })
    return { args, answer: { ok: true, ...result } }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { args, answer: { ok: false, error: error.code, ...error.extra } }
  }
}

type Asking = { name: string; args: Rec; authorization: string | undefined }

async function call(api: WebApi, { name, args, authorization }: Asking): Promise<Rec> {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined
  if (method === undefined) return refuse('unknown_method', { req_method: name })
  authorise(api.world, method, bearer(authorization) ?? string(args['token']))
  needScope(api.world, ...method.scopes)
  const context = api.context(args)
  for (const required of method.required) {
    if (!context.args.has(required)) invalidArguments(`missing required field: ${required}`)
  }
  return await method.run(context)
}

function bearer(header: string | undefined): string | undefined {
  return header === undefined ? undefined : /^Bearer (.+)$/i.exec(header)?.[1]
}

function authorise(world: World, method: Method, token: string): void {
  const { botToken, appToken } = world.workspace.app
  const wants = method.token ?? 'bot'
  if (token === '') return wants === 'any' ? undefined : refuse('not_authed')
  if (token !== botToken && token !== appToken) refuse('invalid_auth')
  if (wants !== 'any' && token !== (wants === 'bot' ? botToken : appToken)) refuse('not_allowed_token_type')
}

/** Arguments as values rather than strings of JSON, without the token. */
function readable(args: Rec): Rec {
  const entries = Object.entries(args).filter(([key]) => key !== 'token')
  return Object.fromEntries(
    entries.map(([key, value]) => {
      const parsed = typeof value === 'string' && /^[[{]/.test(value) ? parseJson(value) : undefined
      return [key, Buffer.isBuffer(value) ? `${value.length} bytes` : (parsed ?? value)]
    }),
  )
}

function logCall(api: WebApi, done: { name: string; args: Rec; answer: Rec }): void {
  const ok = done.answer['ok'] === true
  const error = ok ? undefined : string(done.answer['error'])
  const args = readable(done.args)
  const entry: Call = {
    method: done.name,
    args,
    time: api.world.clock.now(),
    ok,
    ...(error === undefined ? {} : { error }),
  }
  api.traffic.calls.push(entry)
  api.traffic.add({
    direction: 'from-app',
    kind: done.name,
    summary: error ?? string(args['text']).slice(0, 80),
    detail: compact({ args, answer: done.answer }),
  })
  api.world.changed()
}

/** The second part of a file upload: raw bytes, or multipart with the bytes in any field (web-api 8: `body`). */
export async function serveUpload(
  api: WebApi,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const file = api.world.files.get((request.url ?? '').replace(/^\/upload\/v1\//, ''))
  const bytes = await readBytes(request)
  const type = request.headers['content-type'] ?? ''
  const parts = type.startsWith('multipart/') ? await multipart(bytes, type) : [['body', bytes] as const]
  const content = parts.map(([, part]) => part).find((part) => Buffer.isBuffer(part))
  if (file === undefined || content === undefined || content.length !== file.length) {
    response.writeHead(400).end('upload refused: unknown file, no bytes, or another length than announced')
    return
  }
  file.bytes = content
  response.writeHead(200).end(`OK - ${content.length}`)
}

type Reply = { status?: number; headers?: Record<string, string> }

export function json(
  response: ServerResponse,
  body: unknown,
  { status = 200, headers = {} }: Reply = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
  response.end(JSON.stringify(body))
}

/** A response URL takes JSON or a form field `payload`. */
export async function readResponse(request: IncomingMessage): Promise<Rec> {
  const args = await readArguments(request)
  const payload = args['payload']
  return typeof payload === 'string' ? record(parseJson(payload)) : args
}
