import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { FirebreakError } from '../../core/errors.ts'
import { createArgs } from './args.ts'
import { createClock } from './clock.ts'
import { createEvents } from './events.ts'
import { createFaults } from './faults.ts'
import type { Context } from './method.ts'
import { createPage } from './page-server.ts'
import type { Page } from './page-server.ts'
import type { Desk } from './person/desk.ts'
import type { Rec } from './record.ts'
import { Refusal } from './refusal.ts'
import { createResponseUrls } from './response-urls.ts'
import type { SlackOptions, SlackSandbox } from './sandbox.ts'
import { createControls } from './controls.ts'
import type { SandboxParts } from './controls.ts'
import { createSocketMode, slackTiming } from './socket-mode.ts'
import { createTraffic } from './traffic.ts'
import { createTriggers } from './triggers.ts'
import { json, readResponse, serveMethod, serveUpload } from './web-api.ts'
import { demoWorkspace } from './workspace.ts'
import { createWorld } from './world.ts'

/*
 * What this Slack does, which test holds it to that, and where the claim is from. D: docs.slack.dev. O: observed by
 * third parties, unpublished. C: captured payloads. What is not here is not modelled and answers an error.
 *
 * claim                                                        test file            source
 * arguments, scopes and error names of every served method     web-api              D, method reference
 * business errors are HTTP 200 with ok: false                  web-api              D
 * form, JSON, multipart, query string; others refused          web-api              D
 * posts come back normalised (block_id, emoji, verbatim)       web-api              D, C
 * a thread_ts that names nothing: top level, silently          web-api              O, Arvo-AI/aurora#615
 * metadata only on request and with metadata.message:read      web-api              D
 * text without blocks removes blocks; edited only then         web-api              D
 * own messages only, no ephemerals, edit window, archived      web-api              D
 * blocks over about 13.2 kB: msg_blocks_too_long               web-api              O
 * Block Kit limits and messages                                blocks               D; wording O, oncall#5121, peft#1251
 * blocks.validate, word for word                               blocks               D
 * hello, one ticket per connection, ten at most                socket-mode          D; too_many_websockets O, node-slack-sdk#1654
 * no acknowledgement in 3 s: operation_timeout, not repeated   socket-mode          D for HTTP, assumed for sockets
 * unacknowledged event returns after about 4 s, three times    socket-mode          O, bolt-js#2188, #2487
 * refresh: no new envelope on the old connection               socket-mode          D
 * close handshake finished, TCP left open                      socket-mode          O, node-slack-sdk#2752
 * trigger_id: 3 s, once, three error names                     interactions         D
 * view stack of 3, hash_conflict, response_action              interactions         D
 * view_closed only with notify_on_close                        interactions         D
 * input faults stay in the client                              interactions         O
 * external people press buttons, cannot use commands           interactions         D
 * no slash commands in threads                                 interactions         D; wording O
 * response_url: 5 uses, 30 min, then 404 expired_url           interactions         D; answer O
 * payload key sets                                             interactions         C
 *
 * Not modelled: signed HTTP mode, OAuth, rate limits by default (plan them as faults), App Home on the page, shortcuts,
 * scheduled and streamed messages, group DMs, canvases. Opening a modal while one is open replaces the stack, which
 * Slack does not document.
 */

export type { Demo, SlackOptions, SlackSandbox } from './sandbox.ts'
export { demoWorkspace } from './workspace.ts'

/** Starts a Slack of one workspace and one app on 127.0.0.1. See `SlackSandbox` for what it can do. */
export async function startSlack(options: SlackOptions = {}): Promise<SlackSandbox> {
  const place = { origin: '' }
  const parts = assemble(options, () => place.origin)
  const page = createPage(parts, options.demo)
  const server = createServer((request, response) => {
    serve(parts, page, { request, response }).catch((error: unknown) => fail(response, error))
  })
  server.on('upgrade', (request, socket, head) => parts.socket.upgrade(request, socket, head))
  place.origin = await listen(server, options.port ?? 0)
  return createControls(parts, {
    origin: place.origin,
    stop: async () => {
      parts.desk.events.stop()
      page.close()
      await parts.socket.close()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  })
}

function assemble(options: SlackOptions, origin: () => string): SandboxParts {
  const workspace = options.workspace ?? demoWorkspace()
  const timing = { ...slackTiming, ...options.timing }
  const clock = createClock()
  const world = createWorld(workspace, clock)
  const faults = createFaults()
  const traffic = createTraffic(() => clock.now())
  const socket = createSocketMode({
    appId: workspace.app.appId,
    timing,
    faults,
    traffic,
    onChange: () => world.changed(),
  })
  const events = createEvents({ world, socket, timing })
  const triggers = createTriggers(world)
  const context = (args: Rec): Context => ({
    world,
    args: createArgs(args),
    triggers,
    faults,
    socket,
    origin: origin(),
  })
  const urls = createResponseUrls({ world, origin, context })
  const desk: Desk = { world, triggers, urls, socket, events, context, offered: new Map(), picked: new Map() }
  return { world, clock, faults, traffic, socket, desk, context }
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`
}

type Exchange = { request: IncomingMessage; response: ServerResponse }

async function serve(parts: SandboxParts, page: Page, { request, response }: Exchange): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://stand-in')
  if (pathname.startsWith('/api/')) await serveMethod(parts, request, response)
  else if (pathname.startsWith('/upload/v1/')) await serveUpload(parts, request, response)
  else if (/^\/(commands|actions)\//.test(pathname))
    await serveResponseUrl(parts, pathname, { request, response })
  else await page.serve(request, response)
}

async function serveResponseUrl(
  parts: SandboxParts,
  path: string,
  { request, response }: Exchange,
): Promise<void> {
  const body = await readResponse(request)
  const answer = respond(parts, path, body)
  parts.traffic.add({
    direction: 'from-app',
    kind: 'response_url',
    summary: typeof body['text'] === 'string' ? body['text'].slice(0, 80) : '',
    detail: { body, answer: answer.body },
  })
  json(response, answer.body, { status: answer.status })
}

function respond({ desk }: SandboxParts, path: string, body: Rec): { status: number; body: Rec } {
  try {
    return desk.urls.post(path, body)
  } catch (error) {
    if (error instanceof Refusal)
      return { status: 400, body: { ok: false, error: error.code, ...error.extra } }
    throw error
  }
}

/** A fault of the stand-in itself, or of the person driving it: never dressed up as an answer of Slack. */
function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const known = error instanceof FirebreakError
  json(
    response,
    {
      error: known ? error.code : 'internal.unexpected',
      message: error instanceof Error ? error.message : String(error),
    },
    { status: known ? 400 : 500 },
  )
}
