import type { Json, JsonObject } from '../core/json.ts'
import type { PlaybookInfo } from '../core/playbook.ts'

/**
 * What the sandbox's scenario offers as inputs, by playbook. A playbook that is not listed is rehearsed with what the
 * scenario knows by the names of its inputs.
 */
const scenario: { readonly [input: string]: Json } = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretIds: ['prod/inference-gateway', 'prod/model-registry-token'],
  secretId: 'prod/model-registry-token',
  userName: 'ci-deployer',
  namespace: 'inference',
  name: 'llama-70b',
  kind: 'Deployment',
  replicas: 0,
  replicaSet: 'fraud-model-6f8b5d7c49',
}

const byPlaybook: { readonly [playbook: string]: JsonObject } = {
  'bad-model-version': { name: 'fraud-model' },
}

/** Inputs with which a playbook can be rehearsed in the sandbox's scenario; the rest is left to its defaults. */
export function rehearsalInputs({ name, inputs }: PlaybookInfo): JsonObject {
  const known = { ...scenario, ...byPlaybook[name] }
  return Object.fromEntries(Object.entries(known).filter(([input]) => Object.hasOwn(inputs, input)))
}
