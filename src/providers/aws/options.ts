import { makeKnown } from '../../core/scrub/known.ts'
import { Secret } from '../../core/secret.ts'
import type { AwsConfig } from './config.ts'

type Credentials = NonNullable<AwsConfig['credentials']>

/** Options for an SDK client. */
export type ClientOptions = {
  readonly region: string
  readonly endpoint?: string
  readonly credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
  readonly maxAttempts: number
  readonly requestHandler: {
    readonly requestTimeout: number
    readonly connectionTimeout: number
    readonly throwOnRequestTimeout: true
  }
}

/**
 * `reading` may be sent again by the SDK. `writing` never is: a repeat after a lost answer is the engine's decision,
 * after a probe (P5). The SDK only warns about a request that takes too long unless it is told to throw.
 */
export function clientOptions(config: AwsConfig): { reading: ClientOptions; writing: ClientOptions } {
  const { region, endpoint, credentials, timeoutMs, maxAttempts } = config
  // Where none are configured the SDK finds its own; those of the environment are made known to the scrubber.
  for (const name of ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) makeKnown(process.env[name] ?? '')
  const writing = {
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials: revealed(credentials) }),
    maxAttempts: 1,
    requestHandler: {
      requestTimeout: timeoutMs,
      connectionTimeout: Math.min(timeoutMs, 3000),
      throwOnRequestTimeout: true,
    } as const,
  }
  return { writing, reading: { ...writing, maxAttempts } }
}

/** The id of a key is no secret, but may come from where secrets do. */
export function keyIdOf(accessKeyId: string | Secret): string {
  return accessKeyId instanceof Secret ? accessKeyId.reveal() : accessKeyId
}

function revealed({ accessKeyId, secretAccessKey, sessionToken }: Credentials) {
  return {
    accessKeyId: keyIdOf(accessKeyId),
    secretAccessKey: secretAccessKey.reveal(),
    ...(sessionToken === undefined ? {} : { sessionToken: sessionToken.reveal() }),
  }
}
