import { FirebreakError } from '../../core/errors.ts'
import { ListShape } from './shapes.ts'

/** Objects a page; a server that goes on giving pages is not believed for ever. */
const PAGE = 500
const MOST_PAGES = 200

export type Page = { readonly limit: number; readonly _continue?: string }

/**
 * How many there are, of one page of one object: the server says how many it left out, an estimate that it need not give
 * (API reference, ListMeta).
 */
export async function countAll(fetchPage: (page: Page) => Promise<unknown>): Promise<number | undefined> {
  const { items, metadata } = ListShape.parse(await fetchPage({ limit: 1 }))
  const cursor = metadata.continue ?? metadata._continue ?? ''
  if (cursor === '') return items.length
  return metadata.remainingItemCount === undefined ? undefined : items.length + metadata.remainingItemCount
}

/** Reads a list to its end, page by page. */
export async function listAll(fetchPage: (page: Page) => Promise<unknown>): Promise<readonly unknown[]> {
  const items: unknown[] = []
  let cursor: string | undefined
  for (let page = 0; page < MOST_PAGES; page++) {
    // oxlint-disable-next-line no-await-in-loop -- each page names the next
    const answer = ListShape.parse(
      await fetchPage({ limit: PAGE, ...(cursor === undefined ? {} : { _continue: cursor }) }),
    )
    items.push(...answer.items)
    // The typed client has its own name for the cursor.
    cursor = answer.metadata.continue ?? answer.metadata._continue
    if (cursor === undefined || cursor === '') return items
  }
  throw new FirebreakError('provider.refused', `a list of over ${PAGE * MOST_PAGES} objects is not read`, {
    remedy: 'Name a namespace.',
  })
}
