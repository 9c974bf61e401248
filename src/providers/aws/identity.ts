import type { AwsConfig } from './config.ts'
import { calling } from './errors.ts'
import { lazy } from './lazy.ts'
import { clientOptions } from './options.ts'

/** Who Firebreak is to this account, as STS says: an ARN. */
export type Identity = (signal: AbortSignal) => Promise<string>

export function identityOf(config: AwsConfig): Identity {
  const sts = lazy(async () => {
    const sdk = await import('@aws-sdk/client-sts')
    return { sdk, client: new sdk.STSClient(clientOptions(config).reading) }
  })
  return async (abortSignal) => {
    const { sdk, client } = await sts()
    const command = new sdk.GetCallerIdentityCommand({})
    const { Arn } = await calling('sts:GetCallerIdentity', () => client.send(command, { abortSignal }))
    return Arn ?? ''
  }
}
