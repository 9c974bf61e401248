import type { ListShape, NumberShape, ObjectShape, Shape, StringShape } from '../../src/expr/index.ts'

/** An independent reading of a shape: is this a value of it? */
export function conforms(shape: Shape, value: unknown): boolean {
  if ('of' in shape)
    return value === (shape.kind === 'optional' ? undefined : null) || conforms(shape.of, value)
  if (shape.kind === 'record')
    return isObject(value) && Object.values(value).every((part) => conforms(shape.value, part))
  if (shape.kind === 'list') return Array.isArray(value) && isList(shape, value)
  if (shape.kind === 'object') return isObject(value) && hasFields(shape, value)
  return isScalar(shape, value)
}

function isScalar(shape: Shape, value: unknown): boolean {
  if (shape.kind === 'string') return typeof value === 'string' && isText(shape, value)
  if (shape.kind === 'int') return Number.isSafeInteger(value) && isWithin(shape, value)
  if (shape.kind === 'double') return Number.isFinite(value) && isWithin(shape, value)
  if (shape.kind === 'bool') return typeof value === 'boolean'
  return shape.kind === 'json' || shape.kind === 'secret'
}

function isText(shape: StringShape, text: string): boolean {
  const fits = text.length >= (shape.minLength ?? 0) && text.length <= (shape.maxLength ?? Infinity)
  const matches = (shape.patterns ?? []).every((pattern) => new RegExp(pattern).test(text))
  return text.isWellFormed() && fits && matches && (shape.enum?.includes(text) ?? true)
}

function isWithin(shape: NumberShape, value: unknown): boolean {
  return typeof value === 'number' && value >= shape.min && value <= shape.max
}

function isList(shape: ListShape, items: readonly unknown[]): boolean {
  const fits = items.length >= (shape.minItems ?? 0) && items.length <= (shape.maxItems ?? Infinity)
  return fits && items.every((item) => conforms(shape.item, item))
}

function hasFields(shape: ObjectShape, value: Record<string, unknown>): boolean {
  const known = Object.keys(value).every((name) => Object.hasOwn(shape.fields, name))
  return known && Object.entries(shape.fields).every(([name, field]) => conforms(field, value[name]))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
