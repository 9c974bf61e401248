import { defineProvider } from '../../core/provider.ts'
import { type Autoscalers, autoscalersOf } from './autoscalers.ts'
import { KubernetesConfig } from './config.ts'
import { openConnection } from './connection.ts'
import { whoAmI } from './identity.ts'
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
}

/** A Kubernetes cluster, through its API server. */
export const kubernetes = defineProvider({
  name: 'kubernetes',
  config: KubernetesConfig,
  connect: async (config): Promise<KubernetesClient> => {
    const connection = await openConnection(config)
    return {
      workloads: workloadsOf(connection),
      pods: podsOf(connection),
      autoscalers: autoscalersOf(connection),
      writes: writesOf(connection),
      steadyMs: connection.steadyMs,
      identity: (signal) => whoAmI(connection, signal),
    }
  },
  identity: (client, signal) => client.identity(signal),
})
