import type { Json } from '../../core/json.ts'
import type { InputType } from '../../core/playbook.ts'
import { splitTemplate } from '../../expr/index.ts'
import { isList, isObject } from '../json.ts'
import { own } from '../own.ts'
import { listLiteral, literal, quote, standIn } from './literal.ts'
import { asking, bracketed, none, type Piece } from './piece.ts'

/** What stands for an input of a playbook that is run: what the step gives it, or its default. */
export type Value = {
  readonly type: InputType
  /** As it would stand in the file: texts may hold expressions. */
  readonly json: Json
  readonly firm: ReadonlySet<string>
  readonly reads: ReadonlySet<string>
}

/** A constant is what the file says, so a text of it is escaped as there. */
export function defaultValue(type: InputType): Value | undefined {
  if (type.type === 'object' || type.default === undefined) return undefined
  return { type, json: escaped(type.default), firm: none, reads: none }
}

function escaped(json: Json): Json {
  if (typeof json === 'string') return json.replaceAll('${{', (open) => `$${open}`)
  if (isList(json)) return json.map(escaped)
  if (!isObject(json)) return json
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, escaped(value)]))
}

/** The value as an expression; undefined for a map, which has no form in an expression. */
export function expressionOf({ json, type }: Pick<Value, 'json' | 'type'>): string | undefined {
  if (typeof json === 'string') return textExpression(json, type)
  if (isList(json)) {
    if (type.type !== 'array') return undefined
    return listLiteral(
      json.map((item) => expressionOf({ json: item, type: type.items })),
      type,
    )
  }
  return literal(json, type)
}

function textExpression(text: string, type: InputType): string | undefined {
  const split = splitTemplate(text)
  if (!split.ok) return undefined
  const [only, ...more] = split.parts
  if (only === undefined) return quote('')
  if (more.length === 0) return only.kind === 'text' ? quote(only.text) : typed(only.source.trim(), type)
  const terms = split.parts.map((part) =>
    part.kind === 'text' ? quote(part.text) : `string(${part.source.trim()})`,
  )
  return terms.join(' + ')
}

/** An integer may be given where a number is asked for, but the two do not mix in arithmetic. */
function typed(source: string, type: InputType): string {
  return type.type === 'number' ? `double(${source})` : source
}

/** The field of a value that is written out as a map, and what is left of the path. */
export function descend(value: Value, rest: string): { readonly value: Value; readonly rest: string } {
  const { json, type } = value
  const [whole, name] = /^\s*\.\s*(\w+)/.exec(rest) ?? []
  if (whole === undefined || name === undefined || type.type !== 'object') return { value, rest }
  const field = isObject(json) ? own(json, name) : undefined
  const fieldType = own(type.properties, name)
  if (field === undefined || fieldType === undefined) return { value, rest }
  return descend({ ...value, json: field, type: fieldType }, rest.slice(whole.length))
}

/**
 * The value for a step at the end of the run, when the steps it reads may not have run. The condition of that step asks
 * for them, so what stands here otherwise is never used.
 */
export function atEnd({ expression, value }: { expression: string; value: Value }): string | undefined {
  if (value.firm.size === 0) return expression
  const other = standIn(value.type)
  if (other === undefined) return undefined
  return `${asking(value.firm).join(' && ')} ? ${bracketed(expression)} : ${other}`
}

/** An expression with what it reads, and a field of it where one is asked for. */
export function pieceOf(text: string, { firm, reads }: Value, rest: string): Piece {
  return { text: bracketed(text) + rest, firm, reads }
}
