import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault, Faults } from './faults.ts'
import { failureOf, mediaType, readBody, writeAnswer } from './http.ts'
import type { Answer, Call } from './request.ts'
import { answer, isWatch, resolve, type World } from './route.ts'
import { injected } from './status.ts'
import type { LoggedRequest } from './types.ts'
import type { Users } from './users.ts'
import type { Obj } from './value.ts'
import { watch } from './watch.ts'

export type Parts = {
  readonly world: World
  readonly users: Users
  readonly faults: Faults
  readonly requests: LoggedRequest[]
}

function withoutEffect(call: Call): Call {
  const query = new URLSearchParams(call.query)
  query.set('dryRun', 'All')
  return { ...call, query }
}

/** Answers a call under a fault; undefined means that the connection breaks. */
async function answerWith(world: World, call: Call, fault: Fault | undefined): Promise<Answer | undefined> {
  switch (fault?.kind) {
    case undefined:
      return answer(world, call)
    case 'latency':
      await sleep(fault.ms)
      return answer(world, call)
    case 'status':
      throw injected(fault.code, fault.reason)
    case 'no-effect':
      return answer(world, call.method === 'GET' ? call : withoutEffect(call))
    case 'lose-answer':
      answer(world, call)
      return undefined
    case 'land-late':
      setTimeout(() => answer(world, call), fault.ms).unref()
      return undefined
  }
}

function serveWatch(world: World, call: Call, response: ServerResponse): boolean {
  const target = isWatch(call) ? resolve(world, call) : undefined
  if (target === undefined || 'code' in target || target.name !== undefined) return false
  const sink = {
    send: (event: Obj) => {
      if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/json' })
      response.write(`${JSON.stringify(event)}\n`)
    },
    end: () => void response.end(),
  }
  const stop = watch(world.store, target, { call, sink })
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/json' })
  response.flushHeaders()
  response.once('close', stop)
  return true
}

/** Notes the call before anything is decided about it, as an audit log does. */
function note(parts: Parts, request: IncomingMessage): { entry: LoggedRequest; query: URLSearchParams } {
  const url = new URL(request.url ?? '/', 'http://sandbox')
  const entry: LoggedRequest = {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    contentType: mediaType(request),
    body: undefined,
    user: '',
    userAgent: request.headers['user-agent'] ?? '',
    status: 0,
  }
  parts.requests.push(entry)
  return { entry, query: url.searchParams }
}

function finish(entry: LoggedRequest, response: ServerResponse, result: Answer): void {
  entry.status = result.code
  writeAnswer(response, result)
}

/** Answers one HTTP request, whatever happens. */
export async function serve(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { entry, query } = note(parts, request)
  try {
    entry.body = await readBody(request)
    const user = parts.users.of(request.headers, parts.world.store, parts.world.rbac)
    entry.user = user.name
    const call: Call = { ...entry, query, user }
    const fault = parts.faults.take(call)
    if (fault?.kind === 'status' && fault.retryAfterSeconds !== undefined) {
      response.setHeader('retry-after', String(fault.retryAfterSeconds))
    }
    if (fault === undefined && serveWatch(parts.world, call, response)) {
      entry.status = 200
      return
    }
    const result = await answerWith(parts.world, call, fault)
    if (result === undefined) response.destroy()
    else finish(entry, response, result)
  } catch (error) {
    finish(entry, response, failureOf(error))
  }
}
