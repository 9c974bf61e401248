import { z } from 'zod'

/** A normalised trigger. Every text in it is hostile: its author is whoever could make the alert fire. */
export const Alert = z.strictObject({
  source: z.string(),
  /** Stable from firing to resolved; the key of deduplication. */
  fingerprint: z.string().min(1),
  status: z.enum(['firing', 'resolved']),
  name: z.string(),
  severity: z.string().optional(),
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  /** When it began, RFC 3339 UTC; the arrival time when the source does not say. */
  startsAt: z.string(),
  /** The sender left alerts out of this message. */
  truncated: z.int().nonnegative(),
})
export type Alert = z.infer<typeof Alert>

/** What was decided about an alert, and why: nothing is silent (P13). */
export const AlertDecision = z.enum(['auto', 'propose', 'ignore', 'duplicate', 'refused'])
export type AlertDecision = z.infer<typeof AlertDecision>

export type AlertOutcome = {
  readonly fingerprint: string
  readonly decision: AlertDecision
  readonly reason: string
  readonly run?: string
}
