// Text in a drawing: made harmless, measured, and broken into lines.

/**
 * Advance widths of IBM Plex Sans SemiBold in hundredths of an em, from the font's own tables. The regular weight is
 * never wider by more than a hundredth, so one table serves both.
 */
const widths: ReadonlyMap<string, number> = new Map(
  Object.entries({
    24: ' ',
    28: "'ijl",
    31: ',.!:;',
    35: '[]()f',
    38: '{}t|r',
    44: '-I"/\\',
    52: '?szcLvy',
    56: 'Jgx*_aeko',
    60: 'FThnu$+0123456789<=>EZ^`bdpq~S',
    64: 'YCPV',
    68: '#BRXAK',
    72: 'DU&GOQHN',
    82: 'Mw',
    92: 'm@',
    96: 'W%',
  }).flatMap(([width, letters]) => Array.from(letters, (letter) => [letter, Number(width)] as const)),
)

/** Of any other letter: the widest that the font has (Cyrillic Ж), and the width of what it has not (CJK). */
const OTHER = 100

/** A viewer without the font takes its own sans-serif, which may be a little wider. */
const SLACK = 1.05

/** Width of a text in pixels. */
export function widthOf(text: string, size: number): number {
  let hundredths = 0
  for (const letter of text) hundredths += widths.get(letter) ?? OTHER
  return (hundredths * size * SLACK) / 100
}

/**
 * One line of text without what a viewer would obey or could not hold: control and direction characters, line breaks,
 * halves of surrogate pairs. Playbooks are reviewed files, but what a drawing shows may come from a run.
 */
export function plain(text: string): string {
  return text
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

export type Room = { readonly width: number; readonly size: number; readonly lines: number }

/** Lines that fit the room. Breaks at spaces, then after punctuation, then anywhere; what is left over ends in an ellipsis. */
export function wrap(text: string, { width, size, lines }: Room): readonly string[] {
  const fits = (line: string): boolean => widthOf(line.trimEnd(), size) <= width
  const all: string[] = []
  let line = ''
  for (const piece of piecesOf(plain(text), fits)) {
    if (line !== '' && !fits(line + piece)) {
      all.push(line.trimEnd())
      line = ''
    }
    line += line === '' ? piece.trimStart() : piece
    if (all.length > lines) break
  }
  if (line.trimEnd() !== '') all.push(line.trimEnd())
  return all.length <= lines ? all : [...all.slice(0, lines - 1), shorten(all[lines - 1] ?? '', fits)]
}

/** Words, and parts of words that end in punctuation or begin with a dot. One that fits no line is cut into letters. */
function piecesOf(text: string, fits: (line: string) => boolean): string[] {
  const pieces = text.match(/\s|\.?[^\s.\-_/,;:()[\]{}|&=]+[-_/,;:()[\]{}|&=]*|[.\-_/,;:()[\]{}|&=]/gu) ?? []
  return pieces.flatMap((piece) => (fits(piece) ? [piece] : Array.from(piece)))
}

function shorten(line: string, fits: (line: string) => boolean): string {
  const letters = Array.from(line)
  while (letters.length > 0 && !fits(`${letters.join('')}…`)) letters.pop()
  return `${letters.join('')}…`
}
