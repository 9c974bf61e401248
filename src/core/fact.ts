import { z } from 'zod'
import { AlertDecision } from './alert.ts'
import { Because } from './because.ts'
import { Change, Undo, Verdict } from './change.ts'
import type { Json, JsonObject } from './json.ts'
import { Account, type Actor } from './person.ts'
import { Gate, Plan } from './plan.ts'

const json: z.ZodType<Json> = z.json()
const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), json)
const none = z.strictObject({})
const failure = z.strictObject({ code: z.string(), message: z.string(), remedy: z.string() })

export const Mode = z.enum(['run', 'dry-run'])
export type Mode = z.infer<typeof Mode>

/** How a decision was made: a Slack button, or an SSH signature that an auditor can check again. */
const Evidence = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('slack'), team: z.string(), user: z.string() }),
  z.strictObject({ kind: z.literal('ssh'), message: z.string(), signature: z.string() }),
])
export type Evidence = z.infer<typeof Evidence>

/** What somebody wanted, and the signature where it was made with one. */
const wished = z.strictObject({ reason: z.string(), evidence: Evidence.optional() })

/**
 * The closed set of facts, each with the shape of its data. Run state is the fold of a run's facts (core/run.ts);
 * facts without a run concern the whole installation.
 */
export const factData = {
  'log.opened': z.strictObject({ origin: z.string(), key: z.string(), schema: z.int() }),

  'run.requested': z.strictObject({
    mode: Mode,
    playbook: z.strictObject({ name: z.string(), title: z.string(), digest: z.string(), text: z.string() }),
    because: Because,
    inputs: jsonObject,
    /** The alert's fingerprint where an alert asked. */
    alert: z.string().optional(),
    reason: z.string().optional(),
    /** A gate on the whole plan, besides those of its steps. */
    gate: Gate.optional(),
    config: z.string(),
    contracts: z.record(z.string(), z.int()),
    /** The run that this one puts back. */
    undoes: z.string().optional(),
    evidence: Evidence.optional(),
  }),
  'run.planned': z.strictObject({ plan: Plan }),
  'run.succeeded': none,
  'run.failed': failure,
  'run.cancelled': wished,
  'run.rejected': z.strictObject({ request: z.string(), reason: z.string() }),
  'run.expired': z.strictObject({ request: z.string(), reason: z.string() }),
  'run.parked': failure,
  'run.cancel-requested': wished,

  'approval.requested': z.strictObject({
    request: z.string(),
    /** Digest of the plan as shown. */
    digest: z.string(),
    /** Per line, what exactly is covered. */
    lines: z.record(z.string(), z.string()),
    gates: z.array(Gate),
    expires: z.string(),
    /** Set when an earlier request was voided: what changed. */
    because: z.string().optional(),
  }),
  'approval.given': z.strictObject({
    request: z.string(),
    digest: z.string(),
    person: z.string(),
    account: Account,
    evidence: Evidence,
  }),
  'approval.rejected': z.strictObject({
    request: z.string(),
    person: z.string(),
    account: Account,
    evidence: Evidence,
    reason: z.string(),
  }),
  /** Every gate of the request has its people: the run goes on. Eligibility is judged again at the moment of effect. */
  'approval.satisfied': z.strictObject({ request: z.string() }),
  /** Expiry is a refusal (P4). */
  'approval.expired': z.strictObject({ request: z.string() }),
  /** Somebody tried who may not. The run keeps waiting. */
  'approval.refused': z.strictObject({ request: z.string(), account: Account, why: z.string() }),
  'approval.voided': z.strictObject({ request: z.string(), steps: z.array(z.string()), why: z.string() }),

  'step.expanded': z.strictObject({ items: z.array(json) }),
  /** The step waits until then, whoever runs the program meanwhile. */
  'step.waiting': z.strictObject({ until: z.string() }),
  /** A person is asked to do the step by hand, until then where the step has a timeout. */
  'step.asked': z.strictObject({
    who: z.string(),
    what: z.string(),
    link: z.string().optional(),
    until: z.string().optional(),
  }),
  /** Somebody says that it is done. Not yet proof (P6). */
  'step.said-done': z.strictObject({ person: z.string(), account: Account, evidence: Evidence }),
  /** What was said to be done is not: the step goes on asking. */
  'step.not-closed': z.strictObject({ why: z.string() }),
  /** Written before the effect (P1). `digest` is that of the re-plan; `approval` names the request that covers it. */
  'step.intended': z.strictObject({
    attempt: z.int().min(1),
    key: z.string(),
    input: jsonObject,
    change: Change,
    undo: Undo,
    digest: z.string(),
    approval: z.string().optional(),
    deadlineMs: z.int(),
    settleMs: z.int(),
  }),
  /** The provider answered; not yet proof (P6). */
  'step.applied': none,
  'step.probed': z.strictObject({ verdict: Verdict, inDoubt: z.boolean() }),
  'step.succeeded': z.strictObject({ output: jsonObject }),
  'step.satisfied': z.strictObject({ output: jsonObject, change: Change }),
  'step.skipped': z.strictObject({ reason: z.string() }),
  'step.failed': failure,
  /** The probe could not settle what happened: a person must look. */
  'step.in-doubt': failure,

  'alert.decided': z.strictObject({
    source: z.string(),
    fingerprint: z.string(),
    status: z.string(),
    name: z.string(),
    labels: z.record(z.string(), z.string()),
    decision: AlertDecision,
    reason: z.string(),
    route: z.string().optional(),
    run: z.string().optional(),
    /** SHA-256 of the body as it came. */
    body: z.string(),
  }),
  'freeze.set': wished,
  'freeze.lifted': wished,
  /** A command or request that was refused before it became a run. */
  'command.refused': z.strictObject({ command: z.string(), code: z.string(), message: z.string() }),
  'notice.delivered': z.strictObject({ notice: z.string(), channel: z.string(), receipt: z.string() }),
  'notice.failed': z.strictObject({ notice: z.string(), channel: z.string(), why: z.string() }),
} as const

export type FactType = keyof typeof factData
export type FactData<T extends FactType> = z.infer<(typeof factData)[T]>

/** A fact about to be written. `n` is its place in the run and the fence: whoever loses the race reloads (engine.md §5). */
export type NewFact = {
  readonly [T in FactType]: {
    readonly type: T
    readonly data: FactData<T>
    readonly actor: Actor
    readonly run?: string
    readonly n?: number
    readonly step?: string
  }
}[FactType]

/** A fact as the log holds it. */
export type Fact = NewFact & { readonly seq: number; readonly time: string }
