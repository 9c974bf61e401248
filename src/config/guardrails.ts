import { parseDuration } from '../core/duration.ts'
import type { About, Breaker, Budget, Guardrails, Limit, RiskRule, Window } from '../core/rules.ts'
import type { Path } from '../core/yaml.ts'
import { withoutUndefined } from './defined.ts'
import { approveOf } from './permissions.ts'
import type { ConfigFile } from './schema.ts'

/** Says in which line of the file something stands. */
export type LineOf = (path: Path) => number

/** What holds whatever a playbook says. Needs no secrets. */
export function guardrailsOf({ guardrails, approvals }: ConfigFile, lineOf: LineOf): Guardrails {
  const { neverTouch, budgets, breakers, windows, thaw } = guardrails
  const line = (part: string) => (index: number) => lineOf(['guardrails', part, index])
  return {
    neverTouch: neverTouch.map(withoutUndefined),
    budgets: budgets.map((entry, index) => budgetOf(entry, line('budgets')(index))),
    breakers: breakers.map((entry, index) => breakerOf(entry, line('breakers')(index))),
    windows: windows.map((entry, index) => windowOf(entry, line('windows')(index))),
    approvals: approvals.map((entry, index) => riskRuleOf(entry, lineOf(['approvals', index]))),
    thaw: { count: thaw.count, withinMs: msOf(thaw.within) },
  }
}

type Entries = ConfigFile['guardrails']
export type WindowEntry = Entries['windows'][number]

function budgetOf(entry: Entries['budgets'][number], line: number): Budget {
  const { name, limit, per, each, over, ...about } = entry
  return {
    name,
    line,
    about: aboutOf(about),
    limit: limitOf(limit),
    ...(per === undefined ? {} : { windowMs: msOf(per) }),
    each,
    over: over === 'wait' ? over : approveOf(over.ask),
  }
}

function breakerOf(entry: Entries['breakers'][number], line: number): Breaker {
  const { name, failures, per, each, ask, ...about } = entry
  return { name, line, about: aboutOf(about), failures, windowMs: msOf(per), each, ask: approveOf(ask) }
}

function windowOf(entry: WindowEntry, line: number): Window {
  const { name, during, outside, over, ...about } = entry
  return {
    name,
    line,
    about: aboutOf(about),
    during: duringOf(during),
    outside,
    over: typeof over === 'string' ? over : approveOf(over.ask),
  }
}

export function duringOf(during: WindowEntry['during']): Window['during'] {
  if ('cron' in during) return { cron: during.cron, forMs: msOf(during.for), timezone: during.timezone }
  return { from: Date.parse(during.from), until: Date.parse(during.until) }
}

function riskRuleOf(entry: ConfigFile['approvals'][number], line: number): RiskRule {
  const { name, targets, share, loses, noUndo, confidence, ask, ...about } = entry
  return {
    name,
    line,
    about: aboutOf(about),
    ...withoutUndefined({ targets, loses, noUndo, confidence }),
    ...(share === undefined ? {} : { share: percentOf(share) }),
    ask: [ask].flat().map(approveOf),
  }
}

type AboutEntry = { readonly [K in keyof About]: About[K] | undefined }

function aboutOf(about: AboutEntry): About {
  return withoutUndefined(about)
}

function limitOf(limit: number | string): Limit {
  if (typeof limit === 'number') return { kind: 'count', value: limit }
  return { kind: 'percent', value: percentOf(limit) }
}

/** The schema has checked the form. */
export function percentOf(text: string): number {
  return Number(text.slice(0, -1))
}

function msOf(duration: string): number {
  return parseDuration(duration) ?? 0
}
