import { isIn, WORD } from './chars.ts'

export type WordVisitor = {
  /** A word, or what follows an escape within one, begins here. */
  readonly begins: (at: number) => void
  readonly ends: (at: number) => void
}

/** One walk over a text, from word to word: letters, digits and underscores. */
export function walkWords(text: string, { begins, ends }: WordVisitor): void {
  let inside = false
  for (let at = 0; at < text.length; at += 1) {
    const now = isIn(WORD, text.charCodeAt(at))
    if (now === inside) continue
    inside = now
    if (now) beginAt(text, at, begins)
    else ends(at)
  }
  if (inside) ends(text.length)
}

/** Within JSON and addresses a word may begin right after the letters of an escape: `\ntoken`, `%3Dtoken`, `\u003dtoken`. */
function beginAt(text: string, at: number, begins: (at: number) => void): void {
  begins(at)
  const before = text.charCodeAt(at - 1)
  if (before === 0x5c) {
    begins(at + 1)
    if (text.charCodeAt(at) === 0x75) begins(at + 5)
  } else if (before === 0x25) begins(at + 2)
}
