import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'

export type Value = null | boolean | number | string | Value[] | Obj
export type Obj = { [key: string]: Value }

export const root = join(import.meta.dirname, '../..')
export const folder = join(root, 'deploy/kubernetes')

/** Files that are no manifests. */
const OTHER = ['kustomization.yaml', 'firebreak.yaml']

export const manifestFiles = readdirSync(folder).filter((name) => !OTHER.includes(name))

export function manifests(): Obj[] {
  return manifestFiles.flatMap((name) =>
    parseAllDocuments(read(name)).map((document) => document.toJS() as Obj),
  )
}

export function read(name: string): string {
  return readFileSync(join(folder, name), 'utf8')
}

export function readYaml(name: string): Obj {
  return parse(read(name)) as Obj
}

export type Path = readonly (string | number)[]

export function at(value: Value | undefined, path: Path): Value | undefined {
  let here = value
  for (const key of path) {
    if (typeof here !== 'object' || here === null) return undefined
    here = (here as Obj)[key]
  }
  return here
}

export function only(objects: readonly Obj[], kind: string): Obj {
  const found = objects.filter((object) => object['kind'] === kind)
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} objects of kind ${kind}`)
  return found[0]
}

/** A copy without what stands at the path, or with another value there. */
export function changed(object: Obj, path: Path, value?: Value): Obj {
  const copy = structuredClone(object)
  const parent = at(copy, path.slice(0, -1)) as Obj
  const key = path.at(-1) as string
  if (parent[key] === undefined) throw new Error(`nothing at ${path.join('.')}`)
  if (value === undefined) delete parent[key]
  else parent[key] = value
  return copy
}

/** A string as it is, anything else as JSON. */
export function textOf(value: Value | undefined): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}
