/** Pages as a store gives them, of so many entries. */
export function pagesOf<T>(entries: readonly T[], length = 3): T[][] {
  const pages: T[][] = []
  for (let at = 0; at < entries.length; at += length) pages.push(entries.slice(at, at + length))
  return pages
}
