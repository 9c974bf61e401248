import { parseDuration } from '../core/duration.ts'
import { hostFault, urlFault } from '../core/outbound.ts'
import type { Path } from '../core/yaml.ts'
import type { Sinks } from './audit-schema.ts'
import { type Fault, pathWords } from './fault.ts'
import type { ConfigFile } from './schema.ts'

/** What is wrong with sinks and anchors besides the form of their values. */
export function auditFaults({ audit, slack }: ConfigFile): Fault[] {
  const sinks = Object.entries(audit.sinks).flatMap(([name, sink]) =>
    sinkFaults(sink, ['audit', 'sinks', name]),
  )
  const anchors = Object.entries(audit.anchors).flatMap(([name, anchor]) => {
    const path = ['audit', 'anchors', name]
    if (anchor.kind === 's3') return maybe([...path, 'endpoint'], endpointFault(anchor.endpoint))
    if (anchor.kind !== 'slack') return []
    if (slack === undefined) return [bad(path, 'there is no slack to keep checkpoints in')]
    return (anchor.channel ?? slack.auditChannel)
      ? []
      : [bad(path, 'it names no channel, and slack.auditChannel is not set')]
  })
  return [...sinks, ...anchors, ...retentionFaults(audit.retention)]
}

/** Plain HTTP only to this machine: signatures or credentials travel in the requests. */
export function endpointFault(endpoint: string | undefined): string | undefined {
  if (endpoint === undefined || /^(https:|http:\/\/(127\.0\.0\.1|localhost|\[::1\])([:/]|$))/.test(endpoint))
    return undefined
  return 'it is plain HTTP to another machine'
}

/** Younger than a day are runs that somebody still looks at. */
const LEAST_MS = 86_400_000

function retentionFaults({ bodies }: ConfigFile['audit']['retention']): Fault[] {
  if ((parseDuration(bodies) ?? 0) >= LEAST_MS) return []
  const fault = bad(['audit', 'retention', 'bodies'], 'bodies are kept for at least 1d')
  return [{ ...fault, remedy: 'Give 1d or more; never: true keeps everything.' }]
}

function sinkFaults(sink: Sinks[string], path: Path): Fault[] {
  if (sink.kind === 'syslog') return maybe([...path, 'host'], hostFault(sink.host))
  if (sink.kind === 'file') return []
  const address = sink.url === undefined ? [] : maybe([...path, 'url'], urlFault(sink.url))
  return sink.kind === 'elasticsearch' ? [...address, ...userFaults(sink, path)] : address
}

type Elasticsearch = Extract<Sinks[string], { readonly kind: 'elasticsearch' }>

function userFaults({ user, password, apiKey }: Elasticsearch, path: Path): Fault[] {
  if (user !== undefined && apiKey !== undefined)
    return [bad(path, 'it has a user and an API key: one of them is enough')]
  return (user === undefined) === (password === undefined)
    ? []
    : [bad(path, 'user and password belong together')]
}

function maybe(path: Path, message: string | undefined): Fault[] {
  return message === undefined ? [] : [bad(path, message)]
}

function bad(path: Path, message: string): Fault {
  return {
    code: 'config.bad-value',
    message: `${pathWords(path)}: ${message}`,
    remedy: 'Name another address or channel; what is secret is written as { env: NAME } or { file: PATH }.',
    path,
  }
}
