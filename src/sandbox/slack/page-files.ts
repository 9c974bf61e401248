import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'

const types: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
}

/** All text on the page is hostile: no inline script or style, nothing from elsewhere, no framing. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

export const safety = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

/** A file of the page, by a plain name: no folders, no dots but the one before the extension. */
export async function servePageFile(response: ServerResponse, name: string): Promise<void> {
  const extension = /^[a-z-]+\.(html|css|js|svg)$/.exec(name)?.[1]
  const bytes = extension === undefined ? undefined : await readPageFile(name)
  if (extension === undefined || bytes === undefined) {
    response.writeHead(404, safety).end('not found')
    return
  }
  response.writeHead(200, { ...safety, 'content-type': types[extension] ?? 'text/plain' }).end(bytes)
}

async function readPageFile(name: string): Promise<Buffer | undefined> {
  try {
    return await readFile(new URL(`./page/${name}`, import.meta.url))
  } catch {
    return undefined
  }
}
