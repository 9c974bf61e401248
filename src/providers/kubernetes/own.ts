import type { OwnAnswer, OwnNeed, OwnQuestion } from '../../core/provider.ts'
import type { Connection } from './connection.ts'
import { type Self, whoAmI } from './identity.ts'
import { hostOf, needsOfDatabase } from './own-database.ts'
import { type Place, placeOf, surroundings } from './own-place.ts'
import { nothing, together } from '../own.ts'
import { needsOfPods, type Reading } from './own-pods.ts'
import type { Workloads } from './workloads.ts'

type Cluster = {
  readonly connection: Connection
  readonly workloads: Workloads
  /** The client has the service account of the pod that it runs in. */
  readonly inCluster: boolean
}

/**
 * What of a cluster Firebreak cannot run without. The namespace that its pod is in is never touched as a whole: most of what
 * carries it is there, with names that its role need not let it read. So the rest may be denied, and is told by name only.
 */
export async function ownOf(
  { connection, workloads, inCluster }: Cluster,
  { signal, databaseUrl }: OwnQuestion,
): Promise<OwnAnswer> {
  const self = await whoAmI(connection, signal)
  const reading = { connection, workloads, signal }
  const place = placeOf(self, { ...surroundings(), inCluster })
  const found = await Promise.all([
    place === undefined ? nothing : ofPlace(reading, place),
    databaseUrl === undefined ? nothing : needsOfDatabase(reading, hostOf(databaseUrl), place),
  ])
  return together([{ needs: ofIdentity(self), unknown: [] }, ...found])
}

/** A user who is no service account is nothing in the cluster that could be touched. */
function ofIdentity({ account }: Self): readonly OwnNeed[] {
  if (account === undefined) return []
  const { namespace, name } = account
  return [
    { kind: 'ServiceAccount', namespace, name: `${namespace}/${name}`, why: 'Firebreak acts as it' },
    { kind: 'Namespace', name: namespace, why: 'the service account that Firebreak acts as is in it' },
  ]
}

async function ofPlace(reading: Reading, { namespace, pod, node }: Place): Promise<OwnAnswer> {
  const sure: readonly OwnNeed[] = [
    { namespace, why: 'Firebreak itself runs in this namespace' },
    ...(node === undefined ? [] : [{ kind: 'Node', name: node, why: 'Firebreak runs on it' }]),
  ]
  const unnamed = { needs: [], unknown: ['which pod Firebreak runs in: set POD_NAME by the downward API'] }
  const query = { fieldSelector: `metadata.name=${pod ?? ''}` }
  const found =
    pod === undefined ? unnamed : await needsOfPods(reading, { namespace, query, role: 'Firebreak' })
  return together([{ needs: sure, unknown: [] }, found])
}
