import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type Obj = { [key: string]: Json }

export type Exchange = {
  readonly id: number
  readonly as: 'admin' | 'bot' | 'nobody' | 'invalid-token'
  readonly method: string
  readonly path: string
  readonly query: Record<string, string>
  readonly contentType?: string
  readonly requestBody?: Json
  readonly status: number
  readonly responseHeaders: Record<string, string>
  readonly responseBody: Json
}

const folder = process.env['FIREBREAK_SHARED_DATA'] ?? '../shared/data'
const file = join(folder, 'kubernetes-captured', 'k8s-exchanges.jsonl')

/** Recorded traffic of a real API server, in the order of the requests; undefined where this machine does not have it. */
export function recording(): Exchange[] | undefined {
  if (!existsSync(file)) {
    if (process.env['CI'] !== undefined) throw new Error(`${file} is missing`)
    console.log(`skipped: ${file} is not on this machine`)
    return undefined
  }
  const lines = readFileSync(file, 'utf8').split('\n')
  const all = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Exchange)
  return all.sort((a, b) => a.id - b.id)
}

export function isObj(value: Json | undefined): value is Obj {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function at(value: Json | undefined, ...path: string[]): Json | undefined {
  return path.reduce<Json | undefined>((here, key) => (isObj(here) ? here[key] : undefined), value)
}

/** Names that both sides invent: pod and ReplicaSet suffixes, token volumes. */
function neutral(text: string): string {
  return text
    .replace(/\b(web|roll|ev|ssa-new|inf)-[a-z0-9]{8,10}(-[a-z0-9]{5})?\b/g, '$1-HASH')
    .replace(/UID in (precondition|record) \([^)]*\)/g, 'UID in $1')
    .replace(/too old resource version: \d+ \(\d+\)/, 'too old resource version')
}

const volatile = new Set([
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
  'managedFields',
  'lastUpdateTime',
  'lastTransitionTime',
  'lastHeartbeatTime',
  'storageVersionHash',
  'pod-template-hash',
  'continue',
])

/** A recorded or a served body without what differs from cluster to cluster. */
export function comparable(value: Json): Json {
  if (typeof value === 'string') return neutral(value)
  if (Array.isArray(value)) return value.map(comparable)
  if (!isObj(value)) return value
  const kept = Object.entries(value).filter(([key]) => !volatile.has(key))
  return Object.fromEntries(kept.map(([key, child]) => [key, comparable(child)]))
}
