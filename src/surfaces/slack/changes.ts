import type { Change } from '../../core/change.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import { code, prose } from './text.ts'

type Field = { readonly path: string; readonly before: string; readonly after: string }

/** What a change does, in one line: target, and each field that differs as before → after. */
export function describeChange(change: Change, maxFields = 4): string {
  const fields = differences(change)
  const target = `${prose(change.target.kind, 40)} ${code(change.target.name)}`
  if (fields.length === 0) return `${target}: already as wanted`
  const shown = fields
    .slice(0, maxFields)
    .map(({ path, before, after }) => `${prose(path, 60)} ${code(before, 60)} → ${code(after, 60)}`)
  const more = fields.length > maxFields ? `, and ${fields.length - maxFields} more` : ''
  return `${target}: ${shown.join(', ')}${more}`
}

/** The fields that differ, nested objects as dotted paths. */
function differences(change: Pick<Change, 'before' | 'after'>): readonly Field[] {
  return compare('', change.before, change.after)
}

function compare(path: string, before: Json | undefined, after: Json | undefined): readonly Field[] {
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return keys.flatMap((key) => compare(path === '' ? key : `${path}.${key}`, before[key], after[key]))
  }
  const from = show(before)
  const to = show(after)
  return from === to ? [] : [{ path, before: from, after: to }]
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function show(value: Json | undefined): string {
  if (value === undefined) return '(none)'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
