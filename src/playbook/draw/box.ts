import { type Card, effectWords } from './sketch.ts'
import { plain, widthOf, wrap } from './text.ts'

/** Sizes in pixels of a drawing 390 wide: nothing is set smaller than 12, which a phone shows legibly. */
export const SMALL = 12
export const NAME = 14
export const LINE = 15
export const STRIPE = 5
export const PILL = 19

const INSET = 10
const PILL_INSET = 6
const BETWEEN_PILLS = 5

export type Text = {
  readonly style: 'name' | 'action' | 'condition'
  readonly text: string
  readonly x: number
  /** Of the base line. */
  readonly y: number
}
export type Pill = {
  readonly kind: 'effect' | 'note'
  readonly text: string
  readonly x: number
  readonly y: number
  readonly width: number
}
/** The strip at the bottom that says where the step stands in a run. */
type Strip = { readonly lines: readonly string[]; readonly y: number; readonly height: number }

/** A step's box with everything in it placed, from its own top left corner. */
export type Box = {
  readonly card: Card
  readonly width: number
  readonly height: number
  readonly texts: readonly Text[]
  readonly pills: readonly Pill[]
  readonly strip?: Strip
}

export function boxOf(card: Card, width: number): Box {
  const inner = width - STRIPE - 2 * INSET
  const x = STRIPE + INSET
  const texts: Text[] = []
  let y = 7
  const add = (style: Text['style'], text: string, lines: number): void => {
    const size = style === 'name' ? NAME : SMALL
    for (const line of wrap(text, { width: inner, size, lines })) {
      y += style === 'name' ? LINE + 2 : LINE
      texts.push({ style, text: line, x, y: y - 3 })
    }
  }
  add('name', card.id, 3)
  add('action', card.action, 3)
  if (card.condition !== undefined) add('condition', card.condition, 6)
  const { pills, height } = flow(card, inner)
  const placed = pills.map((pill) => ({ ...pill, x: pill.x + x, y: pill.y + y + 6 }))
  y += 6 + height + 8
  if (card.mark === undefined) return { card, width, height: y, texts, pills: placed }
  const lines = wrap(card.mark.words, { width: inner, size: SMALL, lines: 3 })
  const strip = { lines, y, height: lines.length * LINE + 6 }
  return { card, width, height: y + strip.height, texts, pills: placed, strip }
}

/** The effect and the notes side by side, in as many rows as they need. */
function flow({ effect, notes }: Card, inner: number): { pills: Pill[]; height: number } {
  const words = [effectWords[effect], ...notes].map((note) => {
    const [line = ''] = wrap(note, { width: inner - 2 * PILL_INSET, size: SMALL, lines: 1 })
    return line
  })
  const pills: Pill[] = []
  let [x, y] = [0, 0]
  for (const [i, text] of words.entries()) {
    const width = Math.ceil(widthOf(plain(text), SMALL)) + 2 * PILL_INSET
    if (x > 0 && x + width > inner) [x, y] = [0, y + PILL + 4]
    pills.push({ kind: i === 0 ? 'effect' : 'note', text, x, y, width })
    x += width + BETWEEN_PILLS
  }
  return { pills, height: y + PILL }
}
