import { badRequest } from './status.ts'
import { at, objAt, objsAt, strAt, stringsAt, type Obj, type Value } from './value.ts'

export type Matcher = (object: Obj) => boolean

const everything: Matcher = () => true

function labelsOf(object: Obj): Obj {
  return objAt(object, 'metadata', 'labels')
}

function matchOne(key: string, operator: string, values: readonly string[]): Matcher {
  return (object) => {
    const label = labelsOf(object)[key]
    switch (operator) {
      case 'In':
        return typeof label === 'string' && values.includes(label)
      case 'NotIn':
        return typeof label !== 'string' || !values.includes(label)
      case 'Exists':
        return label !== undefined
      default:
        return label === undefined
    }
  }
}

/** One requirement of a label selector in its query form. */
function requirement(text: string): Matcher {
  const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(text)
  if (set !== null) {
    const values = (set[3] ?? '').split(',').map((value) => value.trim())
    return matchOne(set[1] ?? '', set[2] === 'in' ? 'In' : 'NotIn', values)
  }
  const equal = /^([^=!\s]+)\s*(==|=|!=)\s*([^=!\s]*)$/.exec(text)
  if (equal !== null) return matchOne(equal[1] ?? '', equal[2] === '!=' ? 'NotIn' : 'In', [equal[3] ?? ''])
  const exists = /^(!?)\s*([^=!\s()]+)$/.exec(text)
  if (exists !== null) return matchOne(exists[2] ?? '', exists[1] === '!' ? 'DoesNotExist' : 'Exists', [])
  throw badRequest(`unable to parse requirement: found '${text}', expected: an operator`)
}

/** `app=web,tier in (a, b),!legacy`. */
export function labelSelector(text: string | undefined): Matcher {
  if (text === undefined || text === '') return everything
  const parts = text.split(/,(?![^(]*\))/).map((part) => requirement(part.trim()))
  return (object) => parts.every((part) => part(object))
}

/** The selector of an object's spec: `matchLabels` and `matchExpressions`. */
export function selectorOf(selector: Value | undefined): Matcher {
  const equal = Object.entries(objAt(selector, 'matchLabels')).map(([key, value]) =>
    matchOne(key, 'In', [String(value)]),
  )
  const more = objsAt(selector, 'matchExpressions').map((each) =>
    matchOne(strAt(each, 'key') ?? '', strAt(each, 'operator') ?? '', stringsAt(each, 'values')),
  )
  return (object) => [...equal, ...more].every((part) => part(object))
}

export function selectorText(selector: Value | undefined): string {
  return Object.entries(objAt(selector, 'matchLabels'))
    .map(([key, value]) => `${key}=${String(value)}`)
    .sort()
    .join(',')
}

/** What the server indexes, by kind; every kind has name and namespace. */
const fields: Readonly<Record<string, readonly string[]>> = {
  Pod: ['spec.nodeName', 'spec.restartPolicy', 'spec.serviceAccountName', 'status.phase', 'status.podIP'],
  Event: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'reason',
    'type',
  ],
  Namespace: ['status.phase'],
  Node: ['spec.unschedulable'],
  ReplicaSet: ['status.replicas'],
}

function fieldRequirement(kind: string, text: string): Matcher {
  const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(text)
  if (match === null) throw badRequest(`invalid selector: '${text}'; can't understand '${text}'`)
  const [, path = '', operator, value = ''] = match
  if (!['metadata.name', 'metadata.namespace', ...(fields[kind] ?? [])].includes(path)) {
    throw badRequest(`field label not supported: ${path}`)
  }
  return (object) => {
    const found = at(object, ...path.split('.'))
    const text = typeof found === 'string' || typeof found === 'number' ? String(found) : ''
    return (text === value) === (operator !== '!=')
  }
}

export function fieldSelector(kind: string, text: string | undefined): Matcher {
  if (text === undefined || text === '') return everything
  const parts = text.split(',').map((part) => fieldRequirement(kind, part))
  return (object) => parts.every((part) => part(object))
}
