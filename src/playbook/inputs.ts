import { z } from 'zod'
import { FirebreakError } from '../core/errors.ts'
import type { Json, JsonObject } from '../core/json.ts'
import type { InputType } from '../core/playbook.ts'
import { bool, compilePattern, double, int, objectOf, optional, shapeOf, type Shape } from '../expr/index.ts'

// Inputs are declared in our own strict subset of JSON Schema. From one declaration come the validation of values, the
// reading of text by type, and the shape that expressions see.

const formats = {
  'date-time': z.iso.datetime({ offset: true }),
  email: z.email(),
  uri: z.url(),
  uuid: z.uuid(),
  ipv4: z.ipv4(),
  ipv6: z.ipv6(),
} as const

/** The shape of an input in expressions. */
export function shapeOfInput(type: InputType): Shape {
  switch (type.type) {
    case 'string':
      return shapeOfText(type)
    case 'integer':
      return int(type.minimum, type.maximum)
    case 'number':
      return double(type.minimum, type.maximum)
    case 'boolean':
      return bool
    case 'array':
      return {
        kind: 'list',
        item: shapeOfInput(type.items),
        ...(type.maxItems === undefined ? {} : { maxItems: type.maxItems }),
      }
    case 'object':
      return objectOf(
        mapValues(type.properties, (of, name) =>
          isRequired(type, name) ? shapeOfInput(of) : optional(shapeOfInput(of)),
        ),
      )
  }
}

function shapeOfText({
  enum: allowed,
  pattern,
  format,
  minLength,
  maxLength,
}: InputType & { type: 'string' }): Shape {
  const patterns = [...(pattern === undefined ? [] : [pattern]), ...(format ? patternsOf(format) : [])]
  return {
    kind: 'string',
    ...(allowed ? { enum: allowed } : {}),
    ...(patterns.length === 0 ? {} : { patterns }),
    ...(format === undefined ? {} : { format }),
    ...(minLength === undefined ? {} : { minLength }),
    ...(maxLength === undefined ? {} : { maxLength }),
  }
}

/** What our schema of a format promises: an action that takes the same format asks for the same patterns. */
function patternsOf(format: keyof typeof formats): readonly string[] {
  const shape = shapeOf(formats[format], 'output')
  return shape.kind === 'string' ? (shape.patterns ?? []) : []
}

function isRequired(type: InputType & { type: 'object' }, name: string): boolean {
  return type.required?.includes(name) ?? false
}

/** The schema of an input's values. */
export function schemaOfInput(type: InputType): z.ZodType<Json> {
  switch (type.type) {
    case 'string':
      return schemaOfText(type)
    case 'integer':
      return bounded(z.int(), type)
    case 'number':
      return bounded(z.number(), type)
    case 'boolean':
      return z.boolean()
    case 'array':
      return z.array(schemaOfInput(type.items)).max(type.maxItems ?? 1000)
    case 'object':
      return z
        .strictObject(
          mapValues(type.properties, (of, name) =>
            isRequired(type, name) ? schemaOfInput(of) : schemaOfInput(of).optional(),
          ),
        )
        .transform((value): Json => z.json().parse(value))
  }
}

function bounded(
  schema: z.ZodNumber,
  { minimum, maximum }: { minimum?: number | undefined; maximum?: number | undefined },
) {
  const above = minimum === undefined ? schema : schema.min(minimum)
  return maximum === undefined ? above : above.max(maximum)
}

function schemaOfText(type: InputType & { type: 'string' }): z.ZodType<string> {
  const text = z
    .string()
    .min(type.minLength ?? 0)
    .max(type.maxLength ?? 4096)
    .refine(
      (value) => type.enum === undefined || type.enum.includes(value),
      `one of ${type.enum?.join(', ')}`,
    )
    .refine((value) => matches(type.pattern, value), `must match ${type.pattern}`)
  return type.format === undefined ? text : text.pipe(formats[type.format])
}

/** On re2js, so that a pattern cannot hang on hostile text. */
function matches(pattern: string | undefined, value: string): boolean {
  if (pattern === undefined) return true
  const compiled = compilePattern(pattern)
  return compiled.ok && compiled.pattern.matches(value)
}

/** Checks and completes the inputs of a run. Text, as a command line or Slack gives it, is read by the declared type. */
export function parseInputs(declared: { readonly [name: string]: InputType }, raw: JsonObject): JsonObject {
  const unknown = Object.keys(raw).find((name) => !Object.hasOwn(declared, name))
  if (unknown !== undefined) {
    const names = Object.keys(declared).join(', ') || 'none'
    throw new FirebreakError('input.unknown', `There is no input ${unknown}`, {
      remedy: `The inputs are: ${names}.`,
    })
  }
  return mapValues(declared, (type, name) => parseOne(name, type, raw[name]))
}

function parseOne(name: string, type: InputType, raw: Json | undefined): Json {
  if (raw === undefined) {
    if (type.type !== 'object' && type.default !== undefined) return type.default
    throw new FirebreakError('input.missing', `The input ${name} is missing: ${type.description}`, {
      remedy: `Give it: ${name}=…`,
    })
  }
  const parsed = schemaOfInput(type).safeParse(typeof raw === 'string' ? fromText(type, raw) : raw)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const where = [name, ...(issue?.path ?? [])].join('.')
  throw new FirebreakError('input.wrong-value', `${where}: ${issue?.message ?? 'does not fit'}`, {
    remedy: `${name} is ${type.description} (${type.type}).`,
  })
}

/** Text by declared type. What does not read stays text, and the schema refuses it. */
function fromText(type: InputType, text: string): Json {
  switch (type.type) {
    case 'string':
      return text
    case 'integer':
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text
    case 'boolean':
      return { true: true, yes: true, false: false, no: false }[text.trim().toLowerCase()] ?? text
    case 'array':
      return text.trim().startsWith('[') ? fromJson(text) : splitList(type.items, text)
    case 'object':
      return fromJson(text)
  }
}

function splitList(items: InputType, text: string): Json {
  const parts = text.split(',').map((part) => part.trim())
  return parts.filter((part) => part !== '').map((part) => fromText(items, part))
}

function fromJson(text: string): Json {
  try {
    return z.json().parse(JSON.parse(text))
  } catch {
    return text
  }
}

function mapValues<A, B>(
  record: { readonly [name: string]: A },
  map: (value: A, name: string) => B,
): { [name: string]: B } {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]))
}
