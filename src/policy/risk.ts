import type { Confidence } from '../core/change.ts'
import type { Gate, PlanLine } from '../core/plan.ts'
import type { RiskRule } from '../core/rules.ts'
import { type Acting, fitsAbout, type Fits } from './about.ts'
import { gateOf } from './gate.ts'

/** How risky a line is, by what it is and by the plan that it is part of. */
export type Risk = {
  /** How many different targets the plan touches. Absent: it cannot be counted yet. */
  readonly targets?: number
  /** How many of those are of the same kind in the same place. Absent: it cannot be counted yet. */
  readonly touched?: number
  /** How many there are of that kind. Absent: nobody can say. */
  readonly fleet?: number
  readonly loses: boolean
  /** Something puts it back. */
  readonly undo: boolean
  readonly confidence: Confidence
}

/**
 * The risk of each line of a plan. Branches for failures count as well: nobody knows yet which come true. While a line that
 * may act says of no target, nothing is counted.
 */
export function risksOf(plan: readonly PlanLine[]): (line: PlanLine) => Risk {
  const targets = new Set<string>()
  const groups = new Map<string, Group>()
  for (const line of plan) {
    if (line.kind !== 'change' || line.change === undefined) continue
    const { target, fleet } = line.change
    const id = `${placeOf(line)}\n${target.id}`
    targets.add(id)
    const group = groups.get(groupOf(line)) ?? { ids: new Set(), fleets: [] }
    group.ids.add(id)
    if (fleet !== undefined) group.fleets.push(fleet)
    groups.set(groupOf(line), group)
  }
  const countable = !plan.some(isUncounted)
  return (line) => {
    const group = groups.get(groupOf(line))
    const counted = countable && group !== undefined
    return {
      ...(counted ? { targets: targets.size, touched: group.ids.size } : {}),
      ...fleetOf(line, group),
      loses: line.change?.loses !== undefined,
      undo: line.undo?.kind === 'inverse',
      confidence: line.confidence,
    }
  }
}

type Group = { readonly ids: Set<string>; readonly fleets: number[] }

/** The smallest that any of them tells of, as between two reads something may have gone. */
function fleetOf({ change }: PlanLine, group: Group | undefined): { readonly fleet?: number } {
  if (change?.fleet === undefined) return {}
  return { fleet: Math.min(change.fleet, ...(group?.fleets ?? [])) }
}

/** Actions are named after their providers. */
function placeOf({ action, instance }: PlanLine): string {
  return `${action.split('.', 1)[0]}/${instance}`
}

function groupOf(line: PlanLine): string {
  return `${placeOf(line)}\n${line.change?.target.kind}`
}

/** A line that does not say what it touches, and may touch something once it is known, or possible. */
function isUncounted({ kind, effect }: PlanLine): boolean {
  return (kind === 'unknown' || kind === 'fails') && (effect === 'reversible' || effect === 'irreversible')
}

/**
 * What a rule of risk can name besides what it is about, and whether that holds of a line: what is not known is as risky as
 * it can be.
 */
export const conditions: { readonly [C in Condition]: (rule: RiskRule, risk: Risk) => boolean } = {
  targets: ({ targets: most = 0 }, { targets }) => targets === undefined || targets > most,
  share: ({ share = 0 }, risk) => exceeds(share, risk),
  loses: (_, { loses }) => loses,
  noUndo: (_, { undo }) => !undo,
  confidence: ({ confidence = [] }, risk) => confidence.includes(risk.confidence),
}
export type Condition = 'targets' | 'share' | 'loses' | 'noUndo' | 'confidence'

const all = ['targets', 'share', 'loses', 'noUndo', 'confidence'] as const satisfies readonly Condition[]

/** What this rule names of it. */
export function conditionsOf(rule: RiskRule): readonly Condition[] {
  return all.filter((condition) => rule[condition] !== undefined)
}

/** In whole numbers: a share is exceeded by one thing more. */
function exceeds(share: number, { touched, fleet }: Risk): boolean {
  return touched === undefined || fleet === undefined || touched * 100 > share * fleet
}

/** A rule of risk, ready to be asked. */
export type Assessor = { readonly rule: RiskRule; readonly key: string; readonly fits: Fits }

export function assessorOf(rule: RiskRule): Assessor {
  return { rule, key: `approvals/${rule.name}`, fits: fitsAbout(rule.about) }
}

/** Who must agree, by the rules that are about this. */
export function riskGates(
  fitting: readonly Assessor[],
  acting: Pick<Acting, 'step'>,
  risk: Risk,
): readonly Gate[] {
  return fitting
    .filter(({ rule }) => conditionsOf(rule).every((condition) => conditions[condition](rule, risk)))
    .flatMap(({ rule, key }) => rule.ask.map((ask) => gateOf(acting, ask, key)))
}
