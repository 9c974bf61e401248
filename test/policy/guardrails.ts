import type { PlanLine } from '../../src/core/plan.ts'
import type { Breaker, Budget, Guardrails, RiskRule, Window } from '../../src/core/rules.ts'
import type { Risk } from '../../src/policy/risk.ts'
import type { Deed } from '../../src/policy/ruling.ts'

export const HOUR = 3_600_000
export const approver = { from: 'approver', count: 1, withinMs: HOUR / 2 }

export function guardrails(some: Partial<Guardrails>): Guardrails {
  return {
    neverTouch: [],
    budgets: [],
    breakers: [],
    windows: [],
    approvals: [],
    thaw: { count: 2, withinMs: HOUR / 2 },
    ...some,
  }
}

export function budget(name: string, more: Partial<Budget>): Budget {
  return { name, line: 1, about: {}, limit: { kind: 'count', value: 10 }, each: [], over: 'wait', ...more }
}

export function breaker(name: string, more: Partial<Breaker>): Breaker {
  return { name, line: 1, about: {}, failures: 3, windowMs: HOUR, each: [], ask: approver, ...more }
}

/** The weekend in Berlin, unless it says otherwise. */
export function window(name: string, more: Partial<Window>): Window {
  const during = { cron: '0 18 * * FRI', forMs: 62 * HOUR, timezone: 'Europe/Berlin' }
  return { name, line: 1, about: {}, during, outside: false, over: 'wait', ...more }
}

export function risky(name: string, more: Partial<RiskRule>): RiskRule {
  return { name, line: 1, about: {}, ask: [approver], ...more }
}

export function between(from: string, until: string): Window['during'] {
  return { from: Date.parse(from), until: Date.parse(until) }
}

function risk(more: Partial<Risk> = {}): Risk {
  return { targets: 1, touched: 1, fleet: 20, loses: false, undo: true, confidence: 'verified', ...more }
}

/** Scales an endpoint in production down, by a playbook that a route began. */
export function deed({
  risk: of,
  ...more
}: Partial<Omit<Deed, 'risk'>> & { risk?: Partial<Risk> } = {}): Deed {
  return {
    step: 'down',
    playbook: 'compromised-endpoint',
    because: 'compromise',
    severity: 'high',
    effect: 'reversible',
    instance: 'kubernetes/gpu',
    environment: 'production',
    action: 'kubernetes.scale',
    route: 'falco',
    risk: risk(of),
    ...more,
  }
}

/** A line of a plan that changes this target. */
export function line(step: string, more: Partial<PlanLine> & { id?: string; fleet?: number } = {}): PlanLine {
  const { id = step, fleet, ...rest } = more
  return {
    step,
    action: 'kubernetes.scale',
    contract: 1,
    title: step,
    effect: 'reversible',
    instance: 'gpu',
    kind: 'change',
    onFailure: false,
    confidence: 'verified',
    change: {
      target: { kind: 'kubernetes.deployment', id, name: id },
      before: { replicas: 1 },
      after: { replicas: 0 },
      confidence: 'verified',
      output: {},
      ...(fleet === undefined ? {} : { fleet }),
    },
    undo: { kind: 'inverse', action: 'kubernetes.scale', input: {} },
    summary: step,
    digest: `sha256:${step}`,
    ...rest,
  }
}
