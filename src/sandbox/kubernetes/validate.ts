import { isIP } from 'node:net'
import type { Kind } from './kinds.ts'
import { schemaCauses } from './schema.ts'
import { selectorOf } from './selector.ts'
import { badRequest, invalid, invalidValue, requiredValue, type Cause } from './status.ts'
import { at, nameOf, numAt, objsAt, same, strAt, type Obj, type Value } from './value.ts'

/** Only objects with this kind of name are stored (RFC 1123 subdomain). RBAC names are looser. */
const NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/

const nameRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"

export function replicasCauses(value: Value | undefined): Cause[] {
  if (typeof value !== 'number' || value >= 0) return []
  return [invalidValue('spec.replicas', value, 'must be greater than or equal to 0')]
}

function templateCauses(object: Obj, old: Obj | undefined): Cause[] {
  const causes = replicasCauses(at(object, 'spec', 'replicas'))
  const template = at(object, 'spec', 'template') ?? null
  const labels = at(template, 'metadata', 'labels') ?? {}
  if (at(object, 'spec', 'selector') === undefined) causes.push(requiredValue('spec.selector', ''))
  else if (!selectorOf(at(object, 'spec', 'selector'))({ metadata: { labels } })) {
    causes.push(
      invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'),
    )
  }
  if (objsAt(template, 'spec', 'containers').length === 0) {
    causes.push(requiredValue('spec.template.spec.containers', ''))
  }
  const selector = at(object, 'spec', 'selector')
  if (old !== undefined && !same(selector, at(old, 'spec', 'selector'))) {
    causes.push(invalidValue('spec.selector', selector ?? null, 'field is immutable'))
  }
  return causes
}

function autoscalerCauses(object: Obj): Cause[] {
  const max = numAt(object, 'spec', 'maxReplicas') ?? 0
  const min = numAt(object, 'spec', 'minReplicas') ?? 1
  if (max < 1) return [invalidValue('spec.maxReplicas', max, 'must be greater than 0')]
  if (max < min)
    return [invalidValue('spec.maxReplicas', max, 'must be greater than or equal to `minReplicas`')]
  return []
}

function isCidr(text: string): boolean {
  const [address = '', bits = ''] = text.split('/')
  return isIP(address) > 0 && /^\d+$/.test(bits) && Number(bits) <= (isIP(address) === 4 ? 32 : 128)
}

function policyCauses(object: Obj): Cause[] {
  const why = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'
  const rules = [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const
  return rules.flatMap(([direction, peers]) =>
    objsAt(object, 'spec', direction).flatMap((rule, i) =>
      objsAt(rule, peers).flatMap((peer, j) => {
        const cidr = strAt(peer, 'ipBlock', 'cidr')
        const field = `spec.${direction}[${i}].${peers}[${j}].ipBlock.cidr`
        return cidr === undefined || isCidr(cidr) ? [] : [invalidValue(field, cidr, why)]
      }),
    ),
  )
}

const rules: Readonly<Record<string, (object: Obj, old: Obj | undefined) => Cause[]>> = {
  Deployment: templateCauses,
  ReplicaSet: templateCauses,
  StatefulSet: templateCauses,
  HorizontalPodAutoscaler: autoscalerCauses,
  NetworkPolicy: policyCauses,
  Pod: (object) =>
    objsAt(object, 'spec', 'containers').length === 0 ? [requiredValue('spec.containers', '')] : [],
}

function nameCauses(kind: Kind, object: Obj): Cause[] {
  const name = nameOf(object)
  if (name === '') return [requiredValue('metadata.name', 'name or generateName is required')]
  const loose = kind.group === 'rbac.authorization.k8s.io'
  return loose || NAME.test(name) ? [] : [invalidValue('metadata.name', name, nameRule)]
}

/** A count that is no integer fails while it is decoded, before validation. */
export function assertDecodable(kind: Kind, object: Obj): void {
  const replicas = at(object, 'spec', 'replicas')
  if (kind.custom !== undefined || replicas === undefined || Number.isInteger(replicas)) return
  const found = Array.isArray(replicas) ? 'array' : typeof replicas
  throw badRequest(
    `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: json: cannot unmarshal ${found} into Go struct field ${kind.kind}Spec.spec.replicas of type int32`,
  )
}

/** Throws the server's 422 for an object that breaks a rule of its kind. */
export function validate(kind: Kind, object: Obj, old?: Obj): void {
  const causes = [
    ...nameCauses(kind, object),
    ...(kind.custom === undefined
      ? (rules[kind.kind]?.(object, old) ?? [])
      : schemaCauses(kind.custom.schema, object)),
  ]
  if (causes.length > 0) throw invalid({ group: kind.group, kind: kind.kind, name: nameOf(object) }, causes)
}
