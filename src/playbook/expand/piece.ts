import type { Reference } from '../../expr/index.ts'

/** A part of an expression, and the steps it reads. */
export type Piece = {
  readonly text: string
  /** Steps that must be there: read with a plain dot. */
  readonly firm: ReadonlySet<string>
  /** Every step that is read. */
  readonly reads: ReadonlySet<string>
  /** What stands for `has(…)` around it, where `has()` cannot ask for the text. */
  readonly has?: string
}

export const none: ReadonlySet<string> = new Set()

export function plain(text: string): Piece {
  return { text, firm: none, reads: none }
}

export function union(...sets: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  return new Set(sets.flatMap((set) => [...set]))
}

/** What stands for a reference; `source` is the reference as written, `asked` whether `has()` stands around it. */
export type Replace = (reference: Spot) => Piece
export type Spot = Reference & { readonly source: string; readonly asked: boolean }

/** A text with each of its references replaced, by position. */
export function rewrite(text: string, references: readonly Reference[], replace: Replace): Piece {
  const spots = new Map(references.map((reference) => [reference.start, reference]))
  let made = text
  const firm = new Set<string>()
  const asked = new Set<string>()
  const reads = new Set<string>()
  for (const reference of [...spots.values()].toSorted((a, b) => b.start - a.start)) {
    const { start, end } = reference
    const [before] = /\bhas\s*\(\s*$/.exec(text.slice(0, start)) ?? []
    const isAsked = before !== undefined
    const piece = replace({ ...reference, source: text.slice(start, end), asked: isAsked })
    made =
      before === undefined || piece.has === undefined
        ? made.slice(0, start) + piece.text + made.slice(end)
        : made.slice(0, start - before.length) + piece.has + made.slice(end).replace(/^\s*\)/, '')
    for (const step of piece.firm) (isAsked ? asked : firm).add(step)
    for (const step of piece.reads) reads.add(step)
  }
  // Who asks whether a step is there has said what holds when it is not.
  return { text: made, firm: new Set([...firm].filter((step) => !asked.has(step))), reads }
}

/** In brackets where something might bind to a part of it. A comment of CEL ends with its line. */
export function bracketed(text: string): string {
  if (/^[a-z]\w*(\.\??\w+)*$/.test(text) || /^("[^"\\]*"|\d+(\.\d+)?)$/.test(text)) return text
  return text.includes('//') ? `(${text}\n)` : `(${text})`
}

/** `has(steps.a) && …` for steps that may not have run. */
export function asking(steps: Iterable<string>): readonly string[] {
  return [...steps].toSorted().map((step) => `has(steps.${step})`)
}
