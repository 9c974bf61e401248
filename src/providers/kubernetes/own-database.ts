import { z } from 'zod'
import type { OwnAnswer, OwnNeed } from '../../core/provider.ts'
import type { Secret } from '../../core/secret.ts'
import { httpStatusOf } from './errors.ts'
import type { Place } from './own-place.ts'
import { known, nothing, together } from '../own.ts'
import { needsOfPods, type Reading } from './own-pods.ts'

type ServiceRef = {
  readonly namespace: string
  readonly name: string
  /** The host name says that it is a Service of a cluster; otherwise it only may be one. */
  readonly sure: boolean
}

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

/**
 * The Service that a host name means in a cluster: `name.namespace.svc…`, with a pod's name in front for a headless one
 * (Kubernetes, "DNS for Services and Pods"). A pod may leave out `.svc`, and for its own namespace that too.
 */
export function serviceOf(host: string, home: string | undefined): ServiceRef | undefined {
  const parts = host.toLowerCase().replace(/\.$/, '').split('.')
  const isAddress = parts.every((part) => /^\d+$/.test(part))
  if (isAddress || !parts.every((part) => LABEL.test(part))) return undefined
  const [, name, namespace] = /(?:^|\.)([^.]+)\.([^.]+)\.svc(?:\.|$)/.exec(parts.join('.')) ?? []
  if (name !== undefined && namespace !== undefined) return { namespace, name, sure: true }
  return home === undefined ? undefined : shortName(parts, home)
}

function shortName([name, namespace, ...more]: readonly string[], home: string): ServiceRef | undefined {
  if (name === undefined || name === 'localhost' || more.length > 0) return undefined
  return { namespace: namespace ?? home, name, sure: false }
}

/** `?host=` wins, as it does for the driver. Empty where the address names none. */
export function hostOf(databaseUrl: Secret): string {
  const address = URL.parse(databaseUrl.reveal())
  return address?.searchParams.get('host') ?? address?.hostname ?? ''
}

const role = 'the database of its journal'

/** What carries the database of the journal, where that is a Service of this cluster. */
export async function needsOfDatabase(
  reading: Reading,
  host: string,
  place: Place | undefined,
): Promise<OwnAnswer> {
  const service = serviceOf(host, place?.namespace)
  if (service === undefined) return nothing
  const { namespace, name, sure } = service
  const doors: readonly OwnNeed[] = [
    { kind: 'Service', namespace, name: `${namespace}/${name}`, why: `it leads to ${role}` },
    { kind: 'Namespace', name: namespace, why: `${role} is in it` },
  ]
  const found = await known(`what is behind Service ${namespace}/${name}`, () => behind(reading, service))
  if (found === nothing) return sure ? { needs: doors, unknown: [] } : nothing
  return together([
    { needs: doors, unknown: [] },
    found,
    ...(found.unknown.length === 0 ? [] : [everythingIn(namespace)]),
  ])
}

/** Nobody can say which of its things carry the database: then none of them is touched. */
function everythingIn(namespace: string): OwnAnswer {
  return {
    needs: [{ namespace, why: `${role} is in this namespace, and it is not known where` }],
    unknown: [],
  }
}

const Service = z.object({ spec: z.object({ selector: z.record(z.string(), z.string()).nullish() }) })

/** `nothing`: there is no such Service, or it leads out of the cluster. */
async function behind(reading: Reading, { namespace, name }: ServiceRef): Promise<OwnAnswer> {
  const { connection, signal } = reading
  const operation = `get Service ${namespace}/${name}`
  const answer = await connection.core({ operation, signal }, async (api, options): Promise<unknown> => {
    try {
      return await api.readNamespacedService({ namespace, name }, options)
    } catch (error) {
      if (httpStatusOf(error) === 404) return undefined
      throw error
    }
  })
  const selector = answer === undefined ? {} : (Service.parse(answer).spec.selector ?? {})
  const labelSelector = Object.entries(selector)
    .map(([label, value]) => `${label}=${value}`)
    .join(',')
  return labelSelector === '' ? nothing : needsOfPods(reading, { namespace, query: { labelSelector }, role })
}
