import { z } from 'zod'
import { FirebreakError } from '../core/errors.ts'
import { Secret } from '../core/secret.ts'
import { bool, double, int, optional, string } from './shape.ts'
import type { ObjectShape, Shape, StringShape } from './shape.ts'

/** The keywords that zod writes and we read; checked before use, because the marks below are our own. */
const JsonSchema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  get anyOf() {
    return z.array(JsonSchema).optional()
  },
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  multipleOf: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  format: z.string().optional(),
  patterns: z.array(z.string()).optional(),
  secret: z.boolean().optional(),
  unsupported: z.string().optional(),
  $ref: z.string().optional(),
  required: z.array(z.string()).optional(),
  get items() {
    return z.union([z.boolean(), JsonSchema]).optional()
  },
  get properties() {
    return z.record(z.string(), JsonSchema).optional()
  },
  get propertyNames() {
    return JsonSchema.optional()
  },
  get additionalProperties() {
    return z.union([z.boolean(), JsonSchema]).optional()
  },
})
type JsonSchema = z.infer<typeof JsonSchema>

/**
 * The shape of what a schema takes (`input`) or gives (`output`). The schema is JSON-shaped: texts, numbers, booleans,
 * enums, literals, arrays, objects, records, optional, nullable, default, `z.json()`, `z.unknown()` and
 * `z.instanceof(Secret)`. Anything else, such as a union of different types, throws `expr.unsupported-schema`.
 */
export function shapeOf(schema: z.ZodType, io: 'input' | 'output'): Shape {
  const text = z.toJSONSchema(schema, { io, unrepresentable: 'any', override: mark })
  const shape = read(JsonSchema.parse(text), '$')
  return schema.safeParse(undefined).success && io === 'input' ? optional(shape) : shape
}

/** Adds what JSON Schema drops: that a value is a secret, custom checks, and the flags of regular expressions. */
function mark({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: object }): void {
  const { def } = zodSchema._zod
  const checks = [def, ...(def.checks ?? []).map(({ _zod }) => _zod.def)]
  if (def.type === 'string') {
    const patterns = checks.flatMap((check) => ('pattern' in check ? [patternText(check.pattern)] : []))
    Object.assign(jsonSchema, { patterns: patterns.filter((text) => text !== undefined) })
  }
  if (def.type === 'custom') {
    const secret = z.safeParse(zodSchema, new Secret('')).success && !z.safeParse(zodSchema, '').success
    Object.assign(jsonSchema, secret ? { secret } : { unsupported: 'a custom check' })
  } else if (checks.some((check) => 'check' in check && check.check === 'custom')) {
    Object.assign(jsonSchema, { unsupported: 'a refinement' })
  }
  if (lossy.has(def.type)) Object.assign(jsonSchema, { unsupported: def.type })
}

const lossy: ReadonlySet<string> = new Set(
  (
    'transform date bigint symbol undefined void map set file function promise nan tuple intersection ' +
    'template_literal'
  ).split(' '),
)

function patternText(pattern: unknown): string | undefined {
  if (!(pattern instanceof RegExp)) return undefined
  const flags = pattern.flags.replaceAll(/[^ims]/g, '')
  return flags === '' ? pattern.source : `(?${flags})${pattern.source}`
}

function unsupported(path: string, what: string): never {
  throw new FirebreakError(
    'expr.unsupported-schema',
    `${path} has a schema without a type in expressions: ${what}.`,
    {
      remedy:
        'Use texts, numbers, booleans, enums, arrays, objects, records, z.json() or z.instanceof(Secret).',
    },
  )
}

function read(schema: JsonSchema, path: string): Shape {
  if (schema.unsupported !== undefined) return unsupported(path, schema.unsupported)
  if (schema.secret) return { kind: 'secret' }
  // Only recursive schemas have references, and the one recursive schema that is JSON-shaped is z.json().
  if (schema.$ref !== undefined) return { kind: 'json' }
  if (schema.anyOf) return union(schema.anyOf, path)
  if (Array.isArray(schema.type)) {
    return union(
      schema.type.map((type) => ({ ...schema, type })),
      path,
    )
  }
  if (schema.type === undefined) {
    return schema.enum || 'const' in schema
      ? unsupported(path, 'literals of several types')
      : { kind: 'json' }
  }
  const reader = readers[schema.type]
  return reader ? reader(schema, path) : unsupported(path, schema.type)
}

function union(members: readonly JsonSchema[], path: string): Shape {
  if (members.some(isRecursive)) return { kind: 'json' }
  const others = members.filter(({ type }) => type !== 'null')
  const [only] = others
  if (!only || others.length !== 1) return unsupported(path, 'a union of different types')
  const shape = read(only, path)
  return others.length < members.length ? { kind: 'nullable', of: shape } : shape
}

