import type { Diagnostic } from '../core/playbook.ts'
import type * as Rules from '../core/rules.ts'
import type { Secret } from '../core/secret.ts'
import type { AnchorSettings, SinkSettings } from '../core/sink-settings.ts'
import type { Template } from '../expr/index.ts'
import type { PermissionConfig } from './permissions.ts'

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

/** Systems that know who is on call, with the credentials by which they are asked. */
export type OnCallConfig = {
  readonly pagerduty?: { readonly token: Secret; readonly url?: string }
  readonly opsgenie?: { readonly key: Secret; readonly url?: string }
}

export type AlertSource = { readonly token: Secret } | { readonly auth: 'none' }

export type RouteInput = Rules.RouteInput<Template>
export type RouteConfig = Rules.Route<Template>

/** `firebreak.yaml`, checked, with absolute paths and resolved secrets. */
export type Config = PermissionConfig & {
  readonly file: string
  /** SHA-256 of the canonical content, secrets as references: safe to log, pinned by every run. */
  readonly digest: string
  readonly state: string
  /** The journal on PostgreSQL; without it, in the state folder. */
  readonly store?: { readonly url: Secret }
  readonly playbooks: readonly string[]
  readonly listen: { readonly host: string; readonly port: number }
  readonly slack?: SlackConfig
  readonly providers: { readonly aws: Instances; readonly kubernetes: Instances }
  readonly onCall: OnCallConfig
  readonly guardrails: Rules.Guardrails
  readonly alerts: {
    readonly sources: { readonly [name: string]: AlertSource }
    readonly routes: readonly RouteConfig[]
  }
  readonly audit: {
    readonly origin: string
    readonly sinks: readonly SinkSettings[]
    readonly anchors: readonly AnchorSettings[]
    /** How long bodies are kept; without it, for ever. */
    readonly retention?: { readonly bodiesMs: number }
  }
  /** What is allowed but probably not meant, such as a gate that nobody can pass. */
  readonly warnings: readonly Diagnostic[]
}
