import { z } from 'zod'
import { Change, Confidence, Undo } from './change.ts'

/**
 * Who must agree. `scope` is a step, or `run` for the whole plan (an alert's *propose* route). `from` is a role,
 * `count` how many distinct persons of it. Of several gates of one scope and one rule a person counts for one.
 */
export const Gate = z.strictObject({
  scope: z.string(),
  from: z.string(),
  count: z.int().min(1),
  withinMs: z.int().min(1000),
  /** What asks, where it is not the playbook: `approvals/irreversible`, `budget/gpu`, `breaker/k8s`, `window/friday`. */
  rule: z.string().optional(),
})
export type Gate = z.infer<typeof Gate>

/** What becomes of a containment whose time is over: people are asked, or the effect undoes itself. */
export const OnExpiry = z.enum(['ask', 'undo'])

/**
 * One line of a plan. `step` is a step of the playbook, or an item of one that repeats: `secrets[0]`.
 * - `change`: the effect would do this. - `satisfied`: the world is already as wanted.
 * - `read`, `notify`, `wait`: no effect on the target systems. - `manual`: a person is asked to do it.
 * - `unknown`: depends on what an earlier step returns.
 * - `fails`: as things are it cannot be done; the summary says why and what to do. The rest of the plan still stands.
 * - `skip`: its `when` is false. `onFailure` marks a branch that runs only when something failed.
 */
export const PlanLine = z.strictObject({
  step: z.string(),
  action: z.string(),
  contract: z.int(),
  title: z.string(),
  effect: z.enum(['read', 'notify', 'wait', 'manual', 'reversible', 'irreversible']),
  /** Which configured cluster or account. */
  instance: z.string(),
  kind: z.enum(['change', 'satisfied', 'read', 'notify', 'wait', 'manual', 'unknown', 'fails', 'skip']),
  onFailure: z.boolean(),
  confidence: Confidence,
  change: Change.optional(),
  undo: Undo.optional(),
  /** Of a containment: how long the effect is to stay, and what then. Both are part of the digest. */
  ttlMs: z.int().optional(),
  onExpiry: OnExpiry.optional(),
  /** What a person reads on this line: what is sent where, why it is skipped or unknown. */
  summary: z.string(),
  /** SHA-256 of what an approval of this line signs (DESIGN section 6). */
  digest: z.string(),
})
export type PlanLine = z.infer<typeof PlanLine>

/** The changes a run would make. `digest` is what an approval signs. */
export const Plan = z.strictObject({
  digest: z.string(),
  lines: z.array(PlanLine),
  gates: z.array(Gate),
})
export type Plan = z.infer<typeof Plan>

/** `secrets[0]` → `secrets`; a step that does not repeat is itself. */
export function stepOf(instance: string): string {
  const bracket = instance.indexOf('[')
  return bracket === -1 ? instance : instance.slice(0, bracket)
}

/** `secrets[3]` → 3; undefined for a step that does not repeat. */
export function itemOf(instance: string): number | undefined {
  const match = /\[(\d+)\]$/.exec(instance)
  return match ? Number(match[1]) : undefined
}

export function instanceOf(step: string, item: number): string {
  return `${step}[${item}]`
}
