import { defineProvider } from '../../core/provider.ts'
import { type Autoscalers, autoscalersOf } from './autoscalers.ts'
import { KubernetesConfig } from './config.ts'
import { openConnection } from './connection.ts'
import type { OwnAnswer, OwnQuestion } from '../../core/provider.ts'
import { whoAmI } from './identity.ts'
import { ownOf } from './own.ts'
import { type Pods, podsOf } from './pods.ts'
import { type Workloads, workloadsOf } from './workloads.ts'
import { type Writes, writesOf } from './writes.ts'

/** What actions see of one cluster. */
export type KubernetesClient = {
  readonly workloads: Workloads
  readonly pods: Pods
  readonly autoscalers: Autoscalers
  readonly writes: Writes
  /** Milliseconds for which a change must stay before a probe calls it done. */
  readonly steadyMs: number
  /** The user that the API server takes Firebreak for. */
  readonly identity: (signal: AbortSignal) => Promise<string>
  readonly own: (question: OwnQuestion) => Promise<OwnAnswer>
}

/** A Kubernetes cluster, through its API server. */
export const kubernetes = defineProvider({
  name: 'kubernetes',
  config: KubernetesConfig,
  connect: async (config): Promise<KubernetesClient> => {
    const connection = await openConnection(config)
    const workloads = workloadsOf(connection)
    return {
      workloads,
      pods: podsOf(connection),
      autoscalers: autoscalersOf(connection),
      writes: writesOf(connection),
      steadyMs: connection.steadyMs,
      identity: async (signal) => (await whoAmI(connection, signal)).username,
      own: (question) => ownOf({ connection, workloads, inCluster: 'inCluster' in config }, question),
    }
  },
  identity: (client, signal) => client.identity(signal),
  own: (client, question) => client.own(question),
})
