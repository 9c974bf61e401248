import { parseYaml } from '../../core/yaml.ts'
import type { Json } from '../../core/json.ts'
import { RUN } from '../document.ts'
import { isObject } from '../json.ts'
import { own } from '../own.ts'
import type { Flat } from './flat.ts'

/** Deeper than this nobody can tell what a playbook does. */
export const MAX_DEPTH = 5

export type Callee =
  | { readonly kind: 'flat'; readonly flat: Flat }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'refused' }

/** Where the playbooks that others run are found. Each is read once. */
export class Callees {
  readonly #find: (name: string) => string | undefined
  readonly #load: (text: string, file: string) => Flat | undefined
  readonly #known = new Map<string, Callee>()
  readonly #calls = new Map<string, readonly string[]>()

  constructor(
    find: (name: string) => string | undefined,
    load: (text: string, file: string, callees: Callees) => Flat | undefined,
  ) {
    this.#find = find
    this.#load = (text, file) => load(text, file, this)
  }

  get(name: string): Callee {
    const known = this.#known.get(name) ?? this.#read(name)
    this.#known.set(name, known)
    return known
  }

  #read(name: string): Callee {
    const text = this.#find(name)
    if (text === undefined) return { kind: 'unknown' }
    const flat = this.#load(text, `${name}.yaml`)
    return flat === undefined ? { kind: 'refused' } : { kind: 'flat', flat }
  }

  /** The way by which `name` runs `target`, if it does; the shortest. */
  pathTo(target: string, name: string): readonly string[] | undefined {
    const from = new Map<string, string | undefined>([[name, undefined]])
    for (const [at] of from) {
      if (at === target) return wayTo(at, from)
      for (const next of this.#callsOf(at)) if (!from.has(next)) from.set(next, at)
    }
    return undefined
  }

  /** Whether, from `name` on, a playbook is met that runs itself. */
  isCircular(name: string): boolean {
    const met = new Set([name])
    for (const at of met) {
      const calls = this.#callsOf(at)
      if (calls.some((next) => this.pathTo(at, next) !== undefined)) return true
      for (const next of calls) met.add(next)
    }
    return false
  }

  /** Whether playbooks run each other deeper than this, from `name` on. */
  isDeeper(name: string, levels: number): boolean {
    let level: ReadonlySet<string> = new Set([name])
    for (let depth = 1; depth <= levels; depth++)
      level = new Set([...level].flatMap((at) => this.#callsOf(at)))
    return level.size > 0
  }

  #callsOf(name: string): readonly string[] {
    const known = this.#calls.get(name) ?? callsIn(this.#find(name) ?? '', name)
    this.#calls.set(name, known)
    return known
  }
}

function wayTo(end: string, from: ReadonlyMap<string, string | undefined>): readonly string[] {
  const before = from.get(end)
  return before === undefined ? [end] : [...wayTo(before, from), end]
}

/** The playbooks that a text runs, whatever else may be wrong with it. */
function callsIn(text: string, name: string): readonly string[] {
  const yaml = parseYaml(text, `${name}.yaml`)
  const steps = yaml.ok ? childOf(yaml.value, 'steps') : undefined
  if (steps === undefined || !isObject(steps)) return []
  return Object.values(steps).flatMap((step) => {
    const called = childOf(childOf(step, 'with'), 'playbook')
    return childOf(step, 'action') === RUN && typeof called === 'string' ? [called] : []
  })
}

function childOf(value: Json | undefined, name: string): Json | undefined {
  return value !== undefined && isObject(value) ? own(value, name) : undefined
}
