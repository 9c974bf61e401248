import type { Path } from '../../core/yaml.ts'
import { RUN } from '../document.ts'
import type { CheckedStep, Subject } from '../checked.ts'
import type { Fault } from '../faults.ts'

/** A fault, and where: a key, a value, or a character of a one-line text. */
export type Finding = Fault & { readonly path: Path; readonly on?: 'key' | 'value'; readonly index?: number }

/** One rule over the whole of a checked document. It looks, and changes nothing. */
export type Check = (subject: Subject) => readonly Finding[]

/** A check of each step by itself. */
export function eachStep(check: (step: CheckedStep, subject: Subject) => readonly Finding[]): Check {
  return (subject) => [...subject.steps.values()].flatMap((step) => check(step, subject))
}

export function isEffect({ action: { effect } }: CheckedStep): boolean {
  return effect === 'reversible' || effect === 'irreversible'
}

/** Whether it runs another playbook: which keys it may have is said where its steps take its place. */
export function isCall({ action: { name } }: CheckedStep): boolean {
  return name === RUN
}

/** Why the effect is not undone after what the playbook answers, where that is known beforehand. */
export function whyNeverUndone({ action }: CheckedStep, { document, taint }: Subject): string | undefined {
  if (action.effect !== 'reversible' || taint.hasHead('because')) return undefined
  return action.neverUndone?.[document.because]
}

/** Whether every step could be read in full: else nothing can be said to be missing. */
export function isWhole({ document, steps }: Subject): boolean {
  return Object.keys(document.steps).every((id) => steps.get(id)?.sound === true)
}
