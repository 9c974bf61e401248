import { defineProvider } from '../../core/provider.ts'
import { accessKeysOf, type AccessKeys } from './access-keys.ts'
import { AwsConfig } from './config.ts'
import { identityOf, type Identity } from './identity.ts'
import { ownOf } from './own.ts'
import { secretsOf } from './secrets.ts'
import type { Secrets } from './secret-types.ts'
import { trailOf, type Trail } from './trail.ts'

/** What actions see of one AWS account. */
export type AwsClient = {
  readonly accessKeys: AccessKeys
  readonly secrets: Secrets
  readonly trail: Trail
  readonly identity: Identity
}

/** AWS. Each service's SDK is imported at its first use: a bot that only rotates secrets never loads IAM. */
export const aws = defineProvider({
  name: 'aws',
  config: AwsConfig,
  connect: async (config): Promise<AwsClient> => ({
    accessKeys: accessKeysOf(config),
    secrets: secretsOf(config),
    trail: trailOf(config),
    identity: identityOf(config),
  }),
  identity: (client, signal) => client.identity(signal),
  own: (client, { signal }) => ownOf(client, signal),
})
