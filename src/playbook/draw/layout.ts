import { columnsOf, type Columns } from './columns.ts'
import { boxKey, lanesOf } from './lanes.ts'
import { orderOf, type Order } from './order.ts'
import { rowsOf } from './rows.ts'
import type { Edge } from './sketch.ts'

export type Sized = { readonly id: string; readonly width: number; readonly height: number }
export type Point = { readonly x: number; readonly y: number }
export type Placed = {
  readonly width: number
  readonly height: number
  /** Top left corner of each box. */
  readonly boxes: ReadonlyMap<string, Point>
  /** From the bottom of one box to the top of another, straight down through the rows between. */
  readonly arrows: readonly (readonly Point[])[]
}

const BETWEEN_ROWS = 38

/** Which step stands in which row, and in which order: all that does not depend on the size of the boxes. */
export type Arrangement = { readonly rows: ReadonlyMap<string, number>; readonly order: Order }

export async function arrange(
  ids: readonly string[],
  edges: readonly Edge[],
  columns: number,
): Promise<Arrangement> {
  const rows = rowsOf(ids, edges, columns)
  return { rows, order: await orderOf(rows, edges) }
}

type Space = { readonly arrangement: Arrangement; readonly width: number }

/** Places boxes in rows, top to bottom. The result is wider than the space only where it does not fit. */
export function place(
  boxes: readonly Sized[],
  edges: readonly Edge[],
  { arrangement, width }: Space,
): Placed {
  const { rows } = arrangement
  const lanes = lanesOf(boxes, edges, arrangement)
  const across = columnsOf(lanes, width)
  const bands = bandsOf(boxes, rows)
  const grid: Grid = { rows, across, bands, boxes: new Map(boxes.map((box) => [box.id, box])) }
  return {
    width: boxes.length === 0 ? 0 : across.width,
    height: bands.at(-1)?.bottom ?? 0,
    boxes: new Map(boxes.map(({ id, width: own }) => [id, topLeft(id, own, grid)])),
    arrows: edges.map((edge, i) => arrow(edge, lanes.ways[i] ?? [], grid)),
  }
}

type Band = { readonly top: number; readonly bottom: number }
type Grid = {
  readonly rows: ReadonlyMap<string, number>
  readonly across: Columns
  readonly bands: readonly Band[]
  readonly boxes: ReadonlyMap<string, Sized>
}

function bandsOf(boxes: readonly Sized[], rows: ReadonlyMap<string, number>): readonly Band[] {
  const heights: number[] = []
  for (const { id, height } of boxes) {
    const row = rows.get(id) ?? 0
    heights[row] = Math.max(heights[row] ?? 0, height)
  }
  let top = 0
  return heights.map((height) => {
    const band = { top, bottom: top + height }
    top = band.bottom + BETWEEN_ROWS
    return band
  })
}

function topLeft(id: string, width: number, { rows, across, bands }: Grid): Point {
  const row = rows.get(id) ?? 0
  return { x: across.at(row, boxKey(id)) - width / 2, y: bands[row]?.top ?? 0 }
}

function arrow([from]: Edge, way: readonly string[], { rows, across, bands, boxes }: Grid): readonly Point[] {
  const first = rows.get(from) ?? 0
  return way.flatMap((key, i): readonly Point[] => {
    const x = across.at(first + i, key)
    const { top, bottom } = bands[first + i] ?? { top: 0, bottom: 0 }
    if (i === 0)
      return [
        { x, y: top + (boxes.get(from)?.height ?? 0) },
        { x, y: bottom },
      ]
    return i === way.length - 1
      ? [{ x, y: top }]
      : [
          { x, y: top },
          { x, y: bottom },
        ]
  })
}
