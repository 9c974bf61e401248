import type { Json } from '../core/json.ts'
import { isList, isObject } from './schema-of.ts'

/** As the formatter breaks lines, so that generated files pass its check. */
const WIDTH = 110

/** JSON as text, with lists of scalars on one line where they fit. */
export function jsonText(value: Json): string {
  return `${write(value, '', 0)}\n`
}

function write(value: Json, indent: string, used: number): string {
  const inner = `${indent}  `
  if (isList(value)) {
    const line = oneLine(value)
    if (line !== undefined && indent.length + used + line.length <= WIDTH) return line
    return `[\n${value.map((item) => inner + write(item, inner, 0)).join(',\n')}\n${indent}]`
  }
  if (!isObject(value)) return JSON.stringify(value)
  const entries = Object.entries(value).map(([key, item]) => {
    const head = `${JSON.stringify(key)}: `
    return inner + head + write(item, inner, head.length + 1)
  })
  return entries.length === 0 ? '{}' : `{\n${entries.join(',\n')}\n${indent}}`
}

function oneLine(items: readonly Json[]): string | undefined {
  if (items.length === 0) return '[]'
  return items.some((item) => typeof item === 'object')
    ? undefined
    : `[${items.map((item) => JSON.stringify(item)).join(', ')}]`
}
