import type { z } from 'zod'
import type { Json } from '../../core/json.ts'
import type { Closed, Int } from './ref.ts'

/**
 * The type of what a schema takes (`input`) or gives (`output`), as expressions see it: `shapeOf` in types. Absent is a
 * member of the type (`undefined`), because a reference must tell a field that may be absent from one that is not declared.
 */
export type TypeOf<Z, Io extends 'input' | 'output'> =
  Z extends z.ZodOptional<infer I>
    ? TypeOf<I, Io> | undefined
    : Z extends z.ZodNullable<infer I>
      ? TypeOf<I, Io> | null
      : Z extends z.ZodDefault<infer I>
        ? TypeOf<I, Io> | (Io extends 'input' ? undefined : never)
        : Composite<Z, Io>

type Composite<Z, Io extends 'input' | 'output'> =
  Z extends z.ZodObject<infer F>
    ? Closed<{ readonly [K in keyof F]: TypeOf<F[K], Io> }>
    : Z extends z.ZodArray<infer I>
      ? readonly TypeOf<I, Io>[]
      : Z extends z.ZodRecord<infer K, infer V>
        ? { readonly [Name in z.output<K> & string]: TypeOf<V, Io> }
        : Z extends z.ZodInt
          ? Int
          : Z extends z.ZodType<infer T>
            ? Plain<T>
            : never

type Plain<T> = unknown extends T ? Json : T
