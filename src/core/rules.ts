import type { Json } from './json.ts'
import type { ApproveRule } from './playbook.ts'

// What `firebreak.yaml` says and policy and alerts act on: one shape for whoever reads it and whoever obeys it.

/** What people may do by role. Approving is apart: there the gate names the role. */
export type Verb = 'plan' | 'run' | 'cancel' | 'undo' | 'freeze' | 'thaw'

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
    })
