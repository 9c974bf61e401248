/** One call, as the stand-in saw it. Secret values never get here. */
export type LoggedRequest = {
  readonly at: Date
  readonly service: string
  readonly operation: string
  readonly params: unknown
  /** The key that signed, once the signature was found good. */
  readonly accessKeyId?: string
  readonly mutates: boolean
  /** 0 when the connection was broken instead of an answer. */
  readonly status: number
  readonly errorCode?: string
}

const secretMembers = new Set([
  'SecretString',
  'SecretBinary',
  'SecretAccessKey',
  'RotationToken',
  'RandomPassword',
])

/** A copy fit for a log: members that the service model calls sensitive are replaced. */
export function redact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redact)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]: [string, unknown]) => [
      key,
      secretMembers.has(key) ? '[redacted]' : redact(member),
    ]),
  )
}
