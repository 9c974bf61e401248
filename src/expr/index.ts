/**
 * CEL made total and typed. The one door to this folder; nothing else in Firebreak touches cel-js or re2js.
 *
 * The language is a part of CEL (cel.dev): constants, `a.b`, `a.?b`, `list[?i]`, `map[?"k"]`, lists, `? :`, `&& || !`,
 * `== != < <= > >= in`, `+ - * / %`, `has(a.b)`, `orValue`, `hasValue`, `map`, `filter`, `all`, `exists`, `exists_one`, `size`,
 * `string`, `int`, `double`, `startsWith`, `endsWith`, `contains`, `indexOf`, `lastIndexOf`, `trim`, `split`, `join`, and our own
 * `re(text, "pattern")`, `lower`, `upper`, `clamp(x, lowest, highest)`; in conditions also `succeeded()`, `failed()`, `always()`.
 *
 * - Optional and null: a value that may be absent or null is reached by `.?` and `orValue`, or after `has()` in `? :`, `&&`, `||`.
 *   Null counts as absent, in maps too.
 * - Numbers: bounds are computed from the schemas. Arithmetic that may leave 64 bits (or give an infinity) is refused.
 *   An integer result beyond ±(2^53 − 1), where JSON's integers end, is brought to that end.
 * - Texts: a reference, also through `map`, `filter`, `? :` and `orValue`, keeps enum, pattern and lengths. What `+`, `string(…)` and
 *   the like make is *computed*: patterns and lengths are then checked by the target's schema when a run is planned.
 * - Secrets are passed on whole or not at all.
 */
export { accepts, contains } from './accepts.ts'
export { checkCondition, checkExpression } from './check.ts'
export type { Expression, Reference } from './check.ts'
export { conjunctsOf } from './conjuncts.ts'
export { constantOf } from './constant.ts'
export { evaluate } from './evaluate.ts'
export type { Status, Values } from './evaluate.ts'
export { didYouMean, nearest } from './nearest.ts'
export { compilePattern } from './pattern.ts'
export type { Problem } from './problem.ts'
export { createScope, withStatus } from './scope.ts'
export type { Scope } from './scope.ts'
export {
  bool,
  computed,
  describe,
  double,
  fieldOf,
  holdsSecret,
  int,
  listOf,
  objectOf,
  optional,
  peel,
  string,
} from './shape.ts'
export type { ListShape, NumberShape, ObjectShape, RecordShape, Shape, StringShape } from './shape.ts'
export { shapeOf } from './shape-of.ts'
export { checkTemplate, evaluateTemplate } from './template.ts'
export type { Template } from './template.ts'
export { splitTemplate } from './template-parts.ts'
export { UNKNOWN } from './unknown.ts'
