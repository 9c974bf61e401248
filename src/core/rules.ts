import type { Effect } from './action.ts'
import type { Because } from './because.ts'
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
