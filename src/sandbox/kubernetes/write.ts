import { randomBytes } from 'node:crypto'
import { applyDefaults } from './defaults.ts'
import { knowsFields, prune } from './fields.ts'
import { applyJsonPatch } from './json-patch.ts'
import { apiVersionOf, Namespace, type Kind } from './kinds.ts'
import { applyMergePatch, applyStrategicPatch } from './merge-patch.ts'
import {
  bodyObject,
  subjectOf,
  writeOptions,
  type Answer,
  type Call,
  type Target,
  type WriteOptions,
} from './request.ts'
import { assertModelled, pruneBySchema } from './schema.ts'
import * as status from './status.ts'
import type { Store } from './store.ts'
import { assertDecodable, validate } from './validate.ts'
import {
  at,
  clone,
  isObj,
  isTerminating,
  listAt,
  objAt,
  put,
  same,
  strAt,
  textOf,
  type Obj,
  type Value,
} from './value.ts'

type Decoded = { readonly object: Obj; readonly warnings: readonly string[] }

function assertSameKind(kind: Kind, object: Obj): void {
  const [apiVersion, name] = [object['apiVersion'], object['kind']]
  if (apiVersion !== undefined && apiVersion !== apiVersionOf(kind)) {
    throw status.badRequest(
      `the API version in the data (${textOf(apiVersion)}) does not match the expected API version (${apiVersionOf(kind)})`,
    )
  }
  if (name !== undefined && name !== kind.kind) {
    throw status.badRequest(
      `the kind in the data (${textOf(name)}) does not match the expected kind (${kind.kind})`,
    )
  }
}

function strictFailure(kind: Kind, wrong: { error: string; object: Obj; patch: boolean }): Error {
  if (!wrong.patch) {
    return status.badRequest(
      `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${wrong.error}`,
    )
  }
  const cause = status.invalidValue('patch', JSON.stringify(wrong.object), wrong.error)
  return status.invalid({ group: '', kind: '' }, [cause])
}

/** Drops what the kind does not know, says so in a Warning header, or refuses it: as `fieldValidation` asks. */
function decode(kind: Kind, object: Obj, how: { options: WriteOptions; patch: boolean }): Decoded {
  const { options, patch } = how
  assertSameKind(kind, object)
  if (kind.custom !== undefined) {
    const kept = pruneBySchema(kind.custom.schema, object)
    if (options.validation === 'Strict' && !same(kept, object)) {
      throw status.notModelled('strict field validation of custom resources')
    }
    return { object: isObj(kept) ? kept : object, warnings: [] }
  }
  if (options.validation === 'Strict' && !knowsFields(kind.kind)) {
    throw status.notModelled(`strict field validation of ${kind.kind}`)
  }
  const pruned = prune(kind.kind, object)
  const complaints = pruned.unknown.map((field) => `unknown field "${field}"`)
  if (complaints.length > 0 && options.validation === 'Strict') {
    throw strictFailure(kind, { error: `strict decoding error: ${complaints.join(', ')}`, object, patch })
  }
  assertDecodable(kind, pruned.object)
  return { object: pruned.object, warnings: options.validation === 'Warn' ? complaints : [] }
}

function assertNamespace(store: Store, target: Target): void {
  if (target.namespace === undefined) return
  const namespace = store.get(Namespace, undefined, target.namespace)
  if (namespace === undefined)
    throw status.notFound({ group: '', kind: 'namespaces', name: target.namespace })
  if (isTerminating(namespace)) {
    throw status.forbidden(
      subjectOf(target),
      `unable to create new content in namespace ${target.namespace} because it is being terminated`,
    )
  }
}

/** Name and namespace of a new object; a generated name gets five characters, as on the server. */
function prepare(target: Target, object: Obj): Obj {
  const made = clone(object)
  const prefix = strAt(made, 'metadata', 'generateName')
  if (strAt(made, 'metadata', 'name') === undefined && prefix !== undefined) {
    put(made, ['metadata', 'name'], prefix + randomName())
  }
  if (target.namespace !== undefined) put(made, ['metadata', 'namespace'], target.namespace)
  if (target.kind.subresources.includes('status')) delete made['status']
  return made
}

/** Letters and digits that spell no words, as the server uses. */
export function randomName(): string {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789'
  return [...randomBytes(5)].map((byte) => alphabet[byte % alphabet.length]).join('')
}

export function create(store: Store, target: Target, call: Call): Answer {
  const { kind } = target
  const options = writeOptions(call, 'CreateOptions')
  assertNamespace(store, target)
  const decoded = decode(kind, bodyObject(call), { options, patch: false })
  const object = prepare(target, decoded.object)
  if (target.namespace !== undefined && strAt(decoded.object, 'metadata', 'namespace') !== undefined) {
    if (strAt(decoded.object, 'metadata', 'namespace') !== target.namespace) {
      throw status.badRequest(
        'the namespace of the provided object does not match the namespace sent on the request',
      )
    }
  }
  applyDefaults(kind.kind, object)
  dropEmptyMaps(object)
  validate(kind, object)
  if (kind.kind === 'CustomResourceDefinition') assertSchemas(object)
  const name = strAt(object, 'metadata', 'name') ?? ''
  if (store.get(kind, target.namespace, name) !== undefined) {
    throw status.alreadyExists(subjectOf({ ...target, name }))
  }
  const stamped = store.stamp(kind, object)
  return { code: 201, body: options.dryRun ? stamped : store.add(kind, stamped), warnings: decoded.warnings }
}

