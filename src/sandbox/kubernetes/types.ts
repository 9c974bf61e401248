import type { Manager } from './controllers/manager.ts'
import type { Faults } from './faults.ts'
import type { Obj, Value } from './value.ts'

/** One call, as the audit log of an API server would keep it. */
export type LoggedRequest = {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly contentType: string
  body: Value | undefined
  user: string
  readonly userAgent: string
  /** 0 while there is no answer yet, and for ever where a fault broke the connection. */
  status: number
}

export type Kubeconfig = {
  readonly apiVersion: 'v1'
  readonly kind: 'Config'
  readonly clusters: readonly [
    {
      readonly name: string
      readonly cluster: { readonly server: string; readonly 'insecure-skip-tls-verify': true }
    },
  ]
  readonly users: readonly [{ readonly name: string; readonly user: { readonly token: string } }]
  readonly contexts: readonly [
    { readonly name: string; readonly context: { readonly cluster: string; readonly user: string } },
  ]
  readonly 'current-context': string
}

export type SandboxOptions = {
  readonly port?: number
  /** Objects to begin with, as manifests. Without a Node among them, one with eight GPUs is added. */
  readonly seed?: readonly object[]
  readonly clock?: () => Date
  /** Default true. False: every authenticated user may do everything. */
  readonly rbac?: boolean
  /** Milliseconds between a change and what the controllers make of it. Default 5. */
  readonly tickMs?: number
}

export type KubernetesSandbox = {
  readonly url: string
  /** The token of an administrator (`system:masters`). */
  readonly token: string
  readonly kubeconfig: Kubeconfig
  /** The token of any other user, such as `system:serviceaccount:firebreak:firebreak`. */
  readonly tokenFor: (user: string) => string
  /** The token that a pod finds mounted; it ends with the pod. */
  readonly tokenOf: (namespace: string, pod: string) => string
  readonly kubeconfigFor: (user: string) => Kubeconfig
  readonly revokeToken: (user: string) => void
  /** Objects of a kind, as stored (`Deployment`, `Pod`, `ScaledObject`); a name must be unique in its namespace. */
  readonly objects: (kind: string, namespace?: string) => readonly Obj[]
  readonly object: (kind: string, namespace: string | undefined, name: string) => Obj | undefined
  /** Creates or replaces an object as the administrator would, without a request in the log. */
  readonly apply: (object: object) => Obj
  readonly requests: LoggedRequest[]
  readonly faults: Faults
  readonly pods: Manager['behaviour']
  /** Texts that `pods/log` answers, by `namespace/pod`. */
  readonly logs: Map<string, string>
  /** Lets somebody scale a workload back up whenever it falls below `replicas`. Returns what stops it. */
  readonly autoscaler: (fighter: {
    readonly kind?: 'Deployment' | 'StatefulSet'
    readonly namespace: string
    readonly name: string
    readonly replicas: number
    readonly afterMs?: number
  }) => () => void
  /** Forgets the watch history, so that watches which resume get 410. */
  readonly expireWatches: () => void
  readonly close: () => Promise<void>
}
