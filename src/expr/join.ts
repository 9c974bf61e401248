import { contains } from './accepts.ts'
import { fieldOf, optional, peel } from './shape.ts'
import type { ListShape, NumberShape, ObjectShape, RecordShape, Shape, StringShape } from './shape.ts'

/** The narrowest shape we can name that holds the values of both; undefined when they are of different CEL types. */
export function join(a: Shape, b: Shape): Shape | undefined {
  if (a.kind === 'never') return b
  if (b.kind === 'never') return a
  return joinScalars(a, b) ?? joinHolders(a, b) ?? (sameOpaque(a, b) ? a : undefined)
}

/** Kinds without parts. */
function sameOpaque(a: Shape, b: Shape): boolean {
  return a.kind === b.kind && ['bool', 'json', 'secret'].includes(a.kind)
}

function joinScalars(a: Shape, b: Shape): Shape | undefined {
  if (a.kind === 'string' && b.kind === 'string') return joinTexts(a, b)
  if (a.kind === 'int' && b.kind === 'int') return hull(a, b)
  if (a.kind === 'double' && b.kind === 'double') return hull(a, b)
  return undefined
}

function joinHolders(a: Shape, b: Shape): Shape | undefined {
  if (a.kind === 'list' && b.kind === 'list') return joinLists(a, b)
  if (a.kind === 'object' && b.kind === 'object') return joinObjects(a, b)
  if (a.kind === 'record' && b.kind === 'record') return joinRecords(a, b)
  if (a.kind !== 'nullable' || b.kind !== 'nullable') return undefined
  const of = join(a.of, b.of)
  return of && { kind: 'nullable', of }
}

function joinRecords(a: RecordShape, b: RecordShape): Shape | undefined {
  const value = joinFields(a.value, b.value)
  return value && { kind: 'record', key: joinTexts(a.key, b.key), value }
}

function hull(a: NumberShape, b: NumberShape): NumberShape {
  return { kind: a.kind, min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) }
}

function joinTexts(a: StringShape, b: StringShape): StringShape {
  if (a.enum && b.enum) return { kind: 'string', enum: [...new Set([...a.enum, ...b.enum])] }
  if (contains(a, b)) return a
  if (contains(b, a)) return b
  return a.computed || b.computed ? { kind: 'string', computed: true } : { kind: 'string' }
}

function joinLists(a: ListShape, b: ListShape): Shape | undefined {
  const item = join(a.item, b.item)
  if (!item) return undefined
  const minItems = Math.min(a.minItems ?? 0, b.minItems ?? 0)
  const maxItems = Math.max(a.maxItems ?? Infinity, b.maxItems ?? Infinity)
  return {
    kind: 'list',
    item,
    ...(minItems > 0 ? { minItems } : {}),
    ...(maxItems < Infinity ? { maxItems } : {}),
  }
}

function joinObjects(a: ObjectShape, b: ObjectShape): ObjectShape | undefined {
  const names = Object.keys(a.fields)
  if (names.length !== Object.keys(b.fields).length) return undefined
  const fields: [string, Shape][] = []
  for (const name of names) {
    const [left, right] = [fieldOf(a, name), fieldOf(b, name)]
    const joined = left && right && joinFields(left, right)
    if (!joined) return undefined
    fields.push([name, joined])
  }
  return { kind: 'object', fields: Object.fromEntries(fields), closed: a.closed && b.closed }
}

/** As a field, absent and null are flags beside the type. */
function joinFields(left: Shape, right: Shape): Shape | undefined {
  const [a, b] = [peel(left), peel(right)]
  const base = join(a.base, b.base)
  if (!base) return undefined
  const inner: Shape = a.nullable || b.nullable ? { kind: 'nullable', of: base } : base
  return a.optional || b.optional ? optional(inner) : inner
}
