import type { Finding } from './finding.ts'
import { type Format, formats, isKey } from './formats.ts'

type Start = { readonly start: string; readonly format: Format; readonly id: number }

const byPair = new Map<number, Start[]>()
for (const [id, format] of formats.entries()) {
  for (const start of format.starts) {
    const pair = pairAt(start, 0)
    byPair.set(pair, [...(byPair.get(pair) ?? []), { start, format, id }])
  }
}
/** Whether any start begins with these two characters: most words are done with here. */
const anyStart = new Uint8Array(128 * 128)
for (const pair of byPair.keys()) anyStart[pair] = 1

/** Two characters as a number; 0 for what no start begins with. */
function pairAt(text: string, at: number): number {
  const first = text.charCodeAt(at)
  const second = text.charCodeAt(at + 1)
  return first < 128 && second < 128 ? first * 128 + second : 0
}

/** Looks for formats at the places where words begin, given in rising order. */
export function formatFinder(text: string, found: (finding: Finding) => void): (at: number) => void {
  /** What was looked at and is no key is not looked at again, or a hostile text would have it done at each word. */
  const seen = new Map<number, number>()
  return (at) => {
    const pair = pairAt(text, at)
    if (anyStart[pair] !== 1) return
    for (const { start, format, id } of byPair.get(pair) ?? []) {
      if (!text.startsWith(start, at) || at < (seen.get(id) ?? 0)) continue
      const from = at + start.length
      const { rest } = format
      rest.lastIndex = from
      if (!rest.test(text)) continue
      const end = rest.lastIndex
      seen.set(id, end)
      if (isKey(format, text.slice(from, end)))
        found({ start: format.keepStart ? from : at, end, what: format.what })
    }
  }
}
