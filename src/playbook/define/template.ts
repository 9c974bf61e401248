import { definitionFault } from './fault.ts'
import type { Ref, Template } from './ref.ts'
import { hasTerm, LEVEL, quote, termOf, type Term } from './term.ts'

// Texts with `${{ … }}`. A constant is a constant: what looks like an expression in it is escaped.

type Part = Ref<string | number | boolean>

class Made {
  readonly template: string

  constructor(template: string) {
    this.template = template
  }
}

/** text`Key ${inputs.accessKeyId} is off` for a field of `with`: texts, numbers, true and false are joined to a text. */
export function text(strings: TemplateStringsArray, ...parts: readonly Part[]): Template {
  const terms = parts.map(termOf)
  const alone = terms.length === 1 && strings.every((string) => string === '')
  const pieces = strings.map((string, i) => {
    const term = terms[i]
    if (term === undefined) return escape(string)
    return beforeExpression(escape(string)) + expression(alone ? asText(term) : term)
  })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- erasure point: the type of a template exists for tsc only
  return new Made(pieces.join('')) as unknown as Template
}

/** One expression and nothing else keeps its type, so that a number would stay a number. */
function asText(term: Term): Term {
  if (term.shape.kind === 'string') return term
  return { ...term, text: `string(${term.text})`, level: LEVEL.primary }
}

function expression(term: Term): string {
  return `\${{ ${term.text} }}`
}

function escape(constant: string): string {
  // A function, because `$$` in a replacement is one dollar.
  return constant.replaceAll('${{', (open) => `$${open}`)
}

/** A dollar right before an expression would read as an escape. */
function beforeExpression(constant: string): string {
  return constant.endsWith('$') ? `${constant.slice(0, -1)}\${{ ${quote('$')} }}` : constant
}

/** A value of `with` as it stands in the text: references as expressions, whole. */
export function written(value: unknown): unknown {
  if (hasTerm(value)) return expression(termOf(value))
  if (value instanceof Made) return value.template
  if (typeof value === 'string') return escape(value)
  if (Array.isArray(value)) return value.map(written)
  if (value === undefined) {
    throw definitionFault(
      'a field of with is undefined',
      'Leave the field out, or name a reference that exists.',
    )
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, written(field)]))
}
