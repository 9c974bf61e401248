import type { z } from 'zod'
import type { ErrorCode } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import type { Diagnostic } from '../core/playbook.ts'
import type { Path, YamlFile } from '../core/yaml.ts'
import { didYouMean, nearest } from '../expr/index.ts'
import { isList, isObject } from './json.ts'
import { own } from './own.ts'
import { headKeys, stepKeys } from './document.ts'

/** One mistake can make thousands of faults in a hostile file; each costs a search for its place. */
const MAX_FOUND = 200

/** Collects faults with their places while a playbook is checked. */
export class Faults {
  readonly #file: string
  readonly #yaml: YamlFile
  readonly #found: Diagnostic[] = []

  constructor(file: string, yaml: YamlFile) {
    this.#file = file
    this.#yaml = yaml
  }

  get found(): readonly Diagnostic[] {
    return this.#found.toSorted((a, b) => a.line - b.line || a.column - b.column)
  }

  /** True when something refuses the playbook; warnings do not. */
  get refused(): boolean {
    return this.#found.some(({ severity }) => severity === 'error')
  }

  /** How many there are by now. */
  get count(): number {
    return this.#found.length
  }

  /** A fault of a value, or of one character of a one-line text. */
  at(path: Path, fault: Fault, index?: number): void {
    this.#add(index === undefined ? this.#yaml.at(path) : this.#yaml.within(path, index), fault)
  }

  atKey(path: Path, fault: Fault): void {
    this.#add(this.#yaml.atKey(path), fault)
  }

  /** What the schema of the document refused. */
  fromSchema(issues: readonly z.core.$ZodIssue[], value: Json): void {
    const unknown = unknownKeys(issues)
    for (const issue of issues) {
      if (this.#found.length >= MAX_FOUND) return
      const path = issue.path.filter((part) => typeof part !== 'symbol')
      const name = String(path.at(-1))
      const beside = unknown.get(path.slice(0, -1).join('.')) ?? []
      if (!isMissing(value, path)) this.#issue(issue, path)
      // A misspelt key is one fault, not an unknown and a missing one.
      else if (beside.every((key) => nearest(key, [name]) === undefined)) this.#missing(name, path)
    }
  }

  #missing(name: string, path: Path): void {
    this.at(path, { code: 'playbook.missing-key', message: `${name} is missing`, remedy: `Add ${name}.` })
  }

  #issue(issue: z.core.$ZodIssue, path: Path): void {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys.slice(0, MAX_FOUND)) this.atKey([...path, key], unknownKey(key, path))
      return
    }
    const where = path.length === 0 ? 'the playbook' : path.join('.')
    if (issue.code === 'invalid_key') {
      const message = `${where}: ${issue.issues[0]?.message ?? issue.message}`
      this.atKey(path, { code: 'playbook.bad-value', message, remedy: 'Rename it.' })
      return
    }
    const message = `${where}: ${issue.message}`
    this.at(path, { code: 'playbook.bad-value', message, remedy: 'Correct the value.' })
  }

  #add(place: { line: number; column: number; excerpt: string }, fault: Fault): void {
    if (this.#found.length >= MAX_FOUND) return
    const { code, message, remedy, severity = 'error' } = fault
    this.#found.push({ code, message, remedy, severity, file: this.#file, ...place })
  }
}

export type Fault = {
  readonly code: ErrorCode
  readonly message: string
  readonly remedy: string
  /** An error unless it says otherwise. */
  readonly severity?: 'error' | 'warning'
}

/** By the path of the map they stand in. */
function unknownKeys(issues: readonly z.core.$ZodIssue[]): ReadonlyMap<string, readonly string[]> {
  const found = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? [[issue.path.join('.'), issue.keys.slice(0, MAX_FOUND)] as const]
      : [],
  )
  return new Map(found)
}

/** Whether a map lacks this key: what zod says of it differs with what was wanted there. */
function isMissing(value: Json, path: Path): boolean {
  const name = path.at(-1)
  let owner: Json | undefined = value
  for (const part of path.slice(0, -1)) owner = childOf(owner, part)
  return typeof name === 'string' && owner !== undefined && isObject(owner) && !Object.hasOwn(owner, name)
}

function childOf(owner: Json | undefined, part: string | number): Json | undefined {
  if (owner === undefined || owner === null || typeof owner !== 'object') return undefined
  if (isList(owner)) return owner[Number(part)]
  return isObject(owner) ? own(owner, String(part)) : undefined
}

function unknownKey(key: string, path: Path): Fault {
  const known = path.length === 0 ? headKeys : path.length === 2 && path[0] === 'steps' ? stepKeys : []
  const others = known.length === 0 ? '' : ` The keys here are: ${known.join(', ')}.`
  return {
    code: 'playbook.unknown-key',
    message: `${key} is not a key that belongs here`,
    remedy: `${didYouMean(key, known)}Remove it, or correct its spelling.${others}`,
  }
}
