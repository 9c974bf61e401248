import { z } from 'zod'
import type { Json, JsonObject } from './json.ts'

const json: z.ZodType<Json> = z.json()
const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), json)

/**
 * The thing touched. `id` is stable for the life of the thing (uid, ARN): claims and digests use it. `name` is for people.
 * The rest is what guardrails know it by, and changes no digest: where it lives, and the labels or tags that it has now.
 */
export const Target = z.strictObject({
  kind: z.string().min(1),
  id: z.string().min(1),
  name: z.string().min(1),
  /** Kubernetes: the namespace. */
  namespace: z.string().optional(),
  /** AWS: the twelve digits of the account. */
  account: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
})
export type Target = z.infer<typeof Target>

/**
 * How far a plan line can be believed (facts/field.md N2): *verified* by the provider's own dry run, *predicted* by us from
 * reads, or *unknown*: it cannot be said before an earlier step has run.
 */
export const Confidence = z.enum(['verified', 'predicted', 'unknown'])
export type Confidence = z.infer<typeof Confidence>

/**
 * What an effect would do: target, before, after. `before` and `after` hold only the fields that the action owns, so that
 * a status that flaps never changes a digest. `version` makes the write conditional and is never part of a digest.
 */
export const Change = z.strictObject({
  target: Target,
  before: jsonObject,
  after: jsonObject,
  version: z.string().optional(),
  confidence: Confidence,
  /** What the step would return, so that a dry run can go on. */
  output: jsonObject,
  /** A sentence for people about what the change does not show, such as an autoscaler in the way. */
  note: z.string().optional(),
  /** How many things of this kind there are where the target lives, so that a guardrail can speak of a share of them. */
  fleet: z.int().min(1).optional(),
  /** What is lost for ever by it, in words: no undo brings it back. */
  loses: z.string().optional(),
})
export type Change = z.infer<typeof Change>

/** The inverse of an effect as data, or the reason why there is none. */
export const Undo = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('inverse'), action: z.string(), input: jsonObject }),
  z.strictObject({ kind: z.literal('never'), reason: z.string() }),
])
export type Undo = z.infer<typeof Undo>

export function inverse(action: string, input: JsonObject): Undo {
  return { kind: 'inverse', action, input }
}

export function never(reason: string): Undo {
  return { kind: 'never', reason }
}

/**
 * What a probe saw: the effect is in place; it is not; somebody else has changed the target since; or it cannot be told.
 */
export const Verdict = z.enum(['applied', 'absent', 'changed', 'unknown'])
export type Verdict = z.infer<typeof Verdict>
