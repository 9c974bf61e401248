import { z } from 'zod'
import { FirebreakError } from '../../core/errors.ts'
import { callingWith, type Fault, patience, timeout } from '../fault.ts'

const credentials: Fault = {
  code: 'provider.denied',
  says: 'the credentials are not valid',
  remedy: 'Check the AWS credentials of this instance: the key may be wrong, expired, or switched off.',
}
const denied: Fault = {
  code: 'provider.denied',
  says: 'access is denied',
  remedy: 'Allow the action to the identity that Firebreak uses, or check that the thing is in this account.',
}
const missing: Fault = {
  code: 'provider.not-found',
  says: 'there is no such thing',
  remedy: 'Check the name, the account and the region.',
}
const throttled: Fault = {
  code: 'provider.throttled',
  says: 'too many requests',
  remedy: 'Try again in a minute.',
}
const unavailable: Fault = {
  code: 'provider.unavailable',
  says: 'no usable answer',
  remedy: 'Check the network and the AWS status page. The call may have had its effect: probe first.',
}
const invalid: Fault = {
  code: 'provider.invalid',
  says: 'the request was refused',
  remedy: 'Look the error code up in the API reference of the service.',
}

/** Wire codes of the two protocols, with and without the suffix that the SDK gives to modelled errors. */
const kinds: { readonly [name: string]: Fault } = {
  InvalidClientTokenId: credentials,
  UnrecognizedClientException: credentials,
  SignatureDoesNotMatch: credentials,
  InvalidSignatureException: credentials,
  ExpiredToken: credentials,
  ExpiredTokenException: credentials,
  IncompleteSignature: credentials,
  IncompleteSignatureException: credentials,
  MissingAuthenticationToken: credentials,
  MissingAuthenticationTokenException: credentials,
  CredentialsProviderError: credentials,
  AccessDenied: denied,
  AccessDeniedException: denied,
  UnauthorizedOperation: denied,
  OptInRequired: denied,
  InvalidAccessKeyId: credentials,
  NoSuchBucket: missing,
  NoSuchKey: missing,
  NoSuchEntity: missing,
  NoSuchEntityException: missing,
  ResourceNotFoundException: missing,
  SlowDown: throttled,
  Throttling: throttled,
  ThrottlingException: throttled,
  TooManyRequestsException: throttled,
  RequestLimitExceeded: throttled,
  LimitExceededException: { ...invalid, says: 'a quota is used up' },
  AbortError: timeout,
  TimeoutError: timeout,
}

/**
 * What the SDK threw, in our words. Its message and its response stay behind: services repeat arguments in them, and an
 * argument may be a secret value (P9). What is kept is the error's code, status and request id.
 */
export function awsError(operation: string, error: unknown): FirebreakError {
  const name = awsErrorName(error)
  const { httpStatusCode: status, requestId } = metadataOf(error)
  const { headers } = Answered.safeParse(error).data?.$response ?? {}
  const { code, says, remedy } = kinds[name] ?? byStatus(status)
  const details = [name, status, requestId].filter((detail) => detail !== undefined).join(', ')
  return new FirebreakError(code, `AWS ${operation}: ${says} (${details})`, {
    remedy,
    ...patience(headers),
  })
}

function byStatus(status: number | undefined): Fault {
  if (status === 429) return throttled
  return status === undefined || status >= 500 ? unavailable : invalid
}

/** The code of an SDK error, fit to be shown. */
export function awsErrorName(error: unknown): string {
  const name = error instanceof Error ? error.name : ''
  const code = name === 'Error' && error instanceof Error && 'code' in error ? String(error.code) : name
  return /^[\w.-]{1,80}$/.test(code) ? code : 'UnknownError'
}

const Metadata = z.object({
  $metadata: z.object({
    httpStatusCode: z.number().optional().catch(undefined),
    requestId: z
      .string()
      .regex(/^[\w-]{1,80}$/)
      .optional()
      .catch(undefined),
  }),
})

/** The raw answer, which the SDK hangs on what it throws. Only its headers are looked at. */
const Answered = z.object({
  $response: z.object({ headers: z.record(z.string(), z.unknown()).optional().catch(undefined) }),
})

function metadataOf(error: unknown): z.infer<typeof Metadata>['$metadata'] {
  return Metadata.safeParse(error).data?.$metadata ?? {}
}

/** Names the operation in whatever goes wrong inside. */
export const calling = callingWith(awsError)
