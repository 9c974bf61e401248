import type { FactType, NewFact } from '../core/fact.ts'

export type Step = { readonly run: string; readonly step: string }

/** What a fact makes of the rows by which guardrails count, and of the rows of who waits for one. */
export type Consequence =
  /** Nothing of it is under way any more: what it took up is free, unless its effect stays for a time. */
  | ({ readonly kind: 'settles' } & Step)
  /** Its effect stays for a time. */
  | ({ readonly kind: 'stays' } & Step)
  | ({ readonly kind: 'fails' } & Step)
  /** People take back what this run did. */
  | { readonly kind: 'is-undone'; readonly run: string }
  | ({ readonly kind: 'waits'; readonly key: string; readonly until: string | null } & Step)
  /** It waits for no guardrail any more. */
  | ({ readonly kind: 'goes-on' } & Step)

/** Of the facts of one commit, in their order. Both stores derive their rows by this, in the transaction of the facts. */
export function consequencesOf<T extends NewFact>(
  facts: readonly T[],
): { readonly fact: T; readonly what: Consequence }[] {
  return facts.flatMap((fact) => [...ofRun(fact, facts), ...ofStep(fact)].map((what) => ({ fact, what })))
}

/** What the type of a fact alone says about its step. */
const always: { readonly [T in FactType]?: readonly ('settles' | 'stays' | 'fails' | 'goes-on')[] } = {
  'step.intended': ['goes-on'],
  'step.succeeded': ['goes-on', 'settles'],
  'step.satisfied': ['goes-on', 'settles'],
  'step.skipped': ['goes-on', 'settles'],
  'step.failed': ['goes-on', 'settles', 'fails'],
  'step.in-doubt': ['fails'],
  'containment.started': ['stays'],
  'containment.lifted': ['settles'],
  'containment.kept': ['settles'],
}

function ofStep(fact: NewFact): Consequence[] {
  const { run, step } = fact
  if (run === undefined || step === undefined) return []
  if (fact.type === 'step.held')
    return [{ kind: 'waits', run, step, key: fact.data.key, until: fact.data.until ?? null }]
  const isAbsent = fact.type === 'step.probed' && fact.data.verdict === 'absent'
  const kinds = isAbsent ? (['settles'] as const) : (always[fact.type] ?? [])
  return kinds.map((kind) => ({ kind, run, step }))
}

function ofRun(fact: NewFact, all: readonly NewFact[]): Consequence[] {
  if (fact.type === 'run.requested') {
    const { undoes, expiry, mode } = fact.data
    const isUndo = undoes !== undefined && mode === 'run' && expiry === undefined && !isLift(fact, all)
    return isUndo ? [{ kind: 'is-undone', run: undoes }] : []
  }
  // What a person says of an effect in doubt settles it.
  const answered = fact.type === 'run.resumed' ? Object.keys(fact.data.answers) : []
  return answered.map((step) => ({ kind: 'settles', run: fact.run ?? '', step }))
}

/** That an effect is put back whose time was bounded from the beginning says nothing against the run. */
function isLift({ run, data }: NewFact & { type: 'run.requested' }, all: readonly NewFact[]): boolean {
  const steps = Object.keys(data.expects ?? {})
  return (
    steps.length === 1 &&
    all.some(
      (other) =>
        other.type === 'containment.lifting' && other.data.undo === run && other.data.as === steps[0],
    )
  )
}
