import { LINE, NAME, PILL, SMALL, STRIPE, type Box, type Pill, type Text } from './box.ts'
import { markColours, paper, tones } from './colours.ts'
import type { Point } from './layout.ts'
import type { Picture, PlacedBox } from './picture.ts'
import { element, xmlText } from './xml.ts'

/** The family of the font that is shipped for PNG; other viewers take what they have. */
export const FONT = 'IBM Plex Sans'

const HALF_ARROW = 4
const ARROW = 7

/** An SVG that scales with its place and needs nothing from outside. */
export function svg(drawn: Picture): string {
  const { width, height, label, heading, rule } = drawn
  const lines = heading.map(({ text, size, y }) =>
    element(
      'text',
      {
        x: 12,
        y,
        'font-size': size,
        'font-weight': size > SMALL ? 600 : 400,
        fill: size > SMALL ? paper.ink : paper.faint,
      },
      xmlText(text),
    ),
  )
  const markup = element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${Math.ceil(width)} ${Math.ceil(height)}`,
      width: Math.ceil(width),
      height: Math.ceil(height),
      role: 'img',
      'aria-label': label,
      'font-family': `'${FONT}', 'Helvetica Neue', Arial, sans-serif`,
    },
    element('title', {}, xmlText(label)),
    element('rect', { width: '100%', height: '100%', fill: paper.ground }),
    ...lines,
    ...drawn.arrows.map(arrow),
    ...(rule === undefined ? [] : [ruler(rule, width)]),
    ...drawn.boxes.map(placed),
  )
  return `${markup}\n`
}

/** Straight down through rows, in an S between them, and a head. */
function arrow(way: readonly Point[]): string {
  const [start, ...rest] = way
  const end = way.at(-1)
  if (start === undefined || end === undefined) return ''
  let from = start
  const parts = [`M${at(from)}`]
  for (const [i, point] of rest.entries()) {
    const to = i === rest.length - 1 ? { x: point.x, y: point.y - ARROW } : point
    const middle = (from.y + to.y) / 2
    parts.push(
      from.x === to.x
        ? `L${at(to)}`
        : `C${at({ x: from.x, y: middle })} ${at({ x: to.x, y: middle })} ${at(to)}`,
    )
    from = to
  }
  const { x, y } = end
  const head = `M${at(end)}L${at({ x: x - HALF_ARROW, y: y - ARROW })}L${at({ x: x + HALF_ARROW, y: y - ARROW })}Z`
  return (
    element('path', { d: parts.join(''), fill: 'none', stroke: paper.line, 'stroke-width': 1.5 }) +
    element('path', { d: head, fill: paper.line })
  )
}

function at({ x, y }: Point): string {
  return `${Math.round(x * 10) / 10},${Math.round(y * 10) / 10}`
}

function ruler(y: number, width: number): string {
  const line = { x1: 12, x2: width - 12, y1: y, y2: y, stroke: paper.line, 'stroke-dasharray': '4 3' }
  return (
    element('line', line) +
    element(
      'text',
      { x: 12, y: y + 17, 'font-size': SMALL, 'font-weight': 600, fill: paper.faint },
      'at the end',
    )
  )
}

function placed({ box, x, y }: PlacedBox): string {
  const { card, width, height } = box
  const { tint, edge } = tones[card.effect]
  const body = { width, height, rx: 6 }
  const stroke = frameOf(box)
  return element(
    'g',
    { transform: `translate(${at({ x, y })})` },
    element('title', {}, xmlText(`${card.id}: ${card.title}`)),
    // A second sheet behind says that the step is done for each of a list, as its words do.
    ...(card.notes.includes('for each')
      ? [element('rect', { ...body, x: 4, y: 4, fill: tint, stroke: paper.line })]
      : []),
    element('rect', { ...body, fill: paper.ground, ...stroke }),
    element('path', {
      d: `M${STRIPE},0H6A6,6,0,0,0,0,6V${height - 6}A6,6,0,0,0,6,${height}H${STRIPE}Z`,
      fill: edge,
    }),
    ...stripOf(box),
    ...box.texts.map(textOf),
    ...box.pills.map((pill) => pillOf(pill, box)),
  )
}

function frameOf({ card: { mark } }: Box): { stroke: string; 'stroke-width': number } {
  if (mark === undefined || mark.kind === 'later') return { stroke: paper.frame, 'stroke-width': 1 }
  return { stroke: markColours[mark.kind], 'stroke-width': 2 }
}

function textOf({ style, text, x, y }: Text): string {
  const look = {
    name: { 'font-size': NAME, 'font-weight': 600, fill: paper.ink },
    action: { 'font-size': SMALL, fill: paper.faint },
    condition: { 'font-size': SMALL, fill: paper.ink },
  }[style]
  return element('text', { x, y, ...look }, xmlText(text))
}

function pillOf({ kind, text, x, y, width }: Pill, { card }: Box): string {
  const { tint, ink, edge } = tones[card.effect]
  const effect = kind === 'effect'
  return (
    element('rect', {
      x,
      y,
      width,
      height: PILL,
      rx: PILL / 2,
      fill: effect ? tint : paper.ground,
      stroke: effect ? edge : paper.line,
    }) +
    element(
      'text',
      {
        x: x + width / 2,
        y: y + 13.5,
        'text-anchor': 'middle',
        'font-size': SMALL,
        'font-weight': effect ? 600 : 400,
        fill: effect ? ink : paper.ink,
      },
      xmlText(text),
    )
  )
}

function stripOf({ card: { mark }, strip, width, height }: Box): string[] {
  if (mark === undefined || strip === undefined) return []
  const r = 6
  const shape = `M0,${strip.y}H${width}V${height - r}A${r},${r},0,0,1,${width - r},${height}H${r}A${r},${r},0,0,1,0,${height - r}Z`
  const lines = strip.lines.map((line, i) =>
    element(
      'text',
      {
        x: width / 2,
        y: strip.y + 14 + i * LINE,
        'text-anchor': 'middle',
        'font-size': SMALL,
        'font-weight': 600,
        fill: mark.kind === 'later' ? paper.faint : paper.ground,
      },
      xmlText(line),
    ),
  )
  return [
    element('path', { d: shape, fill: mark.kind === 'later' ? paper.pale : markColours[mark.kind] }),
    ...lines,
  ]
}
