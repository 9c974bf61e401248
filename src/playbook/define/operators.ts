import { bool, type Shape } from '../../expr/index.ts'
import type { Constant, MaybeRef, Ref, Typed } from './ref.ts'
import { exprOf, refTo } from './reference.ts'
import { LEVEL, operand, primary, quote, termOf, under, type Term } from './term.ts'

// What is an operator or a function in CEL is a function here; what is a method in CEL is a method of the reference.

type Scalar = string | number | boolean
type Widened<T> = T extends string ? string : T extends boolean ? boolean : T
/** The other side of a comparison. A constant must be one that the left side can be. */
type Same<T> = NoInfer<Constant<T>> | Ref<Widened<T>>

function relation(operator: string, left: Term, right: Term): Typed<boolean> {
  // Neither side may be a comparison itself: `a == b == c` reads as nobody means it.
  const text = `${under(LEVEL.relation + 1, left)} ${operator} ${under(LEVEL.relation + 1, right)}`
  return refTo({ text, level: LEVEL.relation, shape: bool })
}

function comparison(operator: string, left: unknown, right: unknown): Typed<boolean> {
  const term = termOf(left)
  return relation(operator, term, operand(right, term.shape))
}

/** `left == right` */
export function eq<T extends Scalar>(left: Ref<T>, right: Same<T>): Ref<boolean> {
  return comparison('==', left, right)
}

/** `left != right` */
export function ne<T extends Scalar>(left: Ref<T>, right: Same<T>): Ref<boolean> {
  return comparison('!=', left, right)
}

/** `left < right` */
export function lt<T extends string | number>(left: Ref<T>, right: Same<T>): Ref<boolean> {
  return comparison('<', left, right)
}

/** `left <= right` */
export function le<T extends string | number>(left: Ref<T>, right: Same<T>): Ref<boolean> {
  return comparison('<=', left, right)
}

/** `left > right` */
export function gt<T extends string | number>(left: Ref<T>, right: Same<T>): Ref<boolean> {
  return comparison('>', left, right)
}

/** `left >= right` */
export function ge<T extends string | number>(left: Ref<T>, right: Same<T>): Ref<boolean> {
  return comparison('>=', left, right)
}

/** `item in list` */
export function isIn<T extends Scalar>(
  item: Ref<T>,
  list: readonly NoInfer<Constant<T>>[] | Ref<readonly Widened<T>[]>,
): Ref<boolean> {
  const term = termOf(item)
  return relation('in', term, operand(list, { kind: 'list', item: term.shape }))
}

type Condition = Ref<boolean>
/** One or more. */
type Conditions = readonly [Condition, ...Condition[]]

/** `a && b && …` */
export function and(...conditions: Conditions): Ref<boolean> {
  return joined('&&', LEVEL.and, conditions)
}

/** `a || b || …` */
export function or(...conditions: Conditions): Ref<boolean> {
  return joined('||', LEVEL.or, conditions)
}

function joined(operator: string, level: number, conditions: Conditions): Typed<boolean> {
  const terms = conditions.map(termOf)
  const [first] = terms
  if (terms.length === 1 && first) return refTo(first)
  const text = terms.map((term) => under(level, term)).join(` ${operator} `)
  return refTo({ text, level, shape: bool })
}

/** `!condition` */
export function not(condition: Condition): Ref<boolean> {
  return refTo({ text: `!${under(LEVEL.unary, termOf(condition))}`, level: LEVEL.unary, shape: bool })
}

/** Whether a value that may be absent or null is there. */
export function has(value: MaybeRef<unknown, 'absent' | 'null'>): Ref<boolean> {
  const term = termOf(value)
  return refTo(primary(term.maybe?.asked ?? `has(${term.text})`, bool))
}

/** Whether a text matches a pattern in RE2 syntax, somewhere: write `^` and `$` for the whole of it. */
export function re(text: Ref<string>, pattern: string): Ref<boolean> {
  return refTo(primary(`re(${termOf(text).text}, ${quote(pattern)})`, bool))
}

const undeclared: Shape = { kind: 'json' }

/**
 * Any expression, by its text: the way out where there is no function for it. `tsc` takes the type on trust; the checker
 * of the text does not, and refuses a name or type that is wrong when `toText` is called. What it gives goes whole: it has no
 * fields and no methods, nor has the item of a list that it gives; write `cel<string>('item.name')`.
 */
export function cel<T>(source: string): Ref<T> {
  return exprOf<T>({ text: source, level: LEVEL.raw, shape: undeclared })
}
