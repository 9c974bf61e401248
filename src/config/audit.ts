import { resolve } from 'node:path'
import { parseDuration } from '../core/duration.ts'
import type { Secret } from '../core/secret.ts'
import type {
  AnchorSettings,
  BucketAnchorSettings,
  SinkSettings,
  SyslogSinkSettings,
} from '../core/sink-settings.ts'
import type { Path } from '../core/yaml.ts'
import type { Anchors, Sinks } from './audit-schema.ts'
import { withoutUndefined } from './defined.ts'
import type { ConfigFile } from './schema.ts'
import type { SecretReader } from './secrets.ts'
import type { SecretRef } from './words.ts'

type Sink = Sinks[string]
type OfKind<K extends Sink['kind']> = Extract<Sink, { readonly kind: K }>

/** Reads a secret of the sink at hand, if it has it. */
type Read = (reference: SecretRef | undefined, ...path: Path) => Secret | undefined

type Context = { readonly folder: string; readonly secrets: SecretReader }

/** What the audit part says, with its secrets and absolute paths. */
export function auditOf({ audit, slack }: ConfigFile, { folder, secrets }: Context) {
  const sinks = Object.entries(audit.sinks).map(([name, sink]) => {
    const read: Read = (reference, ...path) =>
      reference === undefined ? undefined : secrets.read(reference, ['audit', 'sinks', name, ...path])
    return sinkOf(sink, { name, folder, read })
  })
  const anchors = Object.entries(audit.anchors).map(([name, anchor]): AnchorSettings => {
    if (anchor.kind === 'file') return { name, kind: 'file', folder: resolve(folder, anchor.folder) }
    if (anchor.kind === 's3') return bucketOf(name, anchor, secrets)
    return { name, kind: 'slack', channel: anchor.channel ?? slack?.auditChannel ?? '' }
  })
  anchors.push(...impliedAnchors(anchors, slack?.auditChannel))
  const { never, bodies } = audit.retention
  const retention = never ? {} : { retention: { bodiesMs: milliseconds(bodies) } }
  return { origin: audit.origin, sinks, anchors, ...retention }
}

/** A channel for checkpoints is an anchor, whether or not it is named as one. */
function impliedAnchors(
  anchors: readonly AnchorSettings[],
  channel: string | undefined,
): readonly AnchorSettings[] {
  if (channel === undefined || anchors.some(({ kind }) => kind === 'slack')) return []
  const name = anchors.some((anchor) => anchor.name === 'slack') ? 'slack-audit' : 'slack'
  return [{ name, kind: 'slack', channel }]
}

type Bucket = Extract<Anchors[string], { readonly kind: 's3' }>

function bucketOf(name: string, anchor: Bucket, secrets: SecretReader): BucketAnchorSettings {
  const { kind, bucket, prefix, region, endpoint, retainDays, mode } = anchor
  const place = `s3://${bucket}/${prefix}`
  const credentials = credentialsOf(name, anchor, secrets)
  const optional = withoutUndefined({ endpoint, credentials })
  return { name, kind, bucket, prefix, place, region, retainDays, mode, ...optional }
}

function credentialsOf(name: string, { credentials }: Bucket, secrets: SecretReader) {
  if (credentials === undefined) return undefined
  const { accessKeyId: id, secretAccessKey, sessionToken } = credentials
  const read = (reference: SecretRef, key: string) =>
    secrets.read(reference, ['audit', 'anchors', name, 'credentials', key])
  const token = sessionToken === undefined ? undefined : read(sessionToken, 'sessionToken')
  return {
    accessKeyId: typeof id === 'string' ? id : read(id, 'accessKeyId'),
    secretAccessKey: read(secretAccessKey, 'secretAccessKey'),
    ...withoutUndefined({ sessionToken: token }),
  }
}

type Reading = { readonly name: string; readonly folder: string; readonly read: Read }

function sinkOf(sink: Sink, { name, folder, read }: Reading): SinkSettings {
  const common = { name, ...paceOf(sink) }
  switch (sink.kind) {
    case 'file':
      return { ...common, kind: 'file', path: resolve(folder, sink.path) }
    case 'elasticsearch':
      return { ...common, ...elasticsearchOf(sink, read) }
    case 'datadog': {
      const { kind, site, service, tags, url, ca } = sink
      const apiKey = read(sink.apiKey, 'apiKey')
      if (apiKey === undefined) throw new Error('the schema asks for it')
      return {
        ...common,
        kind,
        site,
        service,
        tags,
        apiKey,
        ...withoutUndefined({ url, ca: read(ca, 'ca') }),
      }
    }
    case 'syslog': {
      const { kind, host, port, facility, appName, maxMessage } = sink
      return { ...common, kind, host, port, facility, appName, maxMessage, ...tlsOf(sink, read) }
    }
    case 'http': {
      const { kind, url, format, hmac, ca } = sink
      const headers = headersOf(sink, read)
      const rest = withoutUndefined({ hmac: read(hmac, 'hmac'), ca: read(ca, 'ca') })
      return { ...common, kind, url, format, headers, ...rest }
    }
  }
}

function paceOf({ every, timeout, batch }: Sink) {
  return { everyMs: milliseconds(every), timeoutMs: milliseconds(timeout), ...withoutUndefined({ batch }) }
}

function milliseconds(duration: string): number {
  // The pattern of the schema admits nothing that cannot be parsed.
  return parseDuration(duration) ?? 0
}

function elasticsearchOf({ kind, url, index, user, ...sink }: OfKind<'elasticsearch'>, read: Read) {
  const apiKey = read(sink.apiKey, 'apiKey')
  const password = read(sink.password, 'password')
  return { kind, url, index, ...withoutUndefined({ apiKey, user, password, ca: read(sink.ca, 'ca') }) }
}

function tlsOf({ tls }: OfKind<'syslog'>, read: Read): Pick<SyslogSinkSettings, 'tls'> {
  if (tls === false) return {}
  if (tls === true) return { tls: {} }
  const [ca, cert, key] = (['ca', 'cert', 'key'] as const).map((name) => read(tls[name], 'tls', name))
  return { tls: withoutUndefined({ ca, cert, key, serverName: tls.serverName }) }
}

function headersOf({ headers }: OfKind<'http'>, read: Read): { [name: string]: string | Secret } {
  const entries = Object.entries(headers).map(([name, value]) => {
    const known = typeof value === 'string' ? value : (read(value, 'headers', name) ?? '')
    return [name, known] as const
  })
  return Object.fromEntries(entries)
}
