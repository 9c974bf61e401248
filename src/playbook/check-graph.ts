import type { ActionRegistry } from '../core/action.ts'
import type { CheckedStep } from './checked.ts'
import { RUN } from './document.ts'
import type { Faults } from './faults.ts'
import { inOrder } from './graph.ts'
import { checkInputTypes } from './input-types.ts'
import { checkOutputs, type Output } from './outputs.ts'
import type { Step } from './playbook.ts'
import type { Readable } from './readable.ts'
import { scopesOf, type ScopesFor } from './scope.ts'
import { checkStep } from './steps.ts'

export type Graph = {
  readonly steps: ReadonlyMap<string, CheckedStep>
  readonly ordered: readonly Step[]
  readonly outputs: ReadonlyMap<string, Output>
  readonly scopes: ScopesFor
}

/** Checks types and edges: what could make a run fail. */
export function checkGraph({ document, taint }: Readable, actions: ActionRegistry, faults: Faults): Graph {
  for (const [id, { action }] of Object.entries(document.steps))
    if (!Object.hasOwn(actions, action)) taint.step(id)
  checkInputTypes(document, faults, taint)
  const scopes = scopesOf(document, actions)
  const checked = Object.entries(document.steps).flatMap(([id, { action }]) =>
    // Why the playbook that it runs is not known has been said.
    action === RUN ? [] : (checkStep({ document, actions, faults, taint, scopes, id }) ?? []),
  )
  const ordered = inOrder(
    checked.map(({ step }) => step),
    faults,
  )
  const outputs = checkOutputs(document, { faults, taint, scope: () => scopes({}).plain })
  return { steps: new Map(checked.map((step) => [step.id, step])), ordered, outputs, scopes }
}
