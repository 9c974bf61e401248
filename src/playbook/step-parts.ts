import type { ActionRegistry } from '../core/action.ts'
import { UNKNOWN, type Reference, type Values as ExpressionValues } from '../expr/index.ts'
import type { Document } from './document.ts'
import type { Faults } from './faults.ts'
import type { Values } from './playbook.ts'
import type { ScopesFor } from './scope.ts'
import type { Taint } from './taint.ts'

/** What the check of one step works with. */
export type Checking = {
  readonly document: Document
  readonly actions: ActionRegistry
  readonly faults: Faults
  readonly taint: Taint
  readonly scopes: ScopesFor
  readonly id: string
}

/** The steps that references speak of. */
export function stepsIn(references: readonly Reference[]): string[] {
  const names = references.flatMap(({ path: [root, step] }) =>
    root === 'steps' && step !== undefined ? [step] : [],
  )
  return [...new Set(names)]
}

/**
 * What the engine knows, in the form of the expression language. Where a step is planned although its own condition is not
 * known yet, a step that is `there` whenever it runs may be known to be skipped.
 */
export function forExpressions(
  { inputs, steps, item }: Values,
  there: ReadonlySet<string> = nothing,
): ExpressionValues {
  const known = Object.entries(steps).flatMap(([id, value]) => {
    if (value.kind === 'absent' && !there.has(id)) return []
    return [[id, value.kind === 'output' ? value.output : UNKNOWN] as const]
  })
  return { inputs, steps: Object.fromEntries(known), ...(item === undefined ? {} : { item }) }
}

const nothing: ReadonlySet<string> = new Set()
