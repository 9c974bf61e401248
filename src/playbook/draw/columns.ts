import type { Item, Lanes } from './lanes.ts'

const BETWEEN_BOXES = 14
const BESIDE_LANE = 10
const SWEEPS = 6

/** The middle of every item of every row, from left to right within `width`. */
export type Columns = {
  readonly width: number
  readonly at: (row: number, key: string) => number
}

/**
 * Everything as near as may be to what it is connected with in the rows above and below, in turns, while the order and
 * the distances are kept and nothing leaves the width.
 */
export function columnsOf(lanes: Lanes, room: number): Columns {
  const width = Math.max(room, ...lanes.rows.map((row) => offsets(row).width))
  const places = lanes.rows.map((row) => new Map(row.map(({ key }) => [key, width / 2])))
  const near = neighbours(lanes)
  const down = [...lanes.rows.keys()]
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const row of sweep % 2 === 0 ? down : down.toReversed()) {
      const items = lanes.rows[row] ?? []
      const wanted = items.map(({ key }) => {
        const xs = (near.get(name(row, key)) ?? []).flatMap(
          ([other, otherKey]) => places[other]?.get(otherKey) ?? [],
        )
        return xs.length === 0 ? width / 2 : xs.reduce((sum, x) => sum + x, 0) / xs.length
      })
      const settled = settle(items, wanted, width)
      places[row] = new Map(items.map(({ key }, i) => [key, settled[i] ?? 0]))
    }
  }
  return { width, at: (row, key) => places[row]?.get(key) ?? 0 }
}

type Place = readonly [row: number, key: string]

function neighbours({ rows, ways }: Lanes): ReadonlyMap<string, readonly Place[]> {
  const first = new Map(
    rows.flatMap((row, i) => row.map(({ key }): Place => [i, key])).map(([i, key]) => [key, i]),
  )
  const near = new Map<string, Place[]>()
  const add = (a: Place, b: Place): void => void near.set(name(...a), [...(near.get(name(...a)) ?? []), b])
  for (const way of ways) {
    const start = first.get(way[0] ?? '') ?? 0
    for (const [i, key] of way.entries()) {
      const next = way[i + 1]
      if (next === undefined) break
      add([start + i, key], [start + i + 1, next])
      add([start + i + 1, next], [start + i, key])
    }
  }
  return near
}

function name(row: number, key: string): string {
  return `${row} ${key}`
}

/** Where each item stands when all are pushed to the left, and how wide the row is then. */
function offsets(row: readonly Item[]): { at: number[]; width: number } {
  const at: number[] = []
  let right = 0
  for (const [i, { width }] of row.entries()) {
    const before = row[i - 1]
    const space = before === undefined ? 0 : before.width > 0 && width > 0 ? BETWEEN_BOXES : BESIDE_LANE
    at.push(right + space + width / 2)
    right += space + width
  }
  return { at, width: right }
}

/** Least squares under an order (pool adjacent violators), in coordinates from which the distances are taken out. */
function settle(items: readonly Item[], wanted: readonly number[], width: number): number[] {
  const { at, width: needed } = offsets(items)
  const blocks: { sum: number; count: number }[] = []
  for (const [i, x] of wanted.entries()) {
    let block = { sum: x - (at[i] ?? 0), count: 1 }
    for (let last = blocks.at(-1); last !== undefined && mean(last) > mean(block); last = blocks.at(-1)) {
      blocks.pop()
      block = { sum: last.sum + block.sum, count: last.count + block.count }
    }
    blocks.push(block)
  }
  const free = blocks.flatMap((block) => Array.from({ length: block.count }, () => mean(block)))
  return free.map((x, i) => Math.min(Math.max(x, 0), width - needed) + (at[i] ?? 0))
}

function mean({ sum, count }: { readonly sum: number; readonly count: number }): number {
  return sum / count
}
