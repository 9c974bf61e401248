import type { Json } from '../../core/json.ts'
import type { Secret } from '../../core/secret.ts'
import type { TERM, Term } from './term.ts'

// Types of references. None of these symbols exists when the program runs: they carry types through `tsc`, nothing else.

declare const TYPE: unique symbol
declare const NAMES: unique symbol
declare const INTEGER: unique symbol

/** An integer. Apart from `number`, because the expression language never takes a fraction for an integer. */
export type Int = number & { readonly [INTEGER]: true }

/**
 * What will be a `T` when the playbook runs: an expression, not a value. A reference fits where its type fits; one that
 * may be absent is no `Ref` but a `Maybe`.
 */
export interface Ref<T> {
  readonly [TERM]: Term
  readonly [TYPE]: T
}

/**
 * An object of a closed schema. `tsc` lets an object with more fields pass for one with fewer, a closed schema does not; so
 * the names of the fields are part of the type.
 */
export type Closed<F> = F & { readonly [NAMES]: keyof F & string }

/** A reference with what can be done with its value: fields of an object, methods of a text or a list. */
export type Typed<T> = undefined extends T
  ? Maybe<NonNullable<T>, Reasons<T>>
  : null extends T
    ? Json extends T
      ? Ref<T>
      : Maybe<NonNullable<T>, 'null'>
    : Ref<T> & Abilities<T>

type Abilities<T> = [T] extends [string]
  ? TextMethods
  : [T] extends [number | boolean | Secret]
    ? unknown
    : [T] extends [readonly (infer I)[]]
      ? ListMethods<I> & ([I] extends [string] ? Joining : unknown)
      : string extends keyof T
        ? MapMethods<T[keyof T]>
        : { readonly [K in keyof T & string]: Typed<T[K]> }

type TextMethods = {
  size(): Ref<Int>
  startsWith(text: Operand<string>): Ref<boolean>
  endsWith(text: Operand<string>): Ref<boolean>
  contains(text: Operand<string>): Ref<boolean>
  trim(): Typed<string>
  /** The separator is a constant that is not empty. */
  split(separator: string): Typed<readonly string[]>
}

/** The first argument of a macro is the name of the item in the text: people review that text. */
type ListMethods<I> = {
  size(): Ref<Int>
  filter(name: string, keep: (item: Typed<I>) => Ref<boolean>): Typed<readonly I[]>
  map<R>(name: string, make: (item: Typed<I>) => Ref<R>): Typed<readonly R[]>
  exists(name: string, test: (item: Typed<I>) => Ref<boolean>): Ref<boolean>
  all(name: string, test: (item: Typed<I>) => Ref<boolean>): Ref<boolean>
  /** `list[?index]`: there may be nothing at that place. */
  at(index: Operand<Int>): Maybe<NonNullable<I>>
}

type Joining = { join(separator: Operand<string>): Typed<string> }

type MapMethods<V> = {
  size(): Ref<Int>
  /** `map[?key]`. */
  at(key: Operand<string>): Maybe<NonNullable<V>>
}

type Why = 'absent' | 'null'
type Reasons<T> = (undefined extends T ? 'absent' : never) | (null extends T ? 'null' : never)

/** A value that may be absent or null: the output of a step with `when`, an optional field, a place in a list. */
export interface MaybeRef<T, W extends Why> {
  readonly [TERM]: Term
  readonly [TYPE]: { readonly maybe: T; readonly why: W }
}

/** A `MaybeRef` with its way out: `orValue`, or the fields, which may be absent then too. */
export type Maybe<T, W extends Why = 'absent'> = MaybeRef<T, W> & Guards<T>

type Guards<T> = [T] extends [string]
  ? { orValue<const F extends string>(fallback: F | Ref<F>): Typed<T | F> }
  : [T] extends [number | boolean]
    ? { orValue(fallback: Operand<T>): Typed<T> }
    : [T] extends [readonly unknown[]]
      ? { orValue(fallback: Constant<T> | Ref<T>): Typed<T> }
      : [T] extends [Secret]
        ? unknown
        : string extends keyof T
          ? unknown
          : { readonly [K in keyof T & string]: Maybe<NonNullable<T[K]>> }

/** What can be written down where a `T` is meant. */
export type Constant<T> = [T] extends [number]
  ? number
  : T extends readonly (infer I)[]
    ? readonly Constant<I>[]
    : T

/** A constant or a reference, as part of an expression. */
type Operand<T> = Constant<T> | Ref<T>

/** Text with references in it, as the tag `text` makes it: for `with`. */
export interface Template {
  readonly [TYPE]: 'template'
  readonly template: string
}

/**
 * What a field of `with` takes. A template is refused where only certain texts are allowed, a secret is taken by a secret
 * only, and what may be absent is taken where the field may be left out.
 */
type Value<T> =
  | Given<Exclude<T, undefined>>
  | (undefined extends T ? MaybeRef<NonNullable<T>, Reasons<T>> : null extends T ? Nullable<T> : never)

type Nullable<T> = Json extends T ? never : MaybeRef<NonNullable<T>, 'null'>

type Given<T> = Json extends T ? Json | Ref<Json> | Template : Ref<NonNullable<T>> | Written<T>

type Written<T> = T extends string
  ? T | (string extends T ? Template : never)
  : T extends number
    ? number
    : T extends boolean | null
      ? T
      : T extends Secret
        ? never
        : T extends readonly (infer I)[]
          ? readonly Value<I>[]
          : Fields<T>

/**
 * The fields of an object that is written down: those that may be absent may be left out. A reference has fields too, but
 * goes whole.
 */
export type Fields<T> = Flat<
  {
    readonly [K in keyof T & string as undefined extends T[K] ? never : K]: Value<T[K]>
  } & {
    readonly [K in keyof T & string as undefined extends T[K] ? K : never]?: Value<T[K]>
  } & { readonly [TERM]?: never }
>
/** As one type, or `tsc` would report the whole step and not the field. */
type Flat<T> = { readonly [K in keyof T]: T[K] }
