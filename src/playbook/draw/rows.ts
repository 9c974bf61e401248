import type { Edge } from './sketch.ts'

/**
 * A row for each step: below all that it waits for, and at most `columns` to a row, so that a drawing stays as narrow as
 * a phone whatever runs in parallel. Where several could go first, the one with the longest way below it does
 * (Coffman–Graham's idea, without its order of labels). `ids` come in an order in which needs come first.
 */
export function rowsOf(
  ids: readonly string[],
  edges: readonly Edge[],
  columns: number,
): ReadonlyMap<string, number> {
  const needs = new Map(ids.map((id) => [id, edges.filter(([, to]) => to === id).map(([from]) => from)]))
  const below = depths(ids, edges)
  const rows = new Map<string, number>()
  let left = [...ids]
  for (let row = 0; left.length > 0; row++) {
    const ready = left
      .filter((id) => (needs.get(id) ?? []).every((need) => (rows.get(need) ?? row) < row))
      .toSorted((a, b) => (below.get(b) ?? 0) - (below.get(a) ?? 0))
      .slice(0, columns)
    if (ready.length === 0) throw new Error(`steps wait for each other: ${left.join(', ')}`)
    for (const id of ready) rows.set(id, row)
    left = left.filter((id) => !rows.has(id))
  }
  // In the order of the steps, not of the rows.
  return new Map(ids.map((id) => [id, rows.get(id) ?? 0]))
}

/** How many steps follow one another below each. */
function depths(ids: readonly string[], edges: readonly Edge[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const id of ids.toReversed()) {
    const next = edges.filter(([from]) => from === id).map(([, to]) => found.get(to) ?? 0)
    found.set(id, 1 + Math.max(0, ...next))
  }
  return found
}
