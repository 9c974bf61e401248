import { randomUUID } from 'node:crypto'
import { apiVersionOf, type Kind } from './kinds.ts'
import { subjectOf, type Answer, type Call, type Target } from './request.ts'
import { fieldSelector, labelSelector, type Matcher } from './selector.ts'
import { badRequest, expired, notFound, notModelled } from './status.ts'
import type { Store } from './store.ts'
import { nameOf, type Obj } from './value.ts'

export function get(store: Store, target: Target): Answer {
  const object = store.get(target.kind, target.namespace, target.name ?? '')
  if (object === undefined) throw notFound(subjectOf(target))
  return { code: 200, body: object }
}

/** The objects a list or a watch speaks of. */
export function matcherOf(target: Target, query: URLSearchParams): Matcher {
  const labels = labelSelector(query.get('labelSelector') ?? undefined)
  const fields = fieldSelector(target.kind.kind, query.get('fieldSelector') ?? undefined)
  return (object) => labels(object) && fields(object)
}

type Page = { readonly version: number; readonly rest: readonly Obj[] }

/** Lists cut into pages go on from the state of their first page. Only the newest are kept; older ones are Expired. */
export class Pages {
  readonly #pages = new Map<string, Page>()

  keep(page: Page): string {
    const start = nameOf(page.rest[0] ?? {})
    const token = { v: 'meta.k8s.io/v1', rv: page.version, start, page: randomUUID() }
    const cursor = Buffer.from(JSON.stringify(token)).toString('base64url')
    this.#pages.set(cursor, page)
    const oldest = this.#pages.keys().next().value
    if (this.#pages.size > 100 && oldest !== undefined) this.#pages.delete(oldest)
    return cursor
  }

  take(cursor: string): Page {
    const page = this.#pages.get(cursor)
    if (page !== undefined) return page
    throw expired('The provided continue parameter is too old to display a consistent list result.')
  }
}

/** Items of built-in lists carry neither kind nor apiVersion, as on the server; custom ones do. */
function itemOf(kind: Kind, object: Obj): Obj {
  if (kind.custom !== undefined) return object
  const { kind: _kind, apiVersion: _apiVersion, ...item } = object
  return item
}

function limitOf(query: URLSearchParams): number {
  const text = query.get('limit')
  if (text === null) return 0
  const limit = Number(text)
  if (!Number.isInteger(limit) || limit < 0) throw badRequest(`invalid limit: ${text}`)
  return limit
}

export function list(store: Store, target: Target, from: { call: Call; pages: Pages }): Answer {
  const { query } = from.call
  if (query.has('resourceVersionMatch')) throw notModelled('resourceVersionMatch')
  const cursor = query.get('continue')
  const matches = matcherOf(target, query)
  const page =
    cursor === null || cursor === ''
      ? { version: store.version, rest: store.list(target.kind, target.namespace).filter(matches) }
      : from.pages.take(cursor)
  const limit = limitOf(query)
  const items = limit === 0 ? page.rest : page.rest.slice(0, limit)
  const rest = page.rest.slice(items.length)
  const metadata: Obj = { resourceVersion: String(page.version) }
  if (rest.length > 0) metadata['continue'] = from.pages.keep({ version: page.version, rest })
  // The server leaves the count out where a selector makes it unknown.
  if (rest.length > 0 && !query.has('labelSelector') && !query.has('fieldSelector')) {
    metadata['remainingItemCount'] = rest.length
  }
  const body: Obj = {
    kind: `${target.kind.kind}List`,
    apiVersion: apiVersionOf(target.kind),
    metadata,
    items: items.map((object) => itemOf(target.kind, object)),
  }
  return { code: 200, body }
}
