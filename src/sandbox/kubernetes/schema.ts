import { invalidValue, notModelled, requiredValue, unsupportedValue, type Cause } from './status.ts'
import { at, isObj, numAt, objAt, stringsAt, textOf, type Obj, type Value } from './value.ts'

const preserve = 'x-kubernetes-preserve-unknown-fields'

/** The keywords of OpenAPI schemas that are honoured or that say nothing about validity. */
const modelled = new Set([
  'type',
  'properties',
  'required',
  'minimum',
  'maximum',
  'enum',
  'items',
  'additionalProperties',
  'description',
  'title',
  'format',
  'nullable',
  'x-kubernetes-int-or-string',
  preserve,
])

/** Refuses a schema whose rules would be silently ignored here. */
export function assertModelled(schema: Obj): void {
  const odd = Object.keys(schema).find((key) => !modelled.has(key))
  if (odd !== undefined) throw notModelled(`the schema keyword ${odd} in a CustomResourceDefinition`)
  for (const child of Object.values(objAt(schema, 'properties'))) if (isObj(child)) assertModelled(child)
  for (const key of ['items', 'additionalProperties']) {
    const child = schema[key]
    if (isObj(child)) assertModelled(child)
  }
}

function typeOf(value: Value): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return Number.isInteger(value) ? 'integer' : typeof value
}

function typeFits(schema: Obj, value: Value): boolean {
  const wanted = schema['type']
  if (wanted === undefined) return true
  const found = typeOf(value)
  return (
    found === wanted ||
    (wanted === 'number' && found === 'integer') ||
    (schema['nullable'] === true && value === null)
  )
}

function rangeCauses(schema: Obj, value: number, path: string): Cause[] {
  const least = numAt(schema, 'minimum') ?? Number.NEGATIVE_INFINITY
  const most = numAt(schema, 'maximum') ?? Number.POSITIVE_INFINITY
  const should = `${path} in body should be`
  if (value < least) return [invalidValue(path, value, `${should} greater than or equal to ${least}`)]
  return value > most ? [invalidValue(path, value, `${should} less than or equal to ${most}`)] : []
}

function ownCauses(schema: Obj, value: Value, path: string): Cause[] {
  if (!typeFits(schema, value)) {
    const why = `${path} in body must be of type ${textOf(schema['type'])}: ${JSON.stringify(typeOf(value))}`
    return [{ ...invalidValue(path, typeOf(value), why), reason: 'FieldValueTypeInvalid' }]
  }
  if (typeof value === 'number') return rangeCauses(schema, value, path)
  const allowed = stringsAt(schema, 'enum')
  if (allowed.length > 0 && typeof value === 'string' && !allowed.includes(value)) {
    return [unsupportedValue(path, value, allowed)]
  }
  return []
}

function childPath(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

/** Violations of a custom resource's schema, in the words of the API server. */
export function schemaCauses(schema: Obj, value: Value, path = ''): Cause[] {
  const own = ownCauses(schema, value, path)
  if (own.length > 0) return own
  const items = at(schema, 'items')
  if (Array.isArray(value) && isObj(items)) {
    return value.flatMap((item, i) => schemaCauses(items, item, `${path}[${i}]`))
  }
  if (!isObj(value)) return []
  const missing = stringsAt(schema, 'required').filter((key) => value[key] === undefined)
  const extra = at(schema, 'additionalProperties')
  const inner = Object.entries(value).flatMap(([key, child]) => {
    const known = at(schema, 'properties', key) ?? extra
    return isObj(known) ? schemaCauses(known, child, childPath(path, key)) : []
  })
  return [...missing.map((key) => requiredValue(childPath(path, key), '')), ...inner]
}

/** A custom resource without the fields that its schema neither names nor preserves: the server drops them in silence. */
export function pruneBySchema(schema: Obj, value: Value, root = true): Value {
  const items = at(schema, 'items')
  if (Array.isArray(value))
    return isObj(items) ? value.map((item) => pruneBySchema(items, item, false)) : value
  if (!isObj(value)) return value
  const kept = Object.entries(value).flatMap(([key, child]): [string, Value][] => {
    if (root && ['apiVersion', 'kind', 'metadata'].includes(key)) return [[key, child]]
    const known = at(schema, 'properties', key) ?? at(schema, 'additionalProperties')
    if (isObj(known)) return [[key, pruneBySchema(known, child, false)]]
    return schema[preserve] === true || known === true ? [[key, child]] : []
  })
  return Object.fromEntries(kept)
}
