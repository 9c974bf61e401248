import { bool, int, type Shape } from '../../expr/index.ts'
import { definitionFault } from './fault.ts'

/** Under this symbol every reference keeps its expression: no field of an output can have the same name. */
export const TERM: unique symbol = Symbol('term')

/** How tightly the outermost operator of an expression binds, as CEL has it. */
export const LEVEL = { raw: 0, or: 2, and: 3, relation: 4, unary: 7, primary: 8 } as const

/** An expression while it is put together. */
export type Term = {
  readonly text: string
  readonly level: number
  readonly shape: Shape
  /** For a value that may be absent or null: how it is reached safely, and how to ask whether it is there. */
  readonly maybe?: { readonly guarded: string; readonly asked: string }
}

export type HasTerm = { readonly [TERM]: Term }

export function hasTerm(value: unknown): value is HasTerm {
  return typeof value === 'object' && value !== null && TERM in value
}

/** The expression of a reference. Types have refused anything else, but JavaScript has no types. */
export function termOf(value: unknown): Term {
  if (hasTerm(value)) return value[TERM]
  throw definitionFault(
    `a value of type ${typeof value} stands where a reference belongs`,
    'Use inputs.…, steps.… or the item of this step.',
  )
}

export function primary(text: string, shape: Shape): Term {
  return { text, level: LEVEL.primary, shape }
}

/** The text of a part under an operator of this level. */
export function under(level: number, term: Term): string {
  return term.level >= level ? term.text : `(${term.text})`
}

/** A reference, or a constant written as CEL. A number takes its form from what it stands beside. */
export function operand(value: unknown, beside: Shape): Term {
  if (hasTerm(value)) return value[TERM]
  if (typeof value === 'string') return primary(quote(value), { kind: 'string' })
  if (typeof value === 'boolean') return primary(String(value), bool)
  if (typeof value === 'number') return numberTerm(value, beside)
  if (!Array.isArray(value)) return termOf(value)
  const item = beside.kind === 'list' ? beside.item : beside
  const items = value.map((one: unknown) => operand(one, item).text)
  return primary(`[${items.join(', ')}]`, { kind: 'list', item })
}

function numberTerm(value: number, beside: Shape): Term {
  const text = beside.kind === 'double' && Number.isInteger(value) ? value.toFixed(1) : String(value)
  return { text, level: value < 0 ? LEVEL.unary : LEVEL.primary, shape: int() }
}

const escapes: { readonly [character: string]: string } = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** A text constant of CEL, in single quotes. */
export function quote(text: string): string {
  const inner = text.replaceAll(/[\\']/g, '\\$&').replaceAll(/[\n\r\t]/g, (found) => escapes[found] ?? found)
  return `'${inner}'`
}
