import { existsSync } from 'node:fs'
import type { KubeConfig } from '@kubernetes/client-node'
import { FirebreakError } from '../../core/errors.ts'
import { makeKnown } from '../../core/scrub/known.ts'
import type { KubernetesConfig } from './config.ts'

function unusable(message: string, remedy: string): FirebreakError {
  return new FirebreakError('kubernetes.bad-access', message, { remedy })
}

/** The client reads YAML and files without a word about what is missing: without a server it would ask localhost:8080. */
function fromFile(
  config: KubeConfig,
  { kubeconfig, context }: { kubeconfig: string; context?: string | undefined },
): void {
  try {
    config.loadFromFile(kubeconfig)
  } catch {
    throw unusable(
      `the kubeconfig ${kubeconfig} cannot be read`,
      'Check the path, its mode, and that it is a kubeconfig.',
    )
  }
  // Made known to the scrubber: they come from a file that the program never holds as a Secret.
  for (const { token, password, keyData } of config.getUsers())
    for (const value of [token, password, keyData]) if (value) makeKnown(value)
  if (context !== undefined) config.setCurrentContext(context)
  if (config.getCurrentCluster() === null || config.getCurrentUser() === null) {
    const names = config.getContexts().map(({ name }) => name)
    throw unusable(
      `the kubeconfig ${kubeconfig} has no usable context ${JSON.stringify(config.getCurrentContext())}`,
      `Name one of its contexts: ${names.join(', ') || 'it has none'}.`,
    )
  }
}

const TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token'

/** Outside a cluster the client would go to https://undefined:undefined. */
function fromPod(config: KubeConfig): void {
  if (process.env['KUBERNETES_SERVICE_HOST'] === undefined || !existsSync(TOKEN)) {
    throw unusable(
      'inCluster is set, but this process does not run in a pod with a service account',
      'Run Firebreak in the cluster with automountServiceAccountToken, or use kubeconfig or server and token.',
    )
  }
  config.loadFromCluster()
}

/** Fills the client's configuration from ours, with the checks that the client leaves out. */
export function fillKubeConfig(config: KubeConfig, from: KubernetesConfig): void {
  if ('kubeconfig' in from) return fromFile(config, from)
  if ('inCluster' in from) return fromPod(config)
  const { server, token, caFile } = from
  const plain = server.startsWith('http:')
  config.loadFromClusterAndUser(
    { name: 'cluster', server, skipTLSVerify: plain, ...(caFile === undefined ? {} : { caFile }) },
    { name: 'firebreak', token: token.reveal() },
  )
}
