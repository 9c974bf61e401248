import type { Secret } from './secret.ts'

// Where the audit log is sent to: what the configuration says, as the sinks take it.

type Common = {
  readonly name: string
  /** How long entries are gathered before they are sent. */
  readonly everyMs: number
  /** How long an answer may take. */
  readonly timeoutMs: number
  /** Most entries in one request, where the receiver's own limit is not lower. */
  readonly batch?: number
}

/** PEM of authorities that are trusted instead of the system's. */
type Trust = { readonly ca?: Secret }

export type FileSinkSettings = Common & { readonly kind: 'file'; readonly path: string }

export type ElasticsearchSinkSettings = Common &
  Trust & {
    readonly kind: 'elasticsearch'
    readonly url: string
    /** Index, alias or data stream. */
    readonly index: string
    readonly apiKey?: Secret
    readonly user?: string
    readonly password?: Secret
  }

export type DatadogSinkSettings = Common &
  Trust & {
    readonly kind: 'datadog'
    readonly site: string
    readonly apiKey: Secret
    readonly service: string
    readonly tags: readonly string[]
    /** Another address of the intake, such as a proxy of one's own. */
    readonly url?: string
  }

export type SyslogSinkSettings = Common & {
  readonly kind: 'syslog'
  readonly host: string
  readonly port: number
  readonly tls?: Trust & { readonly cert?: Secret; readonly key?: Secret; readonly serverName?: string }
  /** Number of RFC 5424, 13 being the log audit. */
  readonly facility: number
  readonly appName: string
  readonly maxMessage: number
}

export type HttpSinkSettings = Common &
  Trust & {
    readonly kind: 'http'
    readonly url: string
    readonly format: 'array' | 'ndjson'
    readonly headers: { readonly [name: string]: string | Secret }
    /** Signs each body, so that the receiver knows the sender. */
    readonly hmac?: Secret
  }

export type SinkSettings =
  | FileSinkSettings
  | ElasticsearchSinkSettings
  | DatadogSinkSettings
  | SyslogSinkSettings
  | HttpSinkSettings

/** A bucket with object lock. What its provider needs beside is the provider's own: it checks it. */
export type BucketAnchorSettings = {
  readonly name: string
  readonly kind: 's3'
  readonly bucket: string
  /** Ends with a slash, or is empty. */
  readonly prefix: string
  /** As people know it. */
  readonly place: string
  readonly region: string
  readonly endpoint?: string
  readonly credentials?: {
    readonly accessKeyId: string | Secret
    readonly secretAccessKey: Secret
    readonly sessionToken?: Secret
  }
  readonly retainDays: number
  readonly mode: 'COMPLIANCE' | 'GOVERNANCE'
}

/** Where checkpoints are kept outside of the journal, so that whoever holds the journal cannot rewrite it unseen. */
export type AnchorSettings =
  | { readonly name: string; readonly kind: 'file'; readonly folder: string }
  | { readonly name: string; readonly kind: 'slack'; readonly channel: string }
  | BucketAnchorSettings
