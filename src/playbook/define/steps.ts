import type { z } from 'zod'
import type { ActionRegistry } from '../../core/action.ts'
import type { Document } from '../document.ts'
import type { Fields, Ref, Typed } from './ref.ts'
import type { TypeOf } from './schema-types.ts'

type StepText = z.input<typeof Document>['steps'][string]
type Unit = 's' | 'm' | 'h' | 'd'
/** A whole number with a unit, such as `30m`. */
type Duration = `${bigint}${Unit}`

/** Keys whose text has a form that a type can say. */
export type Precise<T> = {
  readonly [K in keyof T]: K extends 'timeout' | 'ttl' | 'within' | 'wait' | 'longest'
    ? Duration
    : K extends 'maxFailures'
      ? number | `${bigint}%`
      : T[K]
}

type Typable = 'action' | 'with' | 'after' | 'when' | 'forEach' | 'approve' | 'retry' | 'confirm'

/** The keys of a step that are the same here as in YAML, documented there. */
type Options = Precise<Omit<StepText, Typable>> & {
  readonly approve?: Precise<NonNullable<StepText['approve']>>
  readonly retry?: Precise<NonNullable<StepText['retry']>>
}

type Inputs<A> = A extends { readonly input: infer I } ? TypeOf<I, 'input'> : never
type Output<A> = A extends { readonly output: infer O } ? TypeOf<O, 'output'> : never

type Required<I> = { [K in keyof I & string]: undefined extends I[K] ? never : K }[keyof I & string]
type With<I> = [Required<I>] extends [never] ? { readonly with?: Fields<I> } : { readonly with: Fields<I> }

type Reads<R> = { [A in keyof R]: R[A] extends { readonly effect: 'read' } ? A : never }[keyof R] & string

/** A read after which it is known whether a person has done what a step asks for. */
type Confirm<R> = {
  [A in Reads<R>]: Pick<NonNullable<StepText['confirm']>, 'using'> &
    With<Inputs<R[A]>> & {
      readonly action: A
      /** What must hold of the result. */
      readonly that: (result: Typed<Output<R[A]>>) => Ref<boolean>
    }
}[Reads<R>]

/** What a person does by hand must be confirmed; of all else Firebreak itself knows whether it worked. */
type Confirmed<R, A> = A extends { readonly effect: 'manual' }
  ? { readonly confirm: Confirm<R> }
  : { readonly confirm?: never }

/** Only what an effect changed can end after a time; only a read and an effect can be tried again. */
type Timed<A> = A extends { readonly effect: 'reversible' | 'irreversible' }
  ? unknown
  : { readonly ttl?: never; readonly onExpiry?: never } & (A extends { readonly effect: 'read' }
      ? unknown
      : { readonly retry?: never })

/** A step of any action of the registry. `Known` are the steps that it may wait for: the ones defined before it. */
export type StepOf<R extends ActionRegistry, Known> = {
  [A in keyof R & string]: Options &
    With<Inputs<R[A]>> &
    Confirmed<R, R[A]> &
    Timed<R[A]> & {
      readonly action: A
      readonly after?: readonly Known[]
      /** The step is skipped when this is false, so that others must say what holds then. */
      readonly when?: Ref<boolean>
      /** As `each` sets it. */
      readonly forEach?: Ref<readonly unknown[]>
    }
}[keyof R & string]

/**
 * `tsc` does not look for extra keys in what a function returns, so this does: an extra one would have to be `never`.
 */
export type Strict<R extends ActionRegistry, S> = {
  readonly [K in Exclude<keyof S, keyof StepText>]: never
} & StrictWith<R, S> &
  (S extends { readonly confirm: infer C } ? { readonly confirm: StrictWith<R, C> } : unknown)

type StrictWith<R extends ActionRegistry, S> = S extends {
  readonly action: infer A extends keyof R
  readonly with: infer W
}
  ? { readonly with: { readonly [K in Exclude<keyof W, keyof Inputs<R[A]>>]: never } }
  : unknown

type OutputOf<R extends ActionRegistry, S> = S extends { readonly action: infer A extends keyof R }
  ? S extends { readonly forEach: unknown }
    ? readonly Output<R[A]>[]
    : Output<R[A]>
  : never

/** What a step gives to later ones: with `when`, or when its failure is tolerated, it may give nothing. */
export type Given<R extends ActionRegistry, S> =
  | OutputOf<R, S>
  | (MayGiveNothing<S> extends true ? undefined : never)

type MayGiveNothing<S> = 'when' extends keyof S
  ? true
  : 'onError' extends keyof S
    ? 'continue' extends S['onError']
      ? true
      : false
    : false

type Repeated<I> = { readonly forEach: Ref<readonly I[]> }

/** What a step may refer to. */
export type Scope<R extends ActionRegistry, Inputs, Steps, Known = keyof Steps> = {
  readonly inputs: { readonly [K in keyof Inputs]: Typed<Inputs[K]> }
  /** The steps defined before this one: an expression cannot make a circle. */
  readonly steps: { readonly [K in keyof Steps]: Typed<Steps[K]> }
  /** The step, once for each item of a list (`forEach`). */
  readonly each: <I, const S extends StepOf<R, Known>>(
    list: Ref<readonly I[]>,
    build: (item: Typed<I>) => S & Strict<R, S>,
  ) => S & Repeated<I>
}
