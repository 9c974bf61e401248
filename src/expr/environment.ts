import { Environment } from '@marcbachmann/cel-js'
import type { ParseResult } from '@marcbachmann/cel-js'
import { compilePattern } from './pattern.ts'
import { Opaque, instanceClass } from './instance.ts'
import type { InstanceClass } from './instance.ts'
import { peel } from './shape.ts'
import type { ObjectShape, Shape } from './shape.ts'

/**
 * Limits of one expression. 2 KiB is the longest source; the others keep recursion over the tree shallow. Nothing in an
 * expression can loop except macros over lists, which are nested at most twice.
 */
export const LIMITS = { sourceLength: 2048, astNodes: 500, depth: 48, listElements: 200 } as const

export type StatusValues = { readonly succeeded: boolean; readonly failed: boolean }

export type CelEnvironment = {
  readonly parse: (source: string) => ParseResult
  /** The class whose instances stand for objects of this shape. */
  readonly classOf: (shape: ObjectShape) => InstanceClass
  /** Runs with these answers of `succeeded()` and `failed()`: evaluation is synchronous, so nothing comes between. */
  readonly withStatus: <T>(status: StatusValues, run: () => T) => T
}

/** cel-js with our functions, the variables of a scope, and a registered class for each kind of object in them. */
export function buildEnvironment(variables: { readonly [name: string]: Shape }): CelEnvironment {
  const environment = new Environment({
    enableOptionalTypes: true,
    limits: {
      maxAstNodes: LIMITS.astNodes,
      maxDepth: LIMITS.depth,
      maxListElements: LIMITS.listElements,
      maxMapEntries: 50,
      maxCallArguments: 8,
    },
  })
  environment.registerType('Opaque', { ctor: Opaque, fields: {} })
  registerFunctions(environment)
  const status = registerStatus(environment)
  const types = new Types(environment)
  for (const [name, shape] of Object.entries(variables))
    environment.registerVariable(name, types.nameOf(shape))
  return {
    parse: (source) => environment.parse(source),
    classOf: (shape) => types.register(shape).Class,
    withStatus(values, run) {
      status.current = values
      return run()
    },
  }
}

function registerStatus(environment: Environment): { current: StatusValues } {
  const status = { current: { succeeded: false, failed: false } }
  const sync = { async: false }
  environment.registerFunction('succeeded(): bool', () => status.current.succeeded, sync)
  environment.registerFunction('failed(): bool', () => status.current.failed, sync)
  environment.registerFunction('always(): bool', () => true, sync)
  return status
}

/** Without `async: false`, cel-js takes a handler for a possible promise. */
function registerFunctions(environment: Environment): void {
  const sync = { async: false }
  environment.registerFunction('re(string, string): bool', matches, sync)
  environment.registerFunction(
    'lower(string): string',
    (text: string) => ascii(text, /[A-Z]+/g, 'toLowerCase'),
    sync,
  )
  environment.registerFunction(
    'upper(string): string',
    (text: string) => ascii(text, /[a-z]+/g, 'toUpperCase'),
    sync,
  )
  environment.registerFunction('clamp(int, int, int): int', between<bigint>, sync)
  environment.registerFunction('clamp(double, double, double): double', between<number>, sync)
}

function matches(text: string, pattern: string): boolean {
  const compiled = compilePattern(pattern)
  return compiled.ok && compiled.pattern.matches(text)
}

/** Of ASCII letters only: a Kelvin sign must not become a k. */
function ascii(text: string, letters: RegExp, change: 'toLowerCase' | 'toUpperCase'): string {
  return text.replaceAll(letters, (found) => found[change]())
}

function between<T extends bigint | number>(value: T, low: T, high: T): T {
  if (value < low) return low
  return value > high ? high : value
}

/** Kinds that have the name of their CEL type. */
const scalars: ReadonlySet<string> = new Set(['string', 'int', 'double', 'bool'])

type RegisteredType = { readonly name: string; readonly Class: InstanceClass }

/** CEL types of objects, one for each set of fields and their CEL types: two schemas with equal fields are one type. */
class Types {
  readonly #environment: Environment
  readonly #known = new Map<string, RegisteredType>()

  constructor(environment: Environment) {
    this.#environment = environment
  }

  /** The CEL type of a variable or an item of a list. */
  nameOf(shape: Shape): string {
    const { base, optional, nullable } = peel(shape)
    const name = this.#baseName(base)
    return optional || nullable ? `optional<${name}>` : name
  }

  #baseName(base: Shape): string {
    if (scalars.has(base.kind)) return base.kind
    if (base.kind === 'list') return `list<${this.nameOf(base.item)}>`
    // A null in a map counts as a missing key, so the values themselves are never optional.
    if (base.kind === 'record') return `map<string, ${this.#baseName(peel(base.value).base)}>`
    return base.kind === 'object' ? this.register(base).name : 'Opaque'
  }

  register(shape: ObjectShape): RegisteredType {
    const fields = Object.entries(shape.fields)
      .map(([name, field]): [string, string] => [name, this.#baseName(peel(field).base)])
      .sort(([a], [b]) => (a < b ? -1 : 1))
    const key = JSON.stringify(fields)
    const known = this.#known.get(key)
    if (known) return known
    const Class = instanceClass(
      key,
      fields.map(([name]) => name),
    )
    const type = { name: `Object${this.#known.size + 1}`, Class }
    this.#environment.registerType(type.name, { ctor: type.Class, fields: Object.fromEntries(fields) })
    this.#known.set(key, type)
    return type
  }
}