/** At the root, z.json() is written out once, with references to itself inside. */
function isRecursive({ items }: JsonSchema): boolean {
  return typeof items === 'object' && items.$ref !== undefined
}

const readers: { readonly [type: string]: (schema: JsonSchema, path: string) => Shape } = {
  string: readString,
  integer: readNumber,
  number: readNumber,
  boolean: () => bool,
  array: (schema, path) => ({
    kind: 'list',
    item: typeof schema.items === 'object' ? read(schema.items, `${path}[]`) : { kind: 'json' },
    ...(schema.minItems === undefined ? {} : { minItems: schema.minItems }),
    ...(schema.maxItems === undefined ? {} : { maxItems: schema.maxItems }),
  }),
  object: readObject,
}

function literals(schema: JsonSchema): readonly unknown[] | undefined {
  return schema.enum ?? ('const' in schema ? [schema.const] : undefined)
}

function readString(schema: JsonSchema): StringShape {
  const allowed = literals(schema)?.filter((value) => typeof value === 'string')
  return {
    kind: 'string',
    ...(allowed ? { enum: allowed } : {}),
    ...(schema.patterns?.length ? { patterns: schema.patterns } : {}),
    ...(schema.format === undefined ? {} : { format: schema.format }),
    ...(schema.minLength === undefined ? {} : { minLength: schema.minLength }),
    ...(schema.maxLength === undefined ? {} : { maxLength: schema.maxLength }),
  }
}

function readNumber(schema: JsonSchema, path: string): Shape {
  if (schema.multipleOf !== undefined) return unsupported(path, 'multipleOf')
  const allowed = literals(schema)?.filter((value) => typeof value === 'number')
  if (allowed) {
    if (allowed.length > 1) return unsupported(path, 'several numbers as literals')
    const [only = 0] = allowed
    return Number.isSafeInteger(only) ? int(only, only) : double(only, only)
  }
  if (schema.type === 'integer') return int(lowest(schema), highest(schema))
  return double(
    schema.minimum ?? nextUp(schema.exclusiveMinimum),
    schema.maximum ?? nextDown(schema.exclusiveMaximum),
  )
}

function lowest({ minimum, exclusiveMinimum }: JsonSchema): number {
  const bounds = [
    Number.MIN_SAFE_INTEGER,
    minimum,
    exclusiveMinimum === undefined ? undefined : Math.floor(exclusiveMinimum) + 1,
  ]
  return Math.max(...bounds.filter((bound) => bound !== undefined))
}

function highest({ maximum, exclusiveMaximum }: JsonSchema): number {
  const bounds = [
    Number.MAX_SAFE_INTEGER,
    maximum,
    exclusiveMaximum === undefined ? undefined : Math.ceil(exclusiveMaximum) - 1,
  ]
  return Math.min(...bounds.filter((bound) => bound !== undefined))
}

/** The next double above: an exclusive bound as an inclusive one. */
function nextUp(bound: number | undefined): number | undefined {
  if (bound === undefined) return undefined
  if (bound === 0) return Number.MIN_VALUE
  const bits = new DataView(new ArrayBuffer(8))
  bits.setFloat64(0, bound)
  bits.setBigInt64(0, bits.getBigInt64(0) + (bound > 0 ? 1n : -1n))
  return bits.getFloat64(0)
}

function nextDown(bound: number | undefined): number | undefined {
  const above = nextUp(bound === undefined ? undefined : -bound)
  return above === undefined ? undefined : -above
}

function readObject(schema: JsonSchema, path: string): Shape {
  const rest = schema.additionalProperties
  const names = schema.propertyNames?.enum?.filter((name) => typeof name === 'string')
  if (names && typeof rest === 'object') {
    return fieldsOf(
      { schema, closed: true, path },
      names.map((name) => [name, rest]),
    )
  }
  const declared = Object.entries(schema.properties ?? {})
  if (typeof rest === 'object' && declared.length === 0) {
    const key = schema.propertyNames ? readString(schema.propertyNames) : string
    return { kind: 'record', key, value: read(rest, `${path}.*`) }
  }
  return fieldsOf({ schema, closed: rest === false, path }, declared)
}

type Owner = { readonly schema: JsonSchema; readonly closed: boolean; readonly path: string }

function fieldsOf(
  { schema, closed, path }: Owner,
  entries: readonly (readonly [string, JsonSchema])[],
): ObjectShape {
  const required = new Set(schema.required)
  const fields = entries.map(([name, field]): [string, Shape] => {
    const shape = read(field, `${path}.${name}`)
    return [name, required.has(name) ? shape : optional(shape)]
  })
  return { kind: 'object', fields: Object.fromEntries(fields), closed }
}
