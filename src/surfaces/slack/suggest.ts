/** The nearest of the known words, when a typo is likelier than another intention. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const wanted = word.toLowerCase().slice(0, 80)
  let best: { readonly name: string; readonly distance: number } | undefined
  for (const name of known) {
    const distance = edits(wanted, name.toLowerCase())
    if (distance <= allowance(name) && (best === undefined || distance < best.distance))
      best = { name, distance }
  }
  return best?.name ?? known.find((name) => wanted.length >= 3 && name.toLowerCase().startsWith(wanted))
}

function allowance(name: string): number {
  return Math.max(1, Math.floor(name.length / 4))
}

/** Edits (insert, delete, replace, swap of neighbours) that turn one word into the other. */
function edits(a: string, b: string): number {
  let twoBack: readonly number[] = []
  let back: readonly number[] = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) row.push(cell({ a, b, i, j }, [twoBack, back, row]))
    twoBack = back
    back = row
  }
  return back[b.length] ?? 0
}

type Place = { readonly a: string; readonly b: string; readonly i: number; readonly j: number }

function cell(
  { a, b, i, j }: Place,
  [twoBack, back, row]: readonly [readonly number[], readonly number[], readonly number[]],
): number {
  const replace = at(back, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
  const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
  const swap = swapped ? at(twoBack, j - 2) + 1 : Infinity
  return Math.min(replace, swap, at(back, j) + 1, at(row, j - 1) + 1)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity
}
