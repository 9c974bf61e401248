import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBytes } from './body.ts'
import type { SandboxParts } from './controls.ts'
import { pageActions } from './page-actions.ts'
import { safety, servePageFile } from './page-files.ts'
import { pageState } from './page-state.ts'
import { person } from './person/desk.ts'
import { isRecord, parseJson } from './record.ts'
import { misuse } from './refusal.ts'
import type { Demo } from './sandbox.ts'
import { json } from './web-api.ts'

/** The page: files, a small JSON API under `/page/`, and a stream that says when to look again. */
export type Page = {
  serve(request: IncomingMessage, response: ServerResponse): Promise<void>
  close(): void
}

type Site = { parts: SandboxParts; demo: Demo | undefined; streams: Set<ServerResponse> }

export function createPage(parts: SandboxParts, demo: Demo | undefined): Page {
  const site: Site = { parts, demo, streams: new Set() }
  let scheduled: NodeJS.Immediate | undefined
  // Many changes in one turn of the event loop are one notice.
  const stop = parts.world.onChange(() => {
    scheduled ??= setImmediate(() => {
      scheduled = undefined
      for (const stream of site.streams) stream.write('data: changed\n\n')
    })
  })
  return {
    serve: async (request, response) => await serve(site, request, response),
    close: () => {
      stop()
      clearImmediate(scheduled)
      for (const stream of site.streams) stream.end()
    },
  }
}

async function serve(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://stand-in')
  if (request.method === 'POST') {
    await post(site, url.pathname.replace(/^\/page\//, ''), { request, response })
    return
  }
  if (url.pathname === '/') await servePageFile(response, 'index.html')
  else if (url.pathname === '/page/stream') openStream(site, response)
  else if (url.pathname.startsWith('/files/')) download(site, url.pathname.slice('/files/'.length), response)
  else if (/^\/page\/(state|traffic|panels)$/.test(url.pathname))
    json(response, await look(site, url), { headers: safety })
  else await servePageFile(response, url.pathname.replace(/^\/page\//, ''))
}

async function look({ parts, demo }: Site, url: URL): Promise<unknown> {
  const { world, traffic } = parts
  if (url.pathname === '/page/traffic') return traffic.crossings
  if (url.pathname === '/page/panels') return await Promise.all((demo?.panels ?? []).map(readPanel))
  const wanted = url.searchParams.get('user') ?? ''
  const living = [...world.users.values()].find((u) => u.bot !== true && u.deleted !== true)
  const known = world.users.has(wanted) ? wanted : (living?.id ?? wanted)
  return pageState(world, person(world, known), demo)
}

async function readPanel(panel: Demo['panels'][number]): Promise<unknown> {
  try {
    return { id: panel.id, title: panel.title, value: await panel.read() }
  } catch (error) {
    return { id: panel.id, title: panel.title, error: error instanceof Error ? error.message : String(error) }
  }
}

type Exchange = { request: IncomingMessage; response: ServerResponse }

async function post(site: Site, name: string, { request, response }: Exchange): Promise<void> {
  const action = Object.hasOwn(pageActions, name) ? pageActions[name] : undefined
  if (action === undefined) {
    response.writeHead(404, safety).end('not found')
    return
  }
  if (!isOwnPage(request)) {
    response.writeHead(403, safety).end('only this page may do that')
    return
  }
  const body = parseJson((await readBytes(request)).toString('utf8'))
  const answer = await action(
    site.parts,
    isRecord(body) ? body : misuse('the request is not a JSON object'),
    site.demo,
  )
  json(response, answer, { headers: safety })
}

/** Another site open in the same browser must not press buttons here: JSON only, and only from our own origin. */
function isOwnPage(request: IncomingMessage): boolean {
  const { origin, host } = request.headers
  const isJson = request.headers['content-type']?.startsWith('application/json') === true
  return isJson && (origin === undefined || origin === `http://${host ?? ''}`)
}

function openStream({ streams }: Site, response: ServerResponse): void {
  response.writeHead(200, { ...safety, 'content-type': 'text/event-stream' })
  response.write('retry: 500\n\ndata: changed\n\n')
  streams.add(response)
  response.on('close', () => streams.delete(response))
}

/** Uploaded files are hostile too: always a download, never shown by the browser as a page. */
function download({ parts }: Site, id: string, response: ServerResponse): void {
  const file = parts.world.files.get(id)
  if (file?.bytes === undefined) {
    response.writeHead(404, safety).end('not found')
    return
  }
  const name = encodeURIComponent(file.name)
  response
    .writeHead(200, {
      ...safety,
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename*=UTF-8''${name}`,
    })
    .end(file.bytes)
}
