import type { Effect } from './action.ts'
import type { Because } from './because.ts'
import type { Confidence } from './change.ts'
import type { Json } from './json.ts'
import type { ApproveRule, PlaybookInfo } from './playbook.ts'

// What `firebreak.yaml` says and policy and alerts act on: one shape for whoever reads it and whoever obeys it.

/** What people may do by role. Approving is apart: there the gate names the role. */
export type Verb =
  | 'plan'
  | 'run'
  | 'cancel'
  | 'undo'
  | 'resume'
  | 'renew'
  | 'keep'
  | 'freeze'
  | 'thaw'
  | 'hold'
  | 'breakGlass'
  | 'review'

/** What a rule can be about. Freezing and thawing stop and free everything, so that only the table of roles says who may. */
export const ruleVerbs = [
  'plan',
  'run',
  'approve',
  'cancel',
  'undo',
  'resume',
  'renew',
  'keep',
  'hold',
  'breakGlass',
  'review',
] as const satisfies readonly (Verb | 'approve')[]
export type RuleVerb = (typeof ruleVerbs)[number]

/**
 * A row of the permissions that is about less than everything: of all rows that fit what somebody asks for, the most
 * specific one says who may (core/rule-order.ts), and nobody else may. What a row does not name fits everything.
 */
export type PermissionRule = {
  readonly name: string
  /** Where it stands in firebreak.yaml. */
  readonly line: number
  readonly verbs: readonly RuleVerb[]
  /** `kubernetes/gpu`: a provider and one of its instances. */
  readonly instances?: readonly string[]
  readonly environments?: readonly string[]
  readonly effects?: readonly Effect[]
  /** With `*` and `?`. */
  readonly playbooks?: readonly string[]
  readonly because?: readonly Because[]
  readonly severities?: readonly PlaybookInfo['severity'][]
  /** Roles that may. Empty: nobody. */
  readonly who: readonly string[]
  /** Routes of alerts that may run it and ask nobody; every other one asks, where anybody may. */
  readonly routes: readonly string[]
  /** Roles that may run it if people agree first. */
  readonly ask?: { readonly who: readonly string[]; readonly approve: ApproveRule }
}

/** What a route may do by itself. What a plan holds beyond that asks people. */
export type RouteAuthority = {
  readonly effects?: readonly Effect[]
  readonly environments?: readonly string[]
  /** Who must agree to the rest. */
  readonly ask?: ApproveRule
}

/** A target that is never touched: every field that is given must match (with `*` and `?`). */
export type NeverTouchRule = {
  readonly kind?: string
  readonly id?: string
  readonly name?: string
  readonly namespace?: string
  readonly account?: string
  /** All of them; a target of which no labels are known has none. */
  readonly labels?: { readonly [label: string]: string }
}

/**
 * Where an input comes from: a constant, or expressions over the alert. Its texts are hostile and become data only, which
 * the playbook's declared types check. `Template` is the expression language's, which core does not know.
 */
export type RouteInput<Template> =
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'template'; readonly template: Template }
  | { readonly kind: 'list'; readonly items: readonly RouteInput<Template>[] }

type RouteBase = {
  readonly name: string
  readonly source: string
  /** All labels must match, each with one of its values. */
  readonly match: { readonly [label: string]: readonly string[] }
}

/** What an alert starts. */
export type Route<Template> =
  | (RouteBase & { readonly mode: 'ignore' })
  | (RouteBase & {
      readonly mode: 'auto' | 'propose'
      readonly playbook: string
      readonly inputs: { readonly [name: string]: RouteInput<Template> }
      readonly approve?: ApproveRule
      readonly authority?: RouteAuthority
    })

/** What a guardrail is about. What it does not name fits everything. */
export type About = Pick<
  PermissionRule,
  'instances' | 'environments' | 'effects' | 'playbooks' | 'because' | 'severities'
> & {
  /** `kubernetes`: every instance of it. */
  readonly providers?: readonly string[]
  /** With `*` and `?`. */
  readonly actions?: readonly string[]
  /** Runs that these routes began. */
  readonly routes?: readonly string[]
}

/** A count and a share are different things (facts/field.md: the guard of Falco Talon). A share is rounded down. */
export type Limit =
  | { readonly kind: 'count'; readonly value: number }
  | { readonly kind: 'percent'; readonly value: number }

/** By what a guardrail counts apart: one count for each playbook, each route, and so on. */
export const apartBy = ['effect', 'provider', 'instance', 'environment', 'playbook', 'route'] as const
type ApartBy = (typeof apartBy)[number]

type Guardrail = {
  readonly name: string
  /** Where it stands in firebreak.yaml. */
  readonly line: number
  readonly about: About
}

/**
 * How many effects there may be, across runs and processes: within a time, or under way and in place at once. Over it an
 * effect waits for room, or people are asked.
 */
export type Budget = Guardrail & {
  readonly limit: Limit
  /** Without it, what is under way, or in place as a live containment, counts. */
  readonly windowMs?: number
  readonly each: readonly ApartBy[]
  readonly over: 'wait' | ApproveRule
}

/** So many runs that failed, were undone, or whose probes contradicted them, within a time: people are asked from then on. */
export type Breaker = Guardrail & {
  readonly failures: number
  readonly windowMs: number
  readonly each: readonly ApartBy[]
  readonly ask: ApproveRule
}

/** A time set aside: a change freeze, or all but a maintenance window (`outside`). */
export type Window = Guardrail & {
  readonly during:
    | { readonly cron: string; readonly forMs: number; readonly timezone: string }
    /** Milliseconds since 1970. */
    | { readonly from: number; readonly until: number }
  readonly outside: boolean
  readonly over: 'wait' | 'deny' | ApproveRule
}

/** People must agree where a plan is risky: everything that the rule names holds of the line, or of its plan. */
export type RiskRule = Guardrail & {
  /** The plan touches more targets than this; one that cannot be counted yet does. */
  readonly targets?: number
  /** It touches more than this share of what there is of the kind, in percent; one that is not known does. */
  readonly share?: number
  /** Something is lost for ever. */
  readonly loses?: true
  /** Nothing puts it back. */
  readonly noUndo?: true
  readonly confidence?: readonly Confidence[]
  /** All of them: several groups. */
  readonly ask: readonly ApproveRule[]
}

export type Guardrails = {
  readonly neverTouch: readonly NeverTouchRule[]
  readonly budgets: readonly Budget[]
  readonly breakers: readonly Breaker[]
  readonly windows: readonly Window[]
  readonly approvals: readonly RiskRule[]
  /** How many people lift a freeze together, and how long the word of the first one holds. */
  readonly thaw: { readonly count: number; readonly withinMs: number }
}
