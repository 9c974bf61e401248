import { describe, expect, it } from 'vitest'
import { lanesOf } from '../../../src/playbook/draw/lanes.ts'
import { arrange, place, type Placed, type Point, type Sized } from '../../../src/playbook/draw/layout.ts'
import { rowsOf } from '../../../src/playbook/draw/rows.ts'
import { type Edge, sketch } from '../../../src/playbook/draw/sketch.ts'
import { randomPlaybook } from './playbooks.ts'

function graphOf(seed: number, size: number): { boxes: Sized[]; edges: readonly Edge[] } {
  const { main, edges } = sketch(randomPlaybook(seed, size))
  const ids = new Set(main.map(({ id }) => id))
  const boxes = main.map(({ id }, i) => ({ id, width: 140, height: 60 + (i % 4) * 20 }))
  return { boxes, edges: edges.filter(([from, to]) => ids.has(from) && ids.has(to)) }
}

type Area = { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number }

function areasOf(boxes: readonly Sized[], placed: Placed): Map<string, Area> {
  return new Map(
    boxes.map(({ id, width, height }) => {
      const { x, y } = placed.boxes.get(id) ?? { x: NaN, y: NaN }
      return [id, { left: x, right: x + width, top: y, bottom: y + height }]
    }),
  )
}

const overlap = (a: Area, b: Area): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom

/** The rectangles that the pieces of an arrow stay within. */
function piecesOf(way: readonly Point[]): Area[] {
  return way.slice(1).map((point, i) => {
    const before = way[i] ?? point
    const [left = 0, right = 0] = [point.x, before.x].toSorted((a, b) => a - b)
    return { left: left - 0.5, right: right + 0.5, top: before.y + 0.1, bottom: point.y - 0.1 }
  })
}

describe.each([1, 2, 3, 4, 5, 6])('any graph (%i)', (seed) => {
  const { boxes, edges } = graphOf(seed, 30)
  const ids = boxes.map(({ id }) => id)
  const columns = 1 + (seed % 4)
  const arrangement = arrange(ids, edges, columns)

  it('has boxes that do not overlap, within the width that it says', async () => {
    const placed = place(boxes, edges, { arrangement: await arrangement, width: 390 })
    const areas = [...areasOf(boxes, placed).values()]
    for (const [i, a] of areas.entries()) {
      expect(a.left).toBeGreaterThanOrEqual(-0.01)
      expect(a.right).toBeLessThanOrEqual(placed.width + 0.01)
      expect(a.bottom).toBeLessThanOrEqual(placed.height + 0.01)
      for (const b of areas.slice(i + 1)) expect(overlap(a, b)).toBe(false)
    }
  })

  it('has arrows from the bottom of one box to the top of the other that cross no box', async () => {
    const placed = place(boxes, edges, { arrangement: await arrangement, width: 390 })
    const areas = areasOf(boxes, placed)
    for (const [i, [from, to]] of edges.entries()) {
      const way = placed.arrows[i] ?? []
      expect(way[0]?.y).toBeCloseTo(areas.get(from)?.bottom ?? NaN)
      expect(way.at(-1)?.y).toBeCloseTo(areas.get(to)?.top ?? NaN)
      const crossed = [...areas.values()].filter((area) =>
        piecesOf(way).some((piece) => overlap(piece, area)),
      )
      expect(crossed, `${from} → ${to}`).toEqual([])
    }
  })

  it('has every step below what it waits for, and never more than the columns side by side', async () => {
    const { rows } = await arrangement
    for (const [from, to] of edges) expect(rows.get(to)).toBeGreaterThan(rows.get(from) ?? Infinity)
    for (const row of Map.groupBy(rows.values(), (row) => row).values()) {
      expect(row.length).toBeLessThanOrEqual(columns)
    }
  })

  it('joins arrows only where they come from one step or go to one', async () => {
    const { ways } = lanesOf(boxes, edges, await arrangement)
    const sharing = Map.groupBy(
      ways.flatMap((way, i) => way.slice(1, -1).map((lane, row) => ({ lane, row, edge: edges[i] }))),
      ({ lane }) => lane,
    )
    for (const uses of sharing.values()) {
      const froms = new Set(uses.map(({ edge }) => edge?.[0]))
      const tos = new Set(uses.map(({ edge }) => edge?.[1]))
      expect(Math.min(froms.size, tos.size)).toBe(1)
    }
  })
})

it('a circle is an error, not a hang', () => {
  const circle: Edge[] = [
    ['a', 'b'],
    ['b', 'a'],
  ]
  expect(() => rowsOf(['a', 'b'], circle, 2)).toThrow('wait for each other')
})
