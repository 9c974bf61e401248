// The outside world of the chaos tests, in a process of its own that nobody kills: targets that hold a value, reached
// over real HTTP, and a log of every request. What it says happened, happened.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { serveRemote } from '../bench/remote.ts'

/** How a write guards itself: by the version it was planned on, by a key that counts once, or not at all. */
export type Mode = 'conditional' | 'idempotent' | 'plain'

export type Write = {
  readonly mode: Mode
  readonly value: string
  readonly key: string
  readonly version: string
  /** Refused this often before it is let through. */
  readonly busy?: number
}

/** One request, as the world saw it. */
export type Seen = {
  /** Its place in the order of all requests. */
  readonly at: number
  /** Milliseconds since 1970. */
  readonly time: number
  readonly sender: string
  readonly verb: 'read' | 'write' | 'notice'
  readonly target: string
  readonly key?: string
  readonly mode?: Mode
  /** It changed the world. */
  readonly effect: boolean
}

type Target = { value: string; version: number; readonly keys: Set<string>; refused: number }

const targets = new Map<string, Target>()
const log: Seen[] = []
let answerDelay = () => 0

function targetOf(name: string): Target {
  const known = targets.get(name)
  if (known) return known
  const fresh = { value: 'on', version: 1, keys: new Set<string>(), refused: 0 }
  targets.set(name, fresh)
  return fresh
}

type Request = { readonly sender: string; readonly target: string }

function note(request: Request, seen: Omit<Seen, 'at' | 'time' | 'sender' | 'target'>): void {
  log.push({ at: log.length, time: Date.now(), ...request, ...seen })
}

function write(request: Request, { mode, value, key, version, busy = 0 }: Write): number {
  const target = targetOf(request.target)
  const said = { verb: 'write', key, mode } as const
  if (target.refused < busy) {
    target.refused += 1
    note(request, { ...said, effect: false })
    return 429
  }
  if (mode === 'conditional' && version !== String(target.version)) {
    note(request, { ...said, effect: false })
    return 409
  }
  const effect = mode !== 'idempotent' || !target.keys.has(key)
  if (effect) {
    target.value = value
    target.version += 1
    target.keys.add(key)
  }
  note(request, { ...said, effect })
  return 200
}

/** Whether a write with this key has arrived, whatever became of it. */
function hasSeen(key: string): boolean {
  return log.some((seen) => seen.key === key && seen.verb === 'write')
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) body += chunk
  return body
}

async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, verb, target = ''] = (incoming.url ?? '').split('/')
  const request = { sender: String(incoming.headers['x-sender']), target }
  if (verb === 'seen') {
    response.end(JSON.stringify(hasSeen(decodeURIComponent(target))))
    return
  }
  if (incoming.method === 'GET') {
    note(request, { verb: 'read', effect: false })
    const { value, version } = targetOf(target)
    response.end(JSON.stringify({ value, version: String(version) }))
    return
  }
  const body = await bodyOf(incoming)
  if (verb === 'notices') {
    note(request, { verb: 'notice', effect: true, key: target })
    response.end('{}')
    return
  }
  const status = write(request, JSON.parse(body))
  // The effect is there, and the answer is still out.
  await sleep(answerDelay())
  response.writeHead(status).end('{}')
}

const server = createServer((incoming, response) => {
  answer(incoming, response).catch(() => response.destroy())
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

const methods = {
  url: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  log: () => log,
  /** How long answers to writes are out, at most; each another time. */
  slow: (ms: number) => {
    answerDelay = () => Math.random() * ms
  },
}
export type World = typeof methods

serveRemote(methods, async () => server.closeAllConnections())
