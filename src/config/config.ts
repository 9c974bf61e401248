import type { Person } from '../core/person.ts'
import type { ApproveRule, Diagnostic } from '../core/playbook.ts'
import type { Secret } from '../core/secret.ts'
import type { Json } from '../core/json.ts'
import type { Template } from '../expr/index.ts'

/** A provider's own settings: JSON with secrets resolved. The provider's schema checks them. */
export type Setting =
  | null
  | boolean
  | number
  | string
  | Secret
  | readonly Setting[]
  | { readonly [key: string]: Setting }

type Instances = { readonly [name: string]: { readonly [key: string]: Setting } }

export type SlackConfig = {
  readonly botToken: Secret
  readonly appToken: Secret
  readonly channel: string
  readonly auditChannel?: string
  readonly apiUrl?: string
}

/** What people may do by role, besides approving (there a gate names its role). */
type Verb = 'plan' | 'run' | 'cancel' | 'undo' | 'freeze' | 'thaw'

type NeverTouchRule = { readonly kind?: string; readonly id?: string; readonly name?: string }

export type AlertSource = { readonly token: Secret } | { readonly auth: 'none' }

/** A constant, a text with expressions over `alert`, or a list with such texts in it. */
export type RouteInput =
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'template'; readonly template: Template }
  | { readonly kind: 'list'; readonly items: readonly RouteInput[] }

type RouteBase = {
  readonly name: string
  readonly source: string
  /** All labels must match; a list means any of its values. */
  readonly match: { readonly [label: string]: readonly string[] }
}

export type RouteConfig =
  | (RouteBase & { readonly mode: 'ignore' })
  | (RouteBase & {
      readonly mode: 'auto' | 'propose'
      readonly playbook: string
      readonly inputs: { readonly [name: string]: RouteInput }
      readonly approve?: ApproveRule
    })

/** `firebreak.yaml`, checked, with absolute paths and resolved secrets. */
export type Config = {
  readonly file: string
  /** SHA-256 of the canonical content, secrets as references: safe to log, pinned by every run. */
  readonly digest: string
  readonly state: string
  readonly playbooks: readonly string[]
  readonly listen: { readonly host: string; readonly port: number }
  readonly slack?: SlackConfig
  readonly providers: { readonly aws: Instances; readonly kubernetes: Instances }
  readonly people: readonly Person[]
  readonly permissions: { readonly [V in Verb]: readonly string[] }
  readonly guardrails: { readonly neverTouch: readonly NeverTouchRule[] }
  readonly alerts: {
    readonly sources: { readonly [name: string]: AlertSource }
    readonly routes: readonly RouteConfig[]
  }
  readonly audit: { readonly origin: string }
  /** What is allowed but probably not meant, such as a gate that nobody can pass. */
  readonly warnings: readonly Diagnostic[]
}
