import type { z } from 'zod'
import type { Json, JsonObject } from '../core/json.ts'
import { nearest } from '../expr/index.ts'
import { Document, headKeys, Remainder, stepKeys } from './document.ts'
import type { Faults } from './faults.ts'
import { isObject } from './json.ts'
import { plainIssues } from './plain-issues.ts'
import { Taint } from './taint.ts'

export type Readable = { readonly document: Document; readonly taint: Taint }

/** Stands in for a head that cannot be read, so that the steps are checked all the same. It is never shown. */
const HEAD = { name: 'unreadable', title: 'Unreadable', severity: 'low', because: 'drill' }

/** What has more faults than this is no playbook yet: what is left of it is not looked at. */
const MAX_ISSUES = 100

/**
 * The document, or what is left of it without its faulty parts: one fault must not hide the others, and must not cause
 * more. What was taken away is remembered in the taint.
 */
export function readDocument(value: Json, faults: Faults): Readable | undefined {
  const taint = new Taint()
  const whole = Document.safeParse(value)
  if (whole.success) return { document: whole.data, taint }
  const issues = plainIssues(whole.error.issues)
  faults.fromSchema(issues, value)
  if (!isObject(value) || issues.length > MAX_ISSUES) return undefined
  const cuts = issues.flatMap(cutsOf)
  // One fault of the whole map, such as too many steps: nothing further is worth its time.
  if (cuts.some((cut) => cut.length === 1 && cut[0] === 'steps')) return undefined
  for (const cut of cuts) note(taint, cut)
  const rest = Remainder.safeParse({ ...HEAD, ...without(value, cuts) })
  return rest.success ? { document: rest.data, taint } : undefined
}

type Cut = readonly string[]

/** What to leave out: a key of the head, an input, a step, or a key of a step. */
function cutsOf(issue: z.core.$ZodIssue): readonly Cut[] {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => depth([...path, key]))
  return [depth(path)]
}

function depth(path: Cut): Cut {
  if (path[0] === 'steps') return path[2] === 'action' ? path.slice(0, 2) : path.slice(0, 3)
  return path.slice(0, path[0] === 'inputs' ? 2 : 1)
}

function note(taint: Taint, [root, name, key]: Cut): void {
  if (root === undefined) return
  if (root === 'inputs') return name === undefined ? taint.allInputs() : taint.input(name)
  if (root !== 'steps' || name === undefined) return taint.head(meant(root, headKeys))
  return key === undefined ? taint.step(name) : taint.key(name, meant(key, stepKeys))
}

/** A misspelt guard is the guard: that it is missing needs no second fault. */
function meant(key: string, known: readonly string[]): string {
  return known.includes(key) ? key : (nearest(key, known) ?? key)
}

function without(value: JsonObject, cuts: readonly Cut[]): JsonObject {
  const root: { [key: string]: Json } = { ...value }
  for (const [first, second, third] of cuts) {
    if (first === undefined) continue
    if (second === undefined) delete root[first]
    else root[first] = omit(root[first], second, third)
  }
  return root
}

/** The map without an entry, or without one key of an entry. */
function omit(map: Json | undefined, name: string, key: string | undefined): Json {
  if (map === undefined || !isObject(map)) return {}
  const { [name]: entry, ...others } = map
  if (key === undefined || entry === undefined || !isObject(entry)) return others
  const { [key]: _, ...rest } = entry
  return { ...map, [name]: rest }
}
