import type { Json } from '../../core/json.ts'
import type { InputType } from '../../core/playbook.ts'
import { isList } from '../json.ts'

/** A text constant of CEL. JSON's escapes are CEL's. */
export function quote(text: string): string {
  return JSON.stringify(text)
}

/** A constant of CEL with the type that the input has; undefined for an object, which CEL has no form for here. */
export function literal(value: Json, type: InputType): string | undefined {
  if (typeof value === 'string') return quote(value)
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') {
    const isWhole = type.type === 'number' && Number.isInteger(value) && Math.abs(value) < 1e21
    return isWhole ? value.toFixed(1) : String(value)
  }
  if (value === null || !isList(value) || type.type !== 'array') return undefined
  return listLiteral(
    value.map((item) => literal(item, type.items)),
    type,
  )
}

/** An empty list still knows what its items would be. */
export function listLiteral(
  items: readonly (string | undefined)[],
  type: InputType & { readonly type: 'array' },
): string | undefined {
  if (items.some((item) => item === undefined)) return undefined
  if (items.length > 0) return `[${items.join(', ')}]`
  const item = standIn(type.items)
  return item === undefined ? undefined : `[${item}].filter(x, false)`
}

function nearZero({ minimum, maximum }: InputType & { readonly type: 'integer' | 'number' }): number {
  return Math.min(Math.max(0, minimum ?? 0), maximum ?? Infinity)
}

/** Some value of a type, for a place that is never reached. */
export function standIn(type: InputType): string | undefined {
  switch (type.type) {
    case 'string':
      return quote(type.enum?.[0] ?? '')
    case 'integer':
    case 'number':
      return literal(nearZero(type), type)
    case 'boolean':
      return 'false'
    case 'array':
      return listLiteral([], type)
    case 'object':
      return undefined
  }
}
