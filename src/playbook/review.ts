import type { CheckContext, Subject } from './checked.ts'
import type { Graph } from './check-graph.ts'
import type { Check, Finding } from './checks/check.ts'
import type { Faults } from './faults.ts'
import { beforeOf } from './graph.ts'
import type { Readable } from './readable.ts'

type Review = { readonly file: string; readonly context: CheckContext; readonly checks: readonly Check[] }

/** What the checks that look at the whole find, each in a file of its own. */
export function findings(
  { document, taint }: Readable,
  { steps, outputs }: Graph,
  { file, context, checks }: Review,
): readonly Finding[] {
  const given = [...outputs.values()].flatMap(({ uses }) => uses)
  const subject: Subject = { file, document, context, taint, steps, given, before: beforeOf(steps) }
  return checks.flatMap((check) => check(subject))
}

export function report({ path, on, index, ...fault }: Finding, faults: Faults): void {
  if (on === 'key') faults.atKey(path, fault)
  else faults.at(path, fault, index)
}
