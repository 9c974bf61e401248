import { type Box, boxOf } from './box.ts'
import { arrange, type Arrangement, type Placed, place, type Point } from './layout.ts'
import type { Card, Edge, Sketch } from './sketch.ts'
import { wrap } from './text.ts'

/** Width of the phones that drawings are made for, in CSS pixels. */
const PHONE = 390

const MARGIN = 12
const GAP = 14
const NARROWEST = 128
const WIDEST = 240
const TITLE = 16
const SUBTITLE = 12

export type PlacedBox = { readonly box: Box; readonly x: number; readonly y: number }
type PlacedLine = { readonly text: string; readonly size: number; readonly y: number }

/** Everything with its place: what is left is to write it down. */
export type Picture = {
  readonly label: string
  readonly width: number
  readonly height: number
  readonly heading: readonly PlacedLine[]
  readonly boxes: readonly PlacedBox[]
  readonly arrows: readonly (readonly Point[])[]
  /** The height at which the steps at the end begin. */
  readonly rule?: number
}

/** Lays a sketch out, at most `columns` boxes side by side: with two it is as wide as a phone. */
export async function picture(sketch: Sketch, columns: number): Promise<Picture> {
  const graphs = [
    await graphOf(sketch.main, sketch.edges, columns),
    await graphOf(sketch.closing, sketch.edges, columns),
  ] as const
  const side = Math.max(1, ...graphs.map(widestRow))
  const [main, closing] = [part(graphs[0], side), part(graphs[1], side)]
  const width = Math.max(widthFor(side), ...[main, closing].map(({ placed }) => placed.width + 2 * MARGIN))
  const heading = headingOf(sketch, width)
  const top = heading.bottom + 14
  const ruled = sketch.closing.length > 0
  const rule = top + main.placed.height + (sketch.main.length > 0 ? 20 : 0)
  const parts = [moved(main, width, top), ...(ruled ? [moved(closing, width, rule + 30)] : [])]
  return {
    label: `${sketch.title} (${sketch.subtitle})`,
    width,
    height: (ruled ? rule + 30 + closing.placed.height : top + main.placed.height) + MARGIN,
    heading: heading.lines,
    boxes: parts.flatMap(({ boxes }) => boxes),
    arrows: parts.flatMap(({ arrows }) => arrows),
    ...(ruled ? { rule } : {}),
  }
}

type Part = { readonly boxes: readonly Box[]; readonly placed: Placed }

function widthFor(side: number): number {
  return (PHONE / 2) * Math.max(side, 2)
}

type Graph = {
  readonly cards: readonly Card[]
  readonly edges: readonly Edge[]
  readonly arrangement: Arrangement
}

async function graphOf(cards: readonly Card[], all: readonly Edge[], columns: number): Promise<Graph> {
  const ids = new Set(cards.map(({ id }) => id))
  const edges = all.filter(([from, to]) => ids.has(from) && ids.has(to))
  return { cards, edges, arrangement: await arrange([...ids], edges, columns) }
}

/** How many boxes really stand side by side. */
function widestRow({ arrangement: { rows } }: Graph): number {
  const together = Map.groupBy(rows.values(), (row) => row)
  return Math.max(0, ...[...together.values()].map((row) => row.length))
}

/** Narrower boxes make room where many arrows pass beside them; below a certain width the drawing grows instead. */
function part({ cards, edges, arrangement }: Graph, side: number): Part {
  const room = widthFor(side) - 2 * MARGIN
  const attempt = (width: number): Part => {
    const boxes = cards.map((card) => boxOf(card, width))
    const sized = boxes.map(({ card: { id }, width, height }) => ({ id, width, height }))
    const placed = place(sized, edges, { arrangement, width: room })
    const narrower = Math.max(NARROWEST, Math.floor(width - (placed.width - room) / side))
    return placed.width <= room || narrower >= width ? { boxes, placed } : attempt(narrower)
  }
  return attempt(Math.min(WIDEST, Math.floor((room - (side - 1) * GAP) / side)))
}

function moved({ boxes, placed }: Part, width: number, top: number) {
  const left = (width - placed.width) / 2
  const move = ({ x, y }: Point): Point => ({ x: x + left, y: y + top })
  return {
    boxes: boxes.map((box) => ({ box, ...move(placed.boxes.get(box.card.id) ?? { x: 0, y: 0 }) })),
    arrows: placed.arrows.map((way) => way.map(move)),
  }
}

function headingOf({ title, subtitle }: Sketch, width: number): { lines: PlacedLine[]; bottom: number } {
  const lines: PlacedLine[] = []
  let y = MARGIN
  const add = (text: string, size: number): void => {
    for (const line of wrap(text, { width: width - 2 * MARGIN, size, lines: 3 })) {
      y += size + 5
      lines.push({ text: line, size, y: y - 3 })
    }
  }
  add(title, TITLE)
  add(subtitle, SUBTITLE)
  return { lines, bottom: y }
}
