import type { Edge } from './sketch.ts'

/** From left to right: where each step, and each arrow in each row that it passes, should stand among its row. */
export type Order = {
  readonly ofStep: (id: string) => number
  readonly ofArrow: (edge: Edge, row: number) => number
}

/**
 * An order of each row with few crossings (dagre). The rows themselves are given to it, because it would not bound how
 * many stand in one; and only the order is taken from it, because it keeps arrows straight at the price of width, which
 * a phone does not have.
 */
export async function orderOf(rows: ReadonlyMap<string, number>, edges: readonly Edge[]): Promise<Order> {
  const { Graph, layout } = await import('@dagrejs/dagre')
  const graph = new Graph<object, { readonly x: number }, { readonly points: readonly { x: number }[] }>()
  graph.setGraph({ ranker: (ranked: Ranked) => giveRanks(ranked, rows) })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const id of rows.keys()) graph.setNode(id, { width: 1, height: 1, x: 0, y: 0 })
  for (const [from, to] of edges) graph.setEdge(from, to)
  layout(graph)
  const ofStep = (id: string): number => graph.node(id).x
  const sign = isMirrored(rows, ofStep) ? -1 : 1
  return {
    ofStep: (id) => sign * ofStep(id),
    // Between its two ends, dagre gives an arrow one point in each row and one in each space between rows.
    ofArrow: ([from, to], row) =>
      sign * (graph.edge(from, to).points[2 * (row - (rows.get(from) ?? 0))]?.x ?? 0),
  }
}

/** As many arrows cross in the mirror, so the side is taken on which steps stand as they were written. */
function isMirrored(rows: ReadonlyMap<string, number>, x: (id: string) => number): boolean {
  const steps = [...rows]
  const pairs = steps.flatMap(([id, row], i) =>
    steps.slice(i + 1).flatMap(([other, its]) => (its === row ? [Math.sign(x(other) - x(id))] : [])),
  )
  return pairs.reduce((sum, side) => sum + side, 0) < 0
}

type Ranked = { readonly nodes: () => string[]; readonly node: (id: string) => { rank?: number } }

/** dagre keeps a rank free between two rows. Its own root, which it removes again, goes on top. */
function giveRanks(graph: Ranked, rows: ReadonlyMap<string, number>): void {
  for (const id of graph.nodes()) graph.node(id).rank = 2 * (rows.get(id) ?? 0)
}
