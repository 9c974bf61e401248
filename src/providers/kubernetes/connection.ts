import type {
  ConfigurationOptions,
  CoreV1Api,
  CustomObjectsApi,
  ObservableMiddleware,
} from '@kubernetes/client-node'
import type { KubernetesConfig } from './config.ts'
import { calling } from './errors.ts'
import { fillKubeConfig } from './kubeconfig.ts'

type PatchStyle = 'application/merge-patch+json' | 'application/json-patch+json'
type CallOptions = ConfigurationOptions

/** How a call is made: what it is called in errors, what ends it, and the style of its patch. */
type How = { readonly operation: string; readonly signal: AbortSignal; readonly style?: PatchStyle }

/**
 * Calls the cluster. `objects` speaks to every API group but the core one, and answers JSON as it came: the typed
 * clients rename fields and drop those they do not know, which would cut pieces out of a template (facts of the client:
 * `from` becomes `_from`, unknown keys vanish).
 */
export type Connection = {
  readonly steadyMs: number
  readonly objects: <T>(
    how: How,
    call: (api: CustomObjectsApi, options: CallOptions) => Promise<T>,
  ) => Promise<T>
  readonly core: <T>(how: How, call: (api: CoreV1Api, options: CallOptions) => Promise<T>) => Promise<T>
}

type Dispatcher = ReturnType<Parameters<ObservableMiddleware['pre']>[0]['getDispatcher']>

/** A dispatcher is kept this long. Then the next call's own takes over, with whatever certificates are current by then. */
const DISPATCHER_MS = 300_000

/** The client makes a connection pool for every single call, and sockets pile up. One of them is kept for all. */
function sharedDispatcher(): (own: Dispatcher) => Dispatcher {
  let kept: { readonly dispatcher: Dispatcher; readonly until: number } | undefined
  return (own) => {
    const now = performance.now()
    if (kept === undefined || now >= kept.until) kept = { dispatcher: own, until: now + DISPATCHER_MS }
    return kept.dispatcher
  }
}

/** Opens a cluster. The SDK is loaded here and nowhere else. */
export async function openConnection(config: KubernetesConfig): Promise<Connection> {
  const sdk = await import('@kubernetes/client-node')
  const kubeconfig = new sdk.KubeConfig()
  fillKubeConfig(kubeconfig, config)
  const objects = kubeconfig.makeApiClient(sdk.CustomObjectsApi)
  const core = kubeconfig.makeApiClient(sdk.CoreV1Api)
  const shared = sharedDispatcher()

  // New for every call: the client reverses the list of middlewares in place.
  function optionsFor({ signal, style }: How): CallOptions {
    const middleware: ObservableMiddleware = {
      pre: (context) => {
        const dispatcher = shared(context.getDispatcher())
        if (dispatcher !== undefined) context.setDispatcher(dispatcher)
        context.setSignal(AbortSignal.any([signal, AbortSignal.timeout(config.timeoutMs)]))
        context.setHeaderParam('User-Agent', 'firebreak')
        if (style !== undefined) context.setHeaderParam('Content-Type', style)
        return new sdk.Observable(Promise.resolve(context))
      },
      post: (response) => new sdk.Observable(Promise.resolve(response)),
    }
    // Without `append` the client's own middlewares would be replaced.
    return { middleware: [middleware], middlewareMergeStrategy: 'append' }
  }

  return {
    steadyMs: config.steadyMs,
    objects: (how, call) => calling(how.operation, () => call(objects, optionsFor(how))),
    core: (how, call) => calling(how.operation, () => call(core, optionsFor(how))),
  }
}
