/**
 * The candidate that was probably meant, or undefined when none is near: at most a third of the letters differ (a letter
 * more, less, another, or two swapped).
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  // Long words are hostile, not misspelt.
  if (word.length > 80) return undefined
  let best: { readonly word: string; readonly distance: number } | undefined
  for (const candidate of candidates) {
    const limit = Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3))
    if (Math.abs(word.length - candidate.length) > limit) continue
    const distance = distanceOf(word.toLowerCase(), candidate.toLowerCase())
    if (distance <= limit && distance < (best?.distance ?? Infinity)) best = { word: candidate, distance }
  }
  return best?.word
}

/** "Did you mean x?" with a blank behind, or nothing. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const meant = nearest(word, candidates)
  return meant === undefined ? '' : `Did you mean ${meant}? `
}

/** Optimal string alignment: Levenshtein's distance, with a swap of neighbours as one step. */
function distanceOf(a: string, b: string): number {
  let before: readonly number[] = []
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = nextRow({ a, b, i }, last, before)
    before = last
    last = row
  }
  return last[b.length] ?? 0
}

type Words = { readonly a: string; readonly b: string; readonly i: number }

function nextRow({ a, b, i }: Words, last: readonly number[], before: readonly number[]): readonly number[] {
  const row = [i]
  for (let j = 1; j <= b.length; j++) {
    const changed = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
    const isSwap = j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
    const swapped = isSwap ? at(before, j - 2) + 1 : Infinity
    row.push(Math.min(at(last, j) + 1, at(row, j - 1) + 1, changed, swapped))
  }
  return row
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity
}
