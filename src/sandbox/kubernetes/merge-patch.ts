import { badRequest, notModelled } from './status.ts'
import { clone, isObj, strAt, type Obj, type Value } from './value.ts'

function merged(target: Value | undefined, patch: Value): Value {
  if (!isObj(patch)) return clone(patch)
  const result: Obj = isObj(target) ? clone(target) : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else result[key] = merged(result[key], value)
  }
  return result
}

/** RFC 7386. */
export function applyMergePatch(target: Obj, patch: Value): Obj {
  return asObject(merged(target, objectPatch(patch)))
}

/** The merge keys of the lists that this stand-in knows; every other list is replaced whole, as `atomic` lists are. */
const mergeKeys: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  ephemeralContainers: 'name',
  env: 'name',
  volumes: 'name',
  imagePullSecrets: 'name',
  volumeMounts: 'mountPath',
  volumeDevices: 'devicePath',
  ports: 'containerPort',
  hostAliases: 'ip',
  topologySpreadConstraints: 'topologyKey',
  conditions: 'type',
  addresses: 'type',
  ownerReferences: 'uid',
}

function directive(patch: Obj): Value | undefined {
  const odd = Object.keys(patch).find((key) => key.startsWith('$') && key !== '$patch')
  if (odd !== undefined) throw notModelled(`the strategic merge directive ${odd.split('/')[0]}`)
  return patch['$patch']
}

function strategic(target: Value | undefined, patch: Value, key: string): Value {
  if (Array.isArray(patch)) return mergeList(Array.isArray(target) ? target : [], patch, key)
  if (!isObj(patch)) return clone(patch)
  const order = directive(patch)
  const { $patch: _directive, ...body } = patch
  if (order === 'replace') return clone(body)
  const result: Obj = isObj(target) ? clone(target) : {}
  for (const [name, value] of Object.entries(body)) {
    if (value === null || (isObj(value) && directive(value) === 'delete')) delete result[name]
    else result[name] = strategic(result[name], value, name)
  }
  return result
}

function mergeList(target: readonly Value[], patch: readonly Value[], key: string): Value[] {
  if (key === 'finalizers') return [...new Set([...target, ...patch])]
  const mergeKey = mergeKeys[key]
  if (mergeKey === undefined) return clone([...patch])
  const result = clone([...target])
  for (const item of patch) {
    if (!isObj(item) || item[mergeKey] === undefined) {
      throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`)
    }
    const place = result.findIndex((each) => isObj(each) && each[mergeKey] === item[mergeKey])
    if (directive(item) === 'delete') {
      if (place >= 0) result.splice(place, 1)
    } else if (place < 0) result.push(strategic({}, item, ''))
    else result[place] = strategic(result[place], item, '')
  }
  return result
}

/** Strategic merge for built-in kinds: lists with a merge key are merged by it; `$patch: delete` and `replace` are known. */
export function applyStrategicPatch(target: Obj, patch: Value): Obj {
  return asObject(strategic(target, objectPatch(patch), ''))
}

function objectPatch(patch: Value): Obj {
  if (isObj(patch)) return patch
  throw badRequest(
    'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
  )
}

function asObject(value: Value): Obj {
  if (isObj(value)) return value
  throw badRequest(`the patch makes no object of ${strAt(value, 'kind') ?? 'the target'}`)
}
