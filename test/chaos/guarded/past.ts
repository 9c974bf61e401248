import type { Fact, FactType } from '../../../src/core/fact.ts'
import type { Cast } from './cast.ts'
import type { Schedule } from './schedule.ts'
import type { Truth } from './situation.ts'

/** From the moment of which it could have been known what was so, to the one at which it was written. */
type Span = readonly [number, number]

/** An effect that is to come, and what the journal held before it. */
export type Intent = {
  /** `run1/a` */
  readonly effect: string
  readonly fact: Fact & { readonly type: 'step.intended' }
  readonly before: readonly Fact[]
  readonly span: Span
  /** The time at the beginning of the span. */
  readonly judgedAt: number
}

/** What has happened, who people were, and what should have held. */
export type Past = { readonly facts: readonly Fact[]; readonly cast: Cast; readonly truth: Truth }

export const ends: ReadonlySet<FactType> = new Set([
  'run.succeeded',
  'run.failed',
  'run.cancelled',
  'run.rejected',
  'run.expired',
])

export function pastOf(schedule: Schedule): Past {
  return { facts: schedule.facts(), cast: schedule.cast, truth: schedule.situation.truth }
}

export function intentsOf(schedule: Schedule): Intent[] {
  const facts = schedule.facts()
  return schedule.commits.flatMap(({ facts: written, since, moment }) =>
    written.flatMap((fact) => {
      if (fact.type !== 'step.intended') return []
      const judgedAt = schedule.times[since] ?? 0
      const before = facts.slice(0, facts.indexOf(fact))
      return [{ effect: `${fact.run}/${fact.step}`, fact, before, span: [since, moment] as const, judgedAt }]
    }),
  )
}

/** The facts of one type among these. */
export function ofType<T extends FactType>(facts: readonly Fact[], type: T): (Fact & { readonly type: T })[] {
  return facts.filter((fact): fact is Fact & { readonly type: T } => fact.type === type)
}
