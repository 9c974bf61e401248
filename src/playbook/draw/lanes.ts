import type { Order } from './order.ts'
import type { Edge } from './sketch.ts'

/** What takes room in a row: a step's box, or a lane in which arrows pass it. */
export type Item = { readonly key: string; readonly width: number; readonly order: number }

/** The rows, and for each arrow the items that it leads through, from its first box to its last. */
export type Lanes = {
  readonly rows: readonly (readonly Item[])[]
  readonly ways: readonly (readonly string[])[]
}

type Sized = { readonly id: string; readonly width: number }

/**
 * Arrows that pass a row share a lane there if they come from one step, else if they go to one step. Never both: what
 * runs together would then seem to connect steps that are not. An arrow goes from the first kind to the second only,
 * because the arrows of one step that are still under way become fewer from row to row.
 */
export function lanesOf(
  boxes: readonly Sized[],
  edges: readonly Edge[],
  { rows, order }: { readonly rows: ReadonlyMap<string, number>; readonly order: Order },
): Lanes {
  const rowOf = (id: string): number => rows.get(id) ?? 0
  const items: Item[][] = []
  const put = (row: number, item: Item): void => void (items[row] ??= []).push(item)
  for (const { id, width } of boxes) put(rowOf(id), { key: boxKey(id), width, order: order.ofStep(id) })
  const ways = new Map(edges.map((edge) => [edge, [boxKey(edge[0])]]))
  for (const row of items.keys()) {
    const passing = edges.filter(([from, to]) => rowOf(from) < row && row < rowOf(to))
    const bySource = Map.groupBy(passing, ([from]) => from)
    const laneOf = ([from, to]: Edge): string =>
      (bySource.get(from)?.length ?? 0) > 1 ? `from ${from}` : `to ${to}`
    const lanes = Map.groupBy(passing, laneOf)
    for (const [key, sharing] of lanes) {
      const places = sharing.map((edge) => order.ofArrow(edge, row))
      put(row, { key, width: 0, order: places.reduce((sum, x) => sum + x, 0) / places.length })
    }
    for (const edge of passing) ways.get(edge)?.push(laneOf(edge))
  }
  for (const edge of edges) ways.get(edge)?.push(boxKey(edge[1]))
  return { rows: items.map((row) => row.toSorted((a, b) => a.order - b.order)), ways: [...ways.values()] }
}

export function boxKey(id: string): string {
  return `box ${id}`
}
