import { FirebreakError } from '../core/errors.ts'
import { buildEnvironment } from './environment.ts'
import type { CelEnvironment } from './environment.ts'
import type { Shape } from './shape.ts'

/** The names an expression may use, and their shapes. */
export type Scope = {
  readonly variables: { readonly [name: string]: Shape }
  /** True where `succeeded()`, `failed()` and `always()` may be used: in `when`. */
  readonly status: boolean
  /** The cel-js side of it; for this folder only. */
  readonly environment: CelEnvironment
}

const NAME = /^[a-z][a-zA-Z0-9_]*$/

/** Names that cel-js declares itself, or reserves. */
const TAKEN = new Set(
  (
    'bool bytes double int list map null_type string type uint google cel optional true false null in as break const ' +
    'continue else for function if import let loop package namespace return var void while prototype'
  ).split(' '),
)

/** Throws `expr.bad-name` for a name that the language has taken. A scope is made once and used for many expressions. */
export function createScope(
  variables: { readonly [name: string]: Shape },
  { status = false }: { readonly status?: boolean } = {},
): Scope {
  for (const name of Object.keys(variables)) {
    if (NAME.test(name) && !TAKEN.has(name)) continue
    throw new FirebreakError('expr.bad-name', `${name} cannot be a variable of an expression.`, {
      remedy: 'Use a name that matches [a-z][a-zA-Z0-9_]* and is no word of the language.',
    })
  }
  return { variables, status, environment: buildEnvironment(variables) }
}

/** The same names, and `succeeded()`, `failed()` and `always()` with them. Costs nothing: the cel-js side is shared. */
export function withStatus(scope: Scope): Scope {
  return { ...scope, status: true }
}
