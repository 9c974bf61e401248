// Runs of characters, found by walking once: no pattern here can be made to walk twice over a hostile text.

/** A set of ASCII characters that answers by code. */
export type Chars = Uint8Array

export function chars(...parts: readonly string[]): Chars {
  const set = new Uint8Array(128)
  for (const part of parts) {
    const range = /^(.)-(.)$/su.exec(part)
    const [from, to] = range ? [range[1] ?? '', range[2] ?? ''] : ['', '']
    if (range) for (let code = from.charCodeAt(0); code <= to.charCodeAt(0); code += 1) set[code] = 1
    else for (const char of part) set[char.charCodeAt(0)] = 1
  }
  return set
}

export const DIGIT = chars('0-9')
export const LETTER_OR_DIGIT = chars('0-9', 'A-Z', 'a-z')
export const WORD = chars('0-9', 'A-Z', 'a-z', '_')

export function isIn(set: Chars, code: number): boolean {
  return code < 128 && set[code] === 1
}

/** Where the run of such characters that begins at `from` ends. */
export function runEnd(text: string, from: number, set: Chars): number {
  let at = from
  while (at < text.length && isIn(set, text.charCodeAt(at))) at += 1
  return at
}
