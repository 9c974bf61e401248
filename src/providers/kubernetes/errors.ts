import { z } from 'zod'
import { FirebreakError } from '../../core/errors.ts'
import { callingWith, type Fault, patience, timeout } from '../fault.ts'

const unavailable: Fault = {
  code: 'provider.unavailable',
  says: 'no usable answer',
  remedy: 'Check the network, the address and the health of the API server. A call may have had its effect.',
}
const invalid: Fault = {
  code: 'provider.invalid',
  says: 'the request was refused as invalid',
  remedy: 'Look at the fields named in the message.',
}

const byStatus: { readonly [status: number]: Fault } = {
  401: {
    code: 'provider.denied',
    says: 'the token is not valid',
    remedy: 'Check the credentials of this cluster: the token may be wrong or expired.',
  },
  403: {
    code: 'provider.denied',
    says: 'access is denied',
    remedy: 'Give the service account of Firebreak the rules of deploy/kubernetes/rbac.yaml.',
  },
  404: {
    code: 'provider.not-found',
    says: 'there is no such thing',
    remedy: 'Check the name, the namespace and the cluster.',
  },
  409: {
    code: 'provider.conflict',
    says: 'it changed since it was read',
    remedy: 'Plan again: the change that was planned may no longer be right.',
  },
  410: { ...unavailable, says: 'the list changed too much while it was read', remedy: 'Try again.' },
  429: {
    code: 'provider.throttled',
    says: 'not now: too many requests, or a disruption budget',
    remedy: 'Try again in a minute.',
  },
  504: timeout,
}

/** A Status as the server sends it. Everything is optional, because proxies answer too. */
const Status = z.object({
  reason: z
    .string()
    .regex(/^\w{1,60}$/)
    .optional()
    .catch(undefined),
  message: z.string().optional().catch(undefined),
  details: z
    .object({
      causes: z
        .array(z.object({ field: z.string().optional() }))
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
})
type Status = z.infer<typeof Status>

/** `ApiException`: `body` is text for most answers, undefined for 401; its `message` holds body and headers, so it is never shown. */
const ApiFailure = z.object({
  code: z.int().min(100).max(599),
  body: z.unknown(),
  headers: z.record(z.string(), z.unknown()).optional().catch(undefined),
})

function statusOf(body: unknown): Status {
  if (typeof body !== 'string') return Status.safeParse(body).data ?? {}
  try {
    return Status.safeParse(JSON.parse(body)).data ?? {}
  } catch {
    return {}
  }
}

/** "cannot patch deployments/scale in the namespace x": the part of a 403 that is ours, not the caller's. */
function missingRight({ message = '' }: Status): string | undefined {
  const what =
    /cannot (\w+) resource "([\w./-]{1,100})" in API group "([\w.-]{0,100})"(?: in the namespace "([\w-]{1,63})")?/
  const [, verb, resource, group, namespace] = what.exec(message) ?? []
  if (verb === undefined) return undefined
  const kind = group === '' ? resource : `${resource} (${group})`
  return `may not ${verb} ${kind}${namespace === undefined ? '' : ` in ${namespace}`}`
}

function fieldsOf({ details }: Status): string | undefined {
  const fields = (details?.causes ?? []).flatMap(({ field }) =>
    /^[\w.[\]-]{1,100}$/.test(field ?? '') ? [field] : [],
  )
  return fields.length === 0 ? undefined : fields.slice(0, 5).join(', ')
}

/** Undefined where no HTTP answer came. */
export function httpStatusOf(error: unknown): number | undefined {
  return ApiFailure.safeParse(error).data?.code
}

/** The server's way to say that a `test` of a JSON patch failed: 422 without a single cause. */
export function isFailedTest(error: unknown): boolean {
  const failure = ApiFailure.safeParse(error).data
  return failure?.code === 422 && (statusOf(failure.body).details?.causes ?? []).length === 0
}

function kindOf(status: number | undefined, error: unknown): Fault {
  if (status !== undefined) return byStatus[status] ?? (status >= 500 ? unavailable : invalid)
  const name = error instanceof Error ? error.name : ''
  return name === 'TimeoutError' || name === 'AbortError' ? timeout : unavailable
}

/** The code of a network failure: `fetch failed` hides it in its cause. */
function networkCode(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined
  return code !== undefined && /^\w{1,60}$/.test(code) ? code : undefined
}

/**
 * What the client threw, in our words. Its message and the body of the answer stay behind, because the server repeats
 * whole objects in them (P9). What is kept: HTTP status, reason, the missing right, the names of the fields.
 */
export function kubernetesError(operation: string, error: unknown): FirebreakError {
  const failure = ApiFailure.safeParse(error).data
  const status = failure === undefined ? {} : statusOf(failure.body)
  const { code, says, remedy } = kindOf(failure?.code, error)
  const details = [failure?.code, status.reason, missingRight(status), fieldsOf(status), networkCode(error)]
  const shown = details.filter((detail) => detail !== undefined).join(', ')
  return new FirebreakError(code, `Kubernetes, ${operation}: ${says}${shown === '' ? '' : ` (${shown})`}`, {
    remedy,
    ...patience(failure?.headers),
  })
}

/** Names the operation in whatever goes wrong inside. */
export const calling = callingWith(kubernetesError)
