import * as client from '@kubernetes/client-node'
import { textOf, type Obj, type Value } from './manifests.ts'

// Whether a manifest has only fields that Kubernetes knows, with values of their types, by the models of
// @kubernetes/client-node, which are generated from the OpenAPI document of the API server.

type Attribute = { readonly name: string; readonly baseName: string; readonly type: string }
type Model = { readonly getAttributeTypeMap: () => readonly Attribute[] }

const models = new Map<string, Model>(
  Object.entries(client).flatMap(([name, value]): [string, Model][] =>
    typeof value === 'function' && 'getAttributeTypeMap' in value ? [[name, value as unknown as Model]] : [],
  ),
)

/** `V1Deployment` for apps/v1, `V1RoleBinding` for rbac.authorization.k8s.io/v1. */
export function shapeFaults(object: Obj): string[] {
  const version = textOf(object['apiVersion']).split('/').at(-1) ?? ''
  const type = `${version[0]?.toUpperCase()}${version.slice(1)}${textOf(object['kind'])}`
  return models.has(type) ? faults(object, type, '') : [`no model ${type}`]
}

function faults(value: Value, type: string, path: string): string[] {
  const list = /^Array<(.*)>$/.exec(type)?.[1]
  if (list !== undefined) {
    if (!Array.isArray(value)) return [`${path} is no list`]
    return value.flatMap((item, i) => faults(item, list, `${path}[${i}]`))
  }
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type)?.[1]
  if (map !== undefined) {
    if (!isObj(value)) return [`${path} is no object`]
    return Object.entries(value).flatMap(([key, item]) => faults(item, map, `${path}.${key}`))
  }
  const model = models.get(type)
  return model === undefined ? scalarFaults(value, type, path) : modelFaults(value, model, path)
}

function modelFaults(value: Value, model: Model, path: string): string[] {
  if (!isObj(value)) return [`${path} is no object`]
  const known = new Map(model.getAttributeTypeMap().map(({ baseName, type }) => [baseName, type]))
  return Object.entries(value).flatMap(([key, item]) => {
    const type = known.get(key)
    return type === undefined ? [`${path}.${key} is unknown`] : faults(item, type, `${path}.${key}`)
  })
}

function scalarFaults(value: Value, type: string, path: string): string[] {
  const wanted = type === 'IntOrString' ? ['string', 'number'] : [type]
  if (!['string', 'number', 'boolean', 'IntOrString'].includes(type)) return [`${path} has the type ${type}`]
  return wanted.includes(typeof value) ? [] : [`${path} is no ${type}`]
}

function isObj(value: Value): value is Obj {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
