import { badRequest } from './status.ts'
import { at, objAt, objsAt, strAt, stringsAt, textOf, type Obj, type Value } from './value.ts'

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

type Requirement = { readonly key: string; readonly operator: string; readonly values: readonly string[] }

function setRequirement(text: string): Requirement | undefined {
  const [, key, operator, values] = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(text) ?? []
  if (key === undefined || values === undefined) return undefined
  const listed = values.split(',').map((value) => value.trim())
  return { key, operator: operator === 'in' ? 'In' : 'NotIn', values: listed }
}

function equalRequirement(text: string): Requirement | undefined {
  const [, key, operator, value] = /^([^=!\s]+)\s*(==|=|!=)\s*([^=!\s]*)$/.exec(text) ?? []
  if (key === undefined || value === undefined) return undefined
  return { key, operator: operator === '!=' ? 'NotIn' : 'In', values: [value] }
}

function existsRequirement(text: string): Requirement | undefined {
  const [, not, key] = /^(!?)\s*([^=!\s()]+)$/.exec(text) ?? []
  return key === undefined
    ? undefined
    : { key, operator: not === '!' ? 'DoesNotExist' : 'Exists', values: [] }
}

/** One requirement of a label selector in its query form. */
function requirement(text: string): Matcher {
  const found = setRequirement(text) ?? equalRequirement(text) ?? existsRequirement(text)
  if (found !== undefined) return matchOne(found.key, found.operator, found.values)
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
    matchOne(key, 'In', [textOf(value)]),
  )
  const more = objsAt(selector, 'matchExpressions').map((each) =>
    matchOne(strAt(each, 'key') ?? '', strAt(each, 'operator') ?? '', stringsAt(each, 'values')),
  )
  return (object) => [...equal, ...more].every((part) => part(object))
}

export function selectorText(selector: Value | undefined): string {
  return Object.entries(objAt(selector, 'matchLabels'))
    .map(([key, value]) => `${key}=${textOf(value)}`)
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
