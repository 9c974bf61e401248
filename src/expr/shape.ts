/**
 * The type of a value in an expression. Finer than a CEL type: it keeps what the schema says about texts, numbers and
 * lists, so that a reference can be compared with the place it goes to.
 */
export type Shape =
  | StringShape
  | NumberShape
  | { readonly kind: 'bool' }
  | ListShape
  | ObjectShape
  | RecordShape
  /** May be absent. As a field: the key may be missing. */
  | { readonly kind: 'optional'; readonly of: Shape }
  /** May be null. Expressions treat null as absent. */
  | { readonly kind: 'nullable'; readonly of: Shape }
  /** A `Secret`: passed on whole, never computed with. */
  | { readonly kind: 'secret' }
  /** JSON of no declared type: passed on whole to a place that takes any JSON. */
  | { readonly kind: 'json' }
  /** The item of an empty list. */
  | { readonly kind: 'never' }

export type StringShape = {
  readonly kind: 'string'
  /** The only texts it can be. */
  readonly enum?: readonly string[]
  /** Every one of these regular expressions matches; flags are written in front, as in `(?i)a`. */
  readonly patterns?: readonly string[]
  readonly format?: string
  readonly minLength?: number
  readonly maxLength?: number
  /** Made by an expression: nothing is known of its text, so patterns and lengths are checked when a run is planned. */
  readonly computed?: true
}

/** Bounds are inclusive. An `int` without bounds of its own is a safe integer, ±(2^53 − 1), as everywhere in JSON. */
export type NumberShape = { readonly kind: 'int' | 'double'; readonly min: number; readonly max: number }

export type ListShape = {
  readonly kind: 'list'
  readonly item: Shape
  readonly minItems?: number
  readonly maxItems?: number
}

export type ObjectShape = {
  readonly kind: 'object'
  readonly fields: { readonly [name: string]: Shape }
  /** As a source: there are no other fields. As a target: other fields are refused. */
  readonly closed: boolean
}

export type RecordShape = { readonly kind: 'record'; readonly key: StringShape; readonly value: Shape }

export const string: StringShape = { kind: 'string' }
/** A text that an expression made. */
export const computed: StringShape = { kind: 'string', computed: true }
export const bool: Shape = { kind: 'bool' }

export function int(min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER): NumberShape {
  return { kind: 'int', min, max }
}

export function double(min = -Number.MAX_VALUE, max = Number.MAX_VALUE): NumberShape {
  return { kind: 'double', min, max }
}

export function isNumber(shape: Shape): shape is NumberShape {
  return shape.kind === 'int' || shape.kind === 'double'
}

export function listOf(item: Shape): ListShape {
  return { kind: 'list', item }
}

/** An object with exactly these fields. */
export function objectOf(fields: { readonly [name: string]: Shape }): ObjectShape {
  return { kind: 'object', fields, closed: true }
}

export function optional(of: Shape): Shape {
  return of.kind === 'optional' ? of : { kind: 'optional', of }
}

/** The shape of a field of an object, or undefined when it declares none of this name. */
export function fieldOf(shape: ObjectShape, name: string): Shape | undefined {
  return Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined
}

/** A shape without its `optional` and `nullable`, and which of them it had. */
export function peel(shape: Shape): { base: Shape; optional: boolean; nullable: boolean } {
  let base = shape
  let [optional, nullable] = [false, false]
  while (base.kind === 'optional' || base.kind === 'nullable') {
    if (base.kind === 'optional') optional = true
    else nullable = true
    base = base.of
  }
  return { base, optional, nullable }
}

/** True when a secret is this value or somewhere in it. */
export function holdsSecret(shape: Shape): boolean {
  if (shape.kind === 'list') return holdsSecret(shape.item)
  if (shape.kind === 'record') return holdsSecret(shape.value)
  if (shape.kind === 'object') return Object.values(shape.fields).some(holdsSecret)
  if (shape.kind === 'optional' || shape.kind === 'nullable') return holdsSecret(shape.of)
  return shape.kind === 'secret'
}

const words = {
  string: 'text',
  int: 'an integer',
  double: 'a number',
  bool: 'true or false',
  object: 'an object',
  secret: 'a secret',
  json: 'JSON of any kind',
  never: 'nothing',
} as const

/** The shape in words, for messages. */
export function describe(shape: Shape): string {
  if (shape.kind === 'optional') return `${describe(shape.of)} that may be absent`
  if (shape.kind === 'nullable') return `${describe(shape.of)} that may be null`
  if (shape.kind === 'record') return `a map of ${describe(shape.value)}`
  if (shape.kind === 'list') {
    return shape.item.kind === 'never' ? 'an empty list' : `a list of ${describe(shape.item)}`
  }
  if (shape.kind === 'string' && shape.enum) return `one of ${quoteAll(shape.enum)}`
  return words[shape.kind]
}

export function quoteAll(texts: readonly string[]): string {
  const shown = texts.slice(0, 8).map((text) => JSON.stringify(text))
  return texts.length > 8 ? `${shown.join(', ')}, …` : shown.join(', ')
}
