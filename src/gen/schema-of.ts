import { z } from 'zod'
import type { Json, JsonObject } from '../core/json.ts'

const JsonSchema: z.ZodType<JsonObject> = z.record(z.string(), z.json())

/** The JSON Schema (2020-12) of a type as people write it: what has a default may be left out. */
export function schemaOf(type: z.ZodType): JsonObject {
  return schema(type, 'input')
}

/** The same of what comes out: what has a default is there. */
export function schemaOfOutput(type: z.ZodType): JsonObject {
  return schema(type, 'output')
}

function schema(type: z.ZodType, io: 'input' | 'output'): JsonObject {
  // A `Secret` has no JSON Schema: it becomes a schema that says nothing.
  const { $schema: _, ...made } = JsonSchema.parse(
    JSON.parse(JSON.stringify(z.toJSONSchema(type, { io, unrepresentable: 'any' }))),
  )
  return withoutLargest(made)
}

/** zod bounds every whole number by the largest safe one, which tells nobody anything. */
function withoutLargest(of: JsonObject): JsonObject {
  return mapObject(of, (value, key) => {
    if ((key === 'maximum' || key === 'minimum') && Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER)
      return undefined
    return walk(value)
  })
}

function walk(value: Json): Json {
  if (isList(value)) return value.map(walk)
  return isObject(value) ? withoutLargest(value) : value
}

/** Maps the values of an object; `undefined` leaves the key out. */
export function mapObject(of: JsonObject, map: (value: Json, key: string) => Json | undefined): JsonObject {
  const entries = Object.entries(of).flatMap(([key, value]): [string, Json][] => {
    const mapped = map(value, key)
    return mapped === undefined ? [] : [[key, mapped]]
  })
  return Object.fromEntries(entries)
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function objectAt(of: JsonObject, ...path: readonly string[]): JsonObject {
  let here = of
  for (const key of path) {
    const next = here[key]
    if (!isObject(next)) return {}
    here = next
  }
  return here
}
