import { bool, double, int, listOf, objectOf, optional, type Shape } from '../../expr/index.ts'
import type { Closed, Constant, Int } from './ref.ts'

declare const DECLARES: unique symbol

/** An input of a playbook, or a part of one. `D` tells whether it has the description that an input needs. */
type Declared<T, D extends boolean = boolean> = {
  /** As it stands in the text. */
  readonly document: object
  readonly shape: Shape
  readonly [DECLARES]: { readonly type: T; readonly described: D }
}
export type Declarations = { readonly [name: string]: Declared<unknown, true> }
export type DeclaredType<D> = D extends Declared<infer T> ? T : never

/** People read it in Slack and on the command line. */
type Described = { readonly description: string }

type TextOptions<E extends string> = {
  readonly description?: string
  /** The only texts it can be. */
  readonly enum?: readonly E[]
  /** In RE2 syntax. */
  readonly pattern?: string
  readonly format?: 'date-time' | 'email' | 'uri' | 'uuid' | 'ipv4' | 'ipv6'
  readonly minLength?: number
  readonly maxLength?: number
  readonly default?: NoInfer<E>
}
type NumberOptions = {
  readonly description?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly default?: number
}
type BooleanOptions = { readonly description?: string; readonly default?: boolean }
type ArrayOptions<T> = {
  readonly description?: string
  readonly maxItems?: number
  readonly default?: readonly NoInfer<Constant<T>>[]
}
type Properties = { readonly [name: string]: Declared<unknown> }
type ObjectOptions<R> = { readonly description?: string; readonly required?: readonly R[] }
type ObjectOf<P extends Properties, R> = Closed<{
  readonly [K in keyof P]: K extends R ? DeclaredType<P[K]> : DeclaredType<P[K]> | undefined
}>

function string<const E extends string = string>(options: TextOptions<E> & Described): Declared<E, true>
function string<const E extends string = string>(options?: TextOptions<E>): Declared<E, false>
function string(options: TextOptions<string> = {}): Declared<string> {
  return declared({ type: 'string', ...options }, { kind: 'string' })
}

function integer(options: NumberOptions & Described): Declared<Int, true>
function integer(options?: NumberOptions): Declared<Int, false>
function integer(options: NumberOptions = {}): Declared<Int> {
  return declared({ type: 'integer', ...options }, int())
}

function number(options: NumberOptions & Described): Declared<number, true>
function number(options?: NumberOptions): Declared<number, false>
function number(options: NumberOptions = {}): Declared<number> {
  return declared({ type: 'number', ...options }, double())
}

function boolean(options: BooleanOptions & Described): Declared<boolean, true>
function boolean(options?: BooleanOptions): Declared<boolean, false>
function boolean(options: BooleanOptions = {}): Declared<boolean> {
  return declared({ type: 'boolean', ...options }, bool)
}

function array<T>(items: Declared<T>, options: ArrayOptions<T> & Described): Declared<readonly T[], true>
function array<T>(items: Declared<T>, options?: ArrayOptions<T>): Declared<readonly T[], false>
function array<T>(items: Declared<T>, options: ArrayOptions<T> = {}): Declared<readonly T[]> {
  return declared({ type: 'array', items: items.document, ...options }, listOf(items.shape))
}

function object<P extends Properties, const R extends keyof P & string = never>(
  properties: P,
  options: ObjectOptions<R> & Described,
): Declared<ObjectOf<P, R>, true>
function object<P extends Properties, const R extends keyof P & string = never>(
  properties: P,
  options?: ObjectOptions<R>,
): Declared<ObjectOf<P, R>, false>
function object<P extends Properties>(
  properties: P,
  options: ObjectOptions<string> = {},
): Declared<ObjectOf<P, string>> {
  const entries = Object.entries<Properties[string]>(properties)
  const documents = entries.map(([name, { document }]) => [name, document] as const)
  const shapes = entries.map(([name, { shape }]) => {
    return [name, options.required?.includes(name) ? shape : optional(shape)] as const
  })
  const document = { type: 'object', properties: Object.fromEntries(documents), ...options }
  return declared(document, objectOf(Object.fromEntries(shapes)))
}

/** Declares the inputs of a playbook, with the words of its text: `input.string({ pattern, description })`. */
export const input = { string, integer, number, boolean, array, object }

function declared<T, D extends boolean>(document: object, shape: Shape): Declared<T, D> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- erasure point: the type of an input exists for tsc only
  return { document, shape } as Declared<T, D>
}
