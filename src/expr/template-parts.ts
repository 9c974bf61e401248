import type { Problem } from './problem.ts'

export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  /** `source` is what stands between the braces; it starts at `start` of the whole text. */
  | { readonly kind: 'expression'; readonly source: string; readonly start: number }

export type Split =
  | { readonly ok: true; readonly parts: readonly TemplatePart[] }
  | { readonly ok: false; readonly problem: Problem }

const OPEN = '${{'
const CLOSE = '}}'

/** Splits a text at its `${{ … }}`. Braces inside quoted texts of an expression are part of it. */
export function splitTemplate(text: string): Split {
  const parts: TemplatePart[] = []
  let plain = ''
  let at = 0
  const flush = () => {
    if (plain !== '') parts.push({ kind: 'text', text: plain })
    plain = ''
  }
  while (at < text.length) {
    if (text.startsWith(`$${OPEN}`, at)) {
      plain += OPEN
      at += OPEN.length + 1
    } else if (text.startsWith(OPEN, at)) {
      const start = at + OPEN.length
      const end = findClose(text, start)
      if (end === undefined) return { ok: false, problem: unclosed(at, text.length) }
      flush()
      parts.push({ kind: 'expression', source: text.slice(start, end), start })
      at = end + CLOSE.length
    } else {
      plain += text[at] ?? ''
      at += 1
    }
  }
  flush()
  return { ok: true, parts }
}

function findClose(text: string, from: number): number | undefined {
  let at = from
  while (at < text.length) {
    if (text.startsWith(CLOSE, at)) return at
    at = text[at] === '"' || text[at] === "'" ? endOfQuoted(text, at) : at + 1
  }
  return undefined
}

/** The place after a quoted text, by the rules of CEL: triple quotes, and a backslash before a quote. */
function endOfQuoted(text: string, from: number): number {
  const quote = text[from] ?? ''
  const mark = text.startsWith(quote.repeat(3), from) ? quote.repeat(3) : quote
  let at = from + mark.length
  while (at < text.length && !text.startsWith(mark, at)) at += text[at] === '\\' ? 2 : 1
  return at + mark.length
}

function unclosed(start: number, end: number): Problem {
  return {
    code: 'expr.syntax',
    message: 'This ${{ is never closed.',
    remedy: 'Close it with }}, or write $${{ for the characters themselves.',
    start,
    end,
  }
}