function assertSchemas(definition: Obj): void {
  for (const version of listAt(definition, 'spec', 'versions')) {
    const schema = at(version, 'schema', 'openAPIV3Schema')
    if (isObj(schema)) assertModelled(schema)
  }
}

function specOf(object: Obj): Obj {
  const { metadata: _metadata, status: _status, ...rest } = object
  return rest
}

/** A change of the spec; for Deployments a change of their annotations too, as recorded. */
function changesGeneration(kind: Kind, next: Obj, old: Obj): boolean {
  const annotations = ['metadata', 'annotations']
  const noted = kind.kind === 'Deployment' && !same(at(next, ...annotations), at(old, ...annotations))
  return noted || !same(specOf(next), specOf(old))
}

/** Labels and annotations that became empty vanish. */
function dropEmptyMaps(object: Obj): void {
  const metadata = objAt(object, 'metadata')
  for (const key of ['labels', 'annotations']) {
    if (isObj(metadata[key]) && Object.keys(metadata[key]).length === 0) delete metadata[key]
  }
}

/** Refuses a stale version and a foreign uid; keeps what a client may not change. */
function settleMetadata(target: Target, next: Obj, old: Obj): void {
  const subject = subjectOf(target)
  const version = strAt(next, 'metadata', 'resourceVersion')
  if (version !== undefined && version !== '' && version !== strAt(old, 'metadata', 'resourceVersion')) {
    throw status.modified(subject)
  }
  const uid = strAt(next, 'metadata', 'uid')
  if (uid !== undefined && uid !== strAt(old, 'metadata', 'uid')) {
    throw status.conflict(
      subject,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${strAt(old, 'metadata', 'uid')}`,
    )
  }
  if (strAt(next, 'metadata', 'name') !== target.name) {
    throw status.badRequest(
      `the name of the object (${strAt(next, 'metadata', 'name')}) does not match the name on the URL (${target.name})`,
    )
  }
  for (const key of [
    'uid',
    'creationTimestamp',
    'namespace',
    'resourceVersion',
    'generation',
    'deletionTimestamp',
  ]) {
    const kept = at(old, 'metadata', key)
    if (kept === undefined) delete objAt(next, 'metadata')[key]
    else put(next, ['metadata', key], kept)
  }
}

function onlyStatus(next: Obj, old: Obj): Obj {
  const object = clone(old)
  if (next['status'] === undefined) delete object['status']
  else object['status'] = next['status']
  return object
}

function onlySpec(kind: Kind, next: Obj, old: Obj): Obj {
  if (!kind.subresources.includes('status')) return next
  const { status: _dropped, ...rest } = next
  return old['status'] === undefined ? rest : { ...rest, status: old['status'] }
}

/** What every change of an existing object goes through, whether it came as PUT or PATCH. */
function change(
  store: Store,
  target: Target,
  write: { next: Obj; old: Obj; options: WriteOptions; patch: boolean },
): Answer {
  const { kind } = target
  const { old, options } = write
  const decoded = decode(kind, write.next, write)
  settleMetadata(target, decoded.object, old)
  const next = target.sub === 'status' ? onlyStatus(decoded.object, old) : onlySpec(kind, decoded.object, old)
  applyDefaults(kind.kind, next)
  validate(kind, next, old)
  dropEmptyMaps(next)
  if (kind.generation && changesGeneration(kind, next, old)) {
    put(next, ['metadata', 'generation'], Number(at(old, 'metadata', 'generation') ?? 0) + 1)
  }
  if (options.dryRun) return { code: 200, body: next, warnings: decoded.warnings }
  return { code: 200, body: store.replace(kind, next), warnings: decoded.warnings }
}

function existing(store: Store, target: Target): Obj {
  const old = store.get(target.kind, target.namespace, target.name ?? '')
  if (old === undefined) throw status.notFound(subjectOf(target))
  return old
}

export function update(store: Store, target: Target, call: Call): Answer {
  const options = writeOptions(call, 'UpdateOptions')
  const old = existing(store, target)
  return change(store, target, { next: clone(bodyObject(call)), old, options, patch: false })
}

const APPLY = 'application/apply-patch+yaml'

/** Applies the patch of a call to an object, by the content type of the call. */
export function patched(target: Target, object: Obj, call: Call): Obj {
  const body: Value = call.body ?? null
  switch (call.contentType) {
    case 'application/json-patch+json':
      return applyJsonPatch(object, body)
    case 'application/merge-patch+json':
      return applyMergePatch(object, body)
    case 'application/strategic-merge-patch+json':
      if (target.kind.custom === undefined) return applyStrategicPatch(object, body)
      break
    default:
  }
  const accepted = ['application/json-patch+json', 'application/merge-patch+json']
  const strategic = target.kind.custom === undefined ? ['application/strategic-merge-patch+json'] : []
  throw status.unsupportedMediaType([...accepted, ...strategic, APPLY])
}

/** Server-side apply is refused: it needs the ownership of every field, which is not modelled. */
export function refuseApply(call: Call, options: WriteOptions): void {
  if (call.contentType !== APPLY) return
  if (options.fieldManager !== undefined) throw status.notModelled('server-side apply')
  const cause = status.requiredValue('fieldManager', 'is required for apply patch')
  throw status.invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, [cause])
}

export function patch(store: Store, target: Target, call: Call): Answer {
  const options = writeOptions(call, 'PatchOptions')
  refuseApply(call, options)
  const old = existing(store, target)
  return change(store, target, { next: patched(target, old, call), old, options, patch: true })
}
