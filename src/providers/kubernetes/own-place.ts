import { readFileSync } from 'node:fs'
import type { Self } from './identity.ts'

/** Where in a cluster this process runs. */
export type Place = { readonly namespace: string; readonly pod?: string; readonly node?: string }

/** What a pod can know of itself without asking anybody. */
export type Surroundings = {
  /** The namespace that lies beside the token of a service account; absent outside of a pod. */
  readonly namespace: string | undefined
  readonly env: { readonly [name: string]: string | undefined }
}

const NAMESPACE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace'

export function surroundings(): Surroundings {
  return { namespace: mountedNamespace(), env: process.env }
}

function mountedNamespace(): string | undefined {
  try {
    return readFileSync(NAMESPACE, 'utf8').trim() || undefined
  } catch {
    return undefined
  }
}

/**
 * Undefined where this process does not run in the cluster that is asked, or in none. A token that is bound to a pod says it
 * for sure. Otherwise the pod's own surroundings do (the downward API, or its host name, which is the pod's name unless the
 * pod says otherwise), but only for the cluster that this pod is in: others may have a namespace of the same name.
 */
export function placeOf(
  { account, pod, node }: Self,
  around: Surroundings & { readonly inCluster: boolean },
): Place | undefined {
  if (account !== undefined && pod !== undefined) {
    return { namespace: account.namespace, pod, ...(node === undefined ? {} : { node }) }
  }
  return around.inCluster ? placeBy(around, account) : undefined
}

function placeBy({ namespace, env }: Surroundings, account: Self['account']): Place | undefined {
  const home = namespace ?? env['POD_NAMESPACE'] ?? account?.namespace
  const pod = env['POD_NAME'] ?? env['HOSTNAME']
  if (home === undefined) return undefined
  return { namespace: home, ...(pod === undefined ? {} : { pod }) }
}
