/** Finds many fixed texts at once. */
export type Search = (text: string, found: (start: number, end: number) => void) => void

/** The number of slots of the table: a power of two. */
const SLOTS = 1 << 14

function slot(text: string, at: number): number {
  return ((text.charCodeAt(at) * 131 + text.charCodeAt(at + 1)) * 131 + text.charCodeAt(at + 2)) & (SLOTS - 1)
}

const BLOCK = 3

/**
 * Wu and Manber's search: the last three characters of a window as long as the shortest pattern say how far the window
 * may move before any pattern could end its first part there. Ordinary text is passed in long steps.
 * All patterns are at least `least` characters long.
 */
export function createSearch(patterns: readonly string[], least: number): Search {
  if (patterns.length === 0) return () => undefined
  const furthest = least - BLOCK + 1
  const shifts = new Uint8Array(SLOTS).fill(furthest)
  const candidates = new Map<number, string[]>()
  for (const pattern of patterns) {
    for (let at = 0; at + BLOCK <= least; at += 1) {
      const here = slot(pattern, at)
      shifts[here] = Math.min(shifts[here] ?? furthest, least - BLOCK - at)
    }
    const last = slot(pattern, least - BLOCK)
    candidates.set(last, [...(candidates.get(last) ?? []), pattern])
  }
  return (text, found) => {
    for (let at = least - BLOCK; at + BLOCK <= text.length;) {
      const here = slot(text, at)
      const shift = shifts[here] ?? 1
      if (shift > 0) {
        at += shift
        continue
      }
      const start = at - least + BLOCK
      for (const pattern of candidates.get(here) ?? []) {
        if (text.startsWith(pattern, start)) found(start, start + pattern.length)
      }
      at += 1
    }
  }
}
