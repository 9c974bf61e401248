import type { PlanLine } from '../core/plan.ts'
import type { Clock } from '../core/ports.ts'
import type { Guardrails } from '../core/rules.ts'
import type { RunState } from '../core/run.ts'
import type { EngineParts } from '../engine/parts.ts'
import { risksOf } from '../policy/risk.ts'
import { type Deed, guardBook, ruledGates, rulingOf } from '../policy/ruling.ts'
import { pointsOfPlan, type Places } from './points.ts'

type Known = Places & {
  readonly config: { readonly guardrails: Guardrails }
  readonly clock: Clock
}

/** What the guardrails of the configuration say of lines of a run, at this moment. */
export function createRulings(known: Known): Pick<EngineParts['policy'], 'gates' | 'ruling'> {
  const book = guardBook(known.config.guardrails)
  return {
    gates: (run, lines, plan) => ruledGates(book, deedsOf(known, run, { lines, plan }), known.clock.now()),
    ruling: (run, line) => {
      const others = run.plan?.lines.filter(({ step }) => step !== line.step) ?? []
      const [deed] = deedsOf(known, run, { lines: [line], plan: [...others, line] })
      if (deed === undefined) throw new Error('a line is one deed')
      return rulingOf(book, deed, known.clock.now())
    },
  }
}

type Lines = { readonly lines: readonly PlanLine[]; readonly plan: readonly PlanLine[] }

function deedsOf(known: Places, run: RunState, { lines, plan }: Lines): Deed[] {
  const risk = risksOf(plan)
  const { route } = run.requested
  return pointsOfPlan(known, run, lines).map(({ line, ...point }) => ({
    ...point,
    action: line.action,
    ...(route === undefined ? {} : { route }),
    risk: risk(line),
  }))
}
