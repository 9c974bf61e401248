import { Optional } from '@marcbachmann/cel-js'
import { FirebreakError } from '../core/errors.ts'
import { Opaque } from './instance.ts'
import type { ClassOf } from './instance.ts'
import { describe, fieldOf, peel } from './shape.ts'
import type { ListShape, ObjectShape, RecordShape, Shape } from './shape.ts'
import { isPlainObject } from './unknown.ts'

/**
 * JSON ⇄ cel-js for one evaluation, by declared shape: integers become BigInt, maps become Map, objects become instances of
 * registered classes, null and absent become "no value". Plain JSON would pass cel-js's check and fail when run.
 */
export class Marshal {
  readonly #classOf: ClassOf
  /** What a cel-js value was made from, so that what is passed on unchanged comes out unchanged, nulls and all. */
  readonly #origins = new WeakMap<object, unknown>()

  constructor(classOf: ClassOf) {
    this.#classOf = classOf
  }

  /** A variable or an item of a list. */
  into(value: unknown, shape: Shape): unknown {
    const { base, optional, nullable } = peel(shape)
    if (!optional && !nullable) return this.#present(value, base)
    return isMissing(value) ? Optional.none() : Optional.of(this.#present(value, base))
  }

  /** A field or a value of a map: `undefined` when it is absent or null. */
  #part(value: unknown, shape: Shape): unknown {
    return isMissing(value) ? undefined : this.#present(value, peel(shape).base)
  }

  #present(value: unknown, shape: Shape): unknown {
    if (shape.kind === 'list') return this.#remember(this.#list(value, shape), value)
    if (shape.kind === 'record') return this.#remember(this.#record(value, shape), value)
    if (shape.kind === 'object') return this.#remember(this.#object(value, shape), value)
    if (scalars.has(shape.kind)) return scalar(value, shape)
    return this.#remember(new Opaque(), value)
  }

  #remember<T extends object>(made: T, origin: unknown): T {
    this.#origins.set(made, origin)
    return made
  }

  #list(value: unknown, shape: ListShape): unknown[] {
    if (!Array.isArray(value)) return mismatch(value, shape)
    return value.map((item) => this.into(item, shape.item))
  }

  #record(value: unknown, shape: RecordShape): Map<string, unknown> {
    if (!isPlainObject(value)) return mismatch(value, shape)
    const parts = Object.entries(value).map(([key, part]): [string, unknown] => [
      key,
      this.#part(part, shape.value),
    ])
    return new Map(parts.filter(([, part]) => part !== undefined))
  }

  #object(value: unknown, shape: ObjectShape): object {
    if (!isPlainObject(value)) return mismatch(value, shape)
    const Class = this.#classOf(shape)
    const read = (name: string): unknown => {
      const field = fieldOf(shape, name)
      return field && Object.hasOwn(value, name) ? this.#part(value[name], field) : undefined
    }
    return new Class(remembering(read))
  }

  /** What an expression gave, as JSON. Optional without a value is `undefined`, or null inside a list. */
  outOf(value: unknown): unknown {
    if (typeof value === 'bigint') return saturate(value)
    if (value instanceof Optional) return value.hasValue() ? this.outOf(value.value()) : undefined
    if (typeof value !== 'object' || value === null) return value
    if (this.#origins.has(value)) return this.#origins.get(value)
    if (Array.isArray(value)) return value.map((item) => this.outOf(item) ?? null)
    throw new TypeError(`an expression gave ${Object.prototype.toString.call(value)}`)
  }
}

const scalars: ReadonlySet<string> = new Set(['string', 'int', 'double', 'bool'])

function scalar(value: unknown, shape: Shape): unknown {
  if (shape.kind === 'int')
    return Number.isSafeInteger(value) ? BigInt(Number(value)) : mismatch(value, shape)
  if (shape.kind === 'double') return Number.isFinite(value) ? value : mismatch(value, shape)
  return typeof value === (shape.kind === 'bool' ? 'boolean' : 'string') ? value : mismatch(value, shape)
}

function remembering(read: (name: string) => unknown): (name: string) => unknown {
  const known = new Map<string, unknown>()
  return (name) => {
    if (!known.has(name)) known.set(name, read(name))
    return known.get(name)
  }
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null
}

/** JSON's integers end at ±(2^53 − 1). */
function saturate(value: bigint): number {
  const limit = BigInt(Number.MAX_SAFE_INTEGER)
  if (value > limit) return Number.MAX_SAFE_INTEGER
  return value < -limit ? Number.MIN_SAFE_INTEGER : Number(value)
}

export function mismatch(value: unknown, shape: Shape): never {
  const got = Array.isArray(value) ? 'a list' : value === null ? 'null' : typeof value
  throw new FirebreakError('expr.wrong-value', `A value is ${got}, but was declared as ${describe(shape)}.`, {
    remedy: 'Values are parsed with their schema before they are given to an expression; please report this.',
  })
}
