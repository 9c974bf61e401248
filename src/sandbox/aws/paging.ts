import { createHash } from 'node:crypto'

export type Page<T> = { readonly items: readonly T[]; readonly next?: string }

type Paging = {
  /** What the token belongs to: a token from another list or other arguments is not valid here. */
  readonly list: string
  readonly size: number
  readonly token?: string | undefined
}

/** One page of a list. Undefined when the token is not one of this list's. */
export function pageOf<T>(items: readonly T[], { list, size, token }: Paging): Page<T> | undefined {
  const mark = createHash('sha256').update(list).digest('hex').slice(0, 12)
  const start = token === undefined ? 0 : startOf(token, mark)
  if (start === undefined || start > items.length) return undefined
  const end = start + size
  const page = items.slice(start, end)
  if (end >= items.length) return { items: page }
  return { items: page, next: Buffer.from(`${mark}.${end}`).toString('base64url') }
}

function startOf(token: string, mark: string): number | undefined {
  const match = /^([0-9a-f]{12})\.(\d{1,9})$/.exec(Buffer.from(token, 'base64url').toString())
  return match?.[1] === mark ? Number(match[2]) : undefined
}
