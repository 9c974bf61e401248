import { checkExpression } from './check.ts'
import type { Expression, Reference } from './check.ts'
import { evaluate } from './evaluate.ts'
import type { Status, Values } from './evaluate.ts'
import type { Problem } from './problem.ts'
import type { Scope } from './scope.ts'
import { computed, describe } from './shape.ts'
import type { Shape } from './shape.ts'
import { splitTemplate } from './template-parts.ts'
import type { TemplatePart } from './template-parts.ts'
import { UNKNOWN } from './unknown.ts'

type CheckedPart = string | Expression

/** A text scalar that is checked. Places in it count from the start of the whole text. */
export type Template = {
  readonly shape: Shape
  readonly references: readonly Reference[]
  /** False when there is no expression in it: then it is the constant that `evaluateTemplate` gives. */
  readonly dynamic: boolean
  /** For this folder only. */
  readonly parts: readonly CheckedPart[]
}

export type CheckedTemplate =
  | { readonly ok: true; readonly template: Template }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/**
 * Checks a text with `${{ … }}` in it. One expression and nothing else gives its value with its type; with text around it,
 * everything is joined to a text, from texts, numbers, true and false. `$${{` stands for `${{`.
 */
export function checkTemplate(text: string, scope: Scope): CheckedTemplate {
  const split = splitTemplate(text)
  if (!split.ok) return { ok: false, problems: [split.problem] }
  const alone = split.parts.length === 1
  const checked = split.parts.map((part) => checkPart({ part, alone, scope }))
  const problems = checked.flatMap((part) => ('problems' in part ? part.problems : []))
  if (problems.length > 0) return { ok: false, problems }
  const parts = checked.flatMap((part) => ('part' in part ? [part.part] : []))
  const expressions = parts.filter((part) => typeof part !== 'string')
  const references = expressions.flatMap((expression) => expression.references)
  return {
    ok: true,
    template: { shape: shapeOfParts(parts), references, dynamic: expressions.length > 0, parts },
  }
}

function shapeOfParts(parts: readonly CheckedPart[]): Shape {
  const [only = '', ...more] = parts
  if (more.length > 0) return computed
  return typeof only === 'string' ? { kind: 'string', enum: [only] } : only.shape
}

type PartResult = { readonly part: CheckedPart } | { readonly problems: readonly Problem[] }

function checkPart({ part, alone, scope }: { part: TemplatePart; alone: boolean; scope: Scope }): PartResult {
  if (part.kind === 'text') return { part: part.text }
  const checked = checkExpression(part.source, scope)
  if (!checked.ok) return { problems: checked.problems.map((problem) => shift(problem, part.start)) }
  const { expression } = checked
  const problem = alone ? undefined : refuseInText(part, expression.shape)
  if (problem) return { problems: [problem] }
  return {
    part: {
      ...expression,
      references: expression.references.map((reference) => shift(reference, part.start)),
    },
  }
}

function shift<T extends { readonly start: number; readonly end: number }>(place: T, by: number): T {
  return { ...place, start: place.start + by, end: place.end + by }
}

type ExpressionPart = Extract<TemplatePart, { kind: 'expression' }>

function refuseInText(part: ExpressionPart, shape: Shape): Problem | undefined {
  if (['string', 'int', 'double', 'bool'].includes(shape.kind)) return undefined
  const text = part.source.trim()
  const start = part.start + part.source.indexOf(text)
  const place = { start, end: start + text.length }
  if (shape.kind === 'secret') {
    const remedy = 'Pass it on whole: the expression alone, without text around it.'
    return { ...place, code: 'expr.secret', message: 'A secret cannot be part of a text.', remedy }
  }
  if (shape.kind === 'optional' || shape.kind === 'nullable') {
    const remedy = `Write ${text.replace(/\.(\w+)$/, '.?$1')}.orValue(…).`
    return { ...place, code: 'expr.unguarded', message: `${text} may be absent or null.`, remedy }
  }
  const remedy = shape.kind === 'list' ? 'Write list.join(", ").' : 'Name one of its fields.'
  return { ...place, code: 'expr.type', message: `${describe(shape)} cannot be part of a text.`, remedy }
}

/** The value of a checked template, or `UNKNOWN`. See `evaluate`. */
export function evaluateTemplate(template: Template, values: Values, status?: Status): unknown {
  const made = template.parts.map((part) =>
    typeof part === 'string' ? part : evaluate(part, values, status),
  )
  if (made.includes(UNKNOWN)) return UNKNOWN
  return made.length === 1 ? made[0] : made.map(String).join('')
}
