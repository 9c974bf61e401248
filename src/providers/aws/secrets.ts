import type { AwsConfig } from './config.ts'
import { lazy } from './lazy.ts'
import { clientOptions } from './options.ts'
import { describe, versions } from './secret-reads.ts'
import type { Manager, Secrets } from './secret-types.ts'
import { moveCurrent, removePending, rotate, stageRandom } from './secret-writes.ts'

export function secretsOf(config: AwsConfig): Secrets {
  const manager = lazy(async (): Promise<Manager> => {
    const sdk = await import('@aws-sdk/client-secrets-manager')
    const options = clientOptions(config)
    const reading = new sdk.SecretsManagerClient(options.reading)
    return { sdk, reading, writing: new sdk.SecretsManagerClient(options.writing) }
  })
  return {
    describe: async (secretId, signal) => describe(await manager(), secretId, signal),
    versions: async (secretId, signal) => versions(await manager(), secretId, signal),
    rotate: async (rotation, signal) => rotate(await manager(), rotation, signal),
    stageRandom: async (staging, signal) => stageRandom(await manager(), staging, signal),
    moveCurrent: async (move, signal) => moveCurrent(await manager(), move, signal),
    removePending: async (label, signal) => removePending(await manager(), label, signal),
  }
}
