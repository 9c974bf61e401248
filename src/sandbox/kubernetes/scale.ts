import { prune } from './fields.ts'
import type { Kind } from './kinds.ts'
import { bodyObject, subjectOf, writeOptions, type Answer, type Call, type Target } from './request.ts'
import { selectorText } from './selector.ts'
import * as status from './status.ts'
import type { Store } from './store.ts'
import { replicasCauses } from './validate.ts'
import { at, numAt, objAt, put, strAt, type Obj } from './value.ts'
import { patched, refuseApply } from './write.ts'

function pathsOf(kind: Kind): { readonly spec: readonly string[]; readonly status: readonly string[] } {
  return kind.custom?.scale ?? { spec: ['spec', 'replicas'], status: ['status', 'replicas'] }
}

/** The Scale of an object. A count of zero is left out of the spec, as on the server: readers must expect `spec: {}`. */
function scaleOf(kind: Kind, object: Obj): Obj {
  const paths = pathsOf(kind)
  const replicas = numAt(object, ...paths.spec) ?? 0
  const { name, namespace, uid, resourceVersion, creationTimestamp } = objAt(object, 'metadata')
  const metadata: Obj = {}
  for (const [key, value] of Object.entries({ name, namespace, uid, resourceVersion, creationTimestamp })) {
    if (value !== undefined) metadata[key] = value
  }
  const selector = kind.custom === undefined ? { selector: selectorText(at(object, 'spec', 'selector')) } : {}
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata,
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: numAt(object, ...paths.status) ?? 0, ...selector },
  }
}

function checkedScale(next: Obj, target: Target, strict: boolean): readonly string[] {
  const { unknown } = prune('Scale', next)
  const complaints = unknown.map((field) => `unknown field "${field}"`)
  if (complaints.length > 0 && strict) {
    const cause = status.invalidValue(
      'patch',
      JSON.stringify(next),
      `strict decoding error: ${complaints.join(', ')}`,
    )
    throw status.invalid({ group: '', kind: '' }, [cause])
  }
  const replicas = at(next, 'spec', 'replicas')
  if (replicas !== undefined && !Number.isInteger(replicas)) {
    throw status.badRequest(
      `json: cannot unmarshal ${typeof replicas} into Go struct field ScaleSpec.spec.replicas of type int32`,
    )
  }
  const causes = replicasCauses(replicas)
  if (causes.length > 0)
    throw status.invalid({ group: 'autoscaling', kind: 'Scale', name: target.name ?? '' }, causes)
  return complaints
}

function commit(store: Store, target: Target, write: { object: Obj; next: Obj; dryRun: boolean }): Obj {
  const { object, next, dryRun } = write
  const subject = subjectOf(target)
  const version = strAt(next, 'metadata', 'resourceVersion')
  if (version !== undefined && version !== strAt(object, 'metadata', 'resourceVersion'))
    throw status.modified(subject)
  const uid = strAt(next, 'metadata', 'uid')
  if (uid !== undefined && uid !== strAt(object, 'metadata', 'uid')) {
    throw status.conflict(
      subject,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${strAt(object, 'metadata', 'uid')}`,
    )
  }
  const path = pathsOf(target.kind).spec
  const replicas = numAt(next, 'spec', 'replicas') ?? 0
  if (replicas === numAt(object, ...path)) return scaleOf(target.kind, object)
  put(object, path, replicas)
  put(object, ['metadata', 'generation'], (numAt(object, 'metadata', 'generation') ?? 0) + 1)
  return scaleOf(target.kind, dryRun ? object : store.replace(target.kind, object))
}

/** GET, PUT and PATCH of `/scale`. A kind without the subresource never comes here: the router answers 404. */
export function scale(store: Store, target: Target, call: Call): Answer {
  const object = store.get(target.kind, target.namespace, target.name ?? '')
  if (object === undefined) {
    if (call.method !== 'GET') writeOptions(call, 'PatchOptions')
    throw status.notFound(subjectOf(target))
  }
  const current = scaleOf(target.kind, object)
  if (call.method === 'GET') return { code: 200, body: current }
  const options = writeOptions(call, call.method === 'PUT' ? 'UpdateOptions' : 'PatchOptions')
  refuseApply(call, options)
  const next = call.method === 'PUT' ? bodyObject(call) : patched(target, current, call)
  const warnings = checkedScale(next, target, options.validation === 'Strict')
  return { code: 200, body: commit(store, target, { object, next, dryRun: options.dryRun }), warnings }
}
