import type { Gate } from '../core/plan.ts'
import type { Breaker, Budget, Guardrails } from '../core/rules.ts'
import type { Ruling } from '../core/ruling.ts'
import { type Acting, type Fits, fitsAbout, knownOf, type Subject } from './about.ts'
import { breakerCount, budgetCount } from './budgets.ts'
import { distinctGates } from './gate.ts'
import { type Assessor, assessorOf, type Risk, riskGates } from './risk.ts'
import { type Shutter, shutterOf, windowGates, windowRuling } from './windows.ts'

/** An effect that is to come: what it is about, and how risky it is (`risksOf`). */
export type Deed = Subject & { readonly step: string; readonly risk: Risk }

/** The guardrails, ready to be asked. */
export type GuardBook = {
  readonly budgets: readonly Counting<Budget>[]
  readonly breakers: readonly Counting<Breaker>[]
  readonly windows: readonly Shutter[]
  readonly approvals: readonly Assessor[]
}

type Counting<G> = { readonly guardrail: G; readonly fits: Fits }

export function guardBook({
  budgets,
  breakers,
  windows,
  approvals,
}: Pick<Guardrails, 'budgets' | 'breakers' | 'windows' | 'approvals'>): GuardBook {
  return {
    budgets: budgets.map((guardrail) => ({ guardrail, fits: fitsAbout(guardrail.about) })),
    breakers: breakers.map((guardrail) => ({ guardrail, fits: fitsAbout(guardrail.about) })),
    windows: windows.map(shutterOf),
    approvals: approvals.map(assessorOf),
  }
}

/** Pure: the same guardrails, effect and moment (milliseconds since 1970) give the same ruling, in whatever order they stand. */
export function rulingOf(book: GuardBook, deed: Deed, now: number): Ruling {
  const known = knownOf(deed)
  const windows = fitting(book.windows, known)
  const gates = [
    ...windowGates(windows, known, now),
    ...riskGates(fitting(book.approvals, known), known, deed.risk),
  ]
  return {
    ...windowRuling(windows, now),
    gates: distinctGates(gates),
    counts: [
      ...fitting(book.budgets, known).map(({ guardrail }) => budgetCount(guardrail, known, deed.risk.fleet)),
      ...fitting(book.breakers, known).map(({ guardrail }) => breakerCount(guardrail, known)),
    ],
  }
}

/** Who must agree to these effects of one plan, by rules of risk and by windows that ask now. */
export function ruledGates(book: GuardBook, deeds: readonly Deed[], now: number): Gate[] {
  return distinctGates(
    deeds.flatMap((deed) => {
      const known = knownOf(deed)
      return [
        ...windowGates(fitting(book.windows, known), known, now),
        ...riskGates(fitting(book.approvals, known), known, deed.risk),
      ]
    }),
  )
}

function fitting<T extends { readonly fits: Fits }>(guardrails: readonly T[], known: Acting): readonly T[] {
  return guardrails.filter(({ fits }) => fits(known))
}
