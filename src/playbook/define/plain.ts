import type { Json, JsonObject } from '../../core/json.ts'
import { definitionFault } from './fault.ts'
import { hasTerm } from './term.ts'

/** What was written, as JSON: keys that are undefined are left out, anything else that is no JSON is refused. */
export function plainObject(value: object): JsonObject {
  const entries = Object.entries(value).filter(([, field]) => field !== undefined)
  return Object.fromEntries(entries.map(([name, field]) => [name, plain(field, name)]))
}

function plain(value: unknown, name: string): Json {
  if (hasTerm(value))
    throw definitionFault(`${name} is a reference`, 'References stand in with, when and forEach.')
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (Array.isArray(value)) return value.map((item) => plain(item, name))
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype)
    return plainObject(value)
  throw definitionFault(`${name} is no JSON`, 'Use texts, numbers, true, false, lists and plain objects.')
}
