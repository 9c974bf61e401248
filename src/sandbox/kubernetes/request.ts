import type { Kind } from './kinds.ts'
import type { User } from './rbac.ts'
import { badRequest, invalid, unsupportedValue, type Subject } from './status.ts'
import { isObj, listAt, type Obj, type Value } from './value.ts'

export type Call = {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly contentType: string
  readonly body: Value | undefined
  readonly user: User
}

/** What a path points at. */
export type Target = {
  readonly kind: Kind
  readonly namespace?: string
  readonly name?: string
  readonly sub?: string
}

export type Answer = {
  readonly code: number
  readonly body: Obj | string
  readonly warnings?: readonly string[]
}

type Validation = 'Ignore' | 'Warn' | 'Strict'

export type WriteOptions = {
  readonly dryRun: boolean
  readonly validation: Validation
  readonly fieldManager: string | undefined
}

/** A Status speaks of resources by their plural in most answers, and of kinds when it says "is invalid". */
export function subjectOf(target: Target): Subject {
  const { kind, name } = target
  return { group: kind.group, kind: kind.plural, ...(name === undefined ? {} : { name }) }
}

export function bodyObject(call: Call): Obj {
  if (isObj(call.body)) return call.body
  throw badRequest('the request body must be a JSON object')
}

function checked(
  optionsKind: string,
  field: string,
  query: { values: readonly Value[]; allowed: readonly string[] },
): void {
  const { values, allowed } = query
  if (values.every((value) => typeof value === 'string' && allowed.includes(value))) return
  throw invalid({ group: 'meta.k8s.io', kind: optionsKind }, [unsupportedValue(field, [...values], allowed)])
}

function validationOf(text: string | null): Validation {
  return text === 'Strict' || text === 'Ignore' ? text : 'Warn'
}

/** The query of a write. `dryRun=all` is refused as on the server: a typo must not become a real write. */
export function writeOptions(call: Call, optionsKind: string): WriteOptions {
  const inBody = optionsKind === 'DeleteOptions' ? listAt(call.body, 'dryRun') : []
  const dryRun = [...call.query.getAll('dryRun'), ...inBody]
  checked(optionsKind, 'dryRun', { values: dryRun, allowed: ['All'] })
  const validation = call.query.getAll('fieldValidation')
  checked(optionsKind, 'fieldValidation', { values: validation, allowed: ['Ignore', 'Warn', 'Strict'] })
  return {
    dryRun: dryRun.length > 0,
    validation: validationOf(validation[0] ?? null),
    fieldManager: call.query.get('fieldManager') ?? undefined,
  }
}
