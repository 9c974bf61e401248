import type { Obj, Value } from './value.ts'

type Cause = { readonly reason: string; readonly message: string; readonly field: string }

/** What the server answers in place of an object: a `Status` with its HTTP code. */
export class StatusError extends Error {
  readonly code: number
  readonly body: Obj
  constructor(code: number, body: Obj) {
    super(typeof body['message'] === 'string' ? body['message'] : 'Failure')
    this.code = code
    this.body = body
  }
}

/** The thing a Status speaks of, in the words of the API (`deployments.apps "web"`). */
export type Subject = { readonly group: string; readonly name?: string; readonly kind: string }

function failure(code: number, reason: string, rest: { message: string; details?: Obj }): StatusError {
  const { message, details } = rest
  const head: Obj = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason }
  return new StatusError(code, { ...head, ...(details === undefined ? {} : { details }), code })
}

function detailsOf({ name, group, kind }: Subject): Obj {
  return {
    ...(name === undefined || name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    ...(kind === '' ? {} : { kind }),
  }
}

function qualified({ group, kind }: Subject): string {
  return group === '' ? kind : `${kind}.${group}`
}

export function success(details?: Obj): Obj {
  const head: Obj = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' }
  return details === undefined ? head : { ...head, details }
}

export function notFound(subject: Subject): StatusError {
  const message = `${qualified(subject)} "${subject.name}" not found`
  return failure(404, 'NotFound', { message, details: detailsOf(subject) })
}

export function alreadyExists(subject: Subject): StatusError {
  const message = `${qualified(subject)} "${subject.name}" already exists`
  return failure(409, 'AlreadyExists', { message, details: detailsOf(subject) })
}

export function modified(subject: Subject): StatusError {
  const why = 'the object has been modified; please apply your changes to the latest version and try again'
  return conflict(subject, why)
}

export function conflict(subject: Subject, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${qualified(subject)} "${subject.name}": ${why}`
  return failure(409, 'Conflict', { message, details: detailsOf(subject) })
}

export function unauthorized(): StatusError {
  return failure(401, 'Unauthorized', { message: 'Unauthorized' })
}

export function forbidden(subject: Subject, why: string): StatusError {
  const name = subject.name === undefined ? '' : ` "${subject.name}"`
  const message = `${qualified(subject)}${name} is forbidden: ${why}`
  return failure(403, 'Forbidden', { message, details: detailsOf(subject) })
}

export function badRequest(message: string): StatusError {
  return failure(400, 'BadRequest', { message })
}

export function methodNotAllowed(): StatusError {
  const message = 'the server does not allow this method on the requested resource'
  return failure(405, 'MethodNotAllowed', { message, details: {} })
}

export function unsupportedMediaType(accepted: readonly string[]): StatusError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`
  return failure(415, 'UnsupportedMediaType', { message })
}

/** The answer to a JSON patch whose `test` fails or whose path does not exist: it tells nothing, as on the real server. */
export function unprocessable(): StatusError {
  const message = 'the server rejected our request due to an error in our request'
  return failure(422, 'Invalid', { message, details: {} })
}

export function tooManyRequests(message: string, cause: Obj): StatusError {
  return failure(429, 'TooManyRequests', { message, details: { causes: [cause] } })
}

export function expired(message: string): StatusError {
  return failure(410, 'Expired', { message })
}

/** For injected faults: any code, with the reason that client libraries expect. */
export function injected(code: number, reason: string): StatusError {
  return failure(code, reason, { message: `${reason}: injected by the sandbox` })
}

/** Refused because this stand-in does not model it. A real server might well have said yes. */
export function notModelled(what: string): StatusError {
  const message = `the Kubernetes stand-in does not model ${what}; a real API server may`
  return failure(501, 'NotModelled', { message })
}

export function invalid(subject: Subject, causes: readonly Cause[]): StatusError {
  const each = causes.map((cause) => `${cause.field}: ${cause.message}`)
  const list = each.length === 1 ? each[0] : `[${each.join(', ')}]`
  const message = `${qualified(subject)} "${subject.name ?? ''}" is invalid: ${list}`
  const listed: Value = causes.map((cause) => ({ ...cause }))
  return failure(422, 'Invalid', { message, details: { ...detailsOf(subject), causes: listed } })
}

export function invalidValue(field: string, value: Value, why: string): Cause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(value)}: ${why}`, field }
}

export function requiredValue(field: string, why: string): Cause {
  return { reason: 'FieldValueRequired', message: `Required value: ${why}`, field }
}

export function unsupportedValue(field: string, value: Value, allowed: readonly string[]): Cause {
  const supported = allowed.map((each) => JSON.stringify(each)).join(', ')
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`
  return { reason: 'FieldValueNotSupported', message, field }
}

export type { Cause }
