import { z } from 'zod'
import { AlertDecision } from './alert.ts'
import { Because } from './because.ts'
import { Change, Undo, Verdict } from './change.ts'
import type { Json, JsonObject } from './json.ts'
import { Account, type Actor } from './person.ts'
import { Gate, OnExpiry, Plan } from './plan.ts'

const json: z.ZodType<Json> = z.json()
const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), json)
const none = z.strictObject({})
const Expected = Change.pick({ target: true, before: true, after: true })
const failure = z.strictObject({ code: z.string(), message: z.string(), remedy: z.string() })

export const Mode = z.enum(['run', 'dry-run'])
export type Mode = z.infer<typeof Mode>

/** What a person who has looked says of an effect in doubt. */
export const Answer = z.enum(['applied', 'absent'])
export type Answer = z.infer<typeof Answer>

/** How a decision was made: a Slack button, or an SSH signature that an auditor can check again. */
const Evidence = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('slack'), team: z.string(), user: z.string() }),
  z.strictObject({ kind: z.literal('ssh'), message: z.string(), signature: z.string() }),
])
export type Evidence = z.infer<typeof Evidence>

/** What somebody wanted, and the signature where it was made with one. */
const wished = z.strictObject({ reason: z.string(), evidence: Evidence.optional() })

/** A person, the account that was used, and how that was proved. */
const byPerson = z.strictObject({ person: z.string(), account: Account, evidence: Evidence })

/** What an effect takes up of a guardrail that counts (core/ports.ts). */
const Counted = z.strictObject({
  key: z.string(),
  of: z.enum(['taken', 'failed']),
  limit: z.int().min(0),
  windowMs: z.int().min(1).optional(),
  /** People have agreed to go beyond it: it is taken up, and not checked. */
  waived: z.literal(true).optional(),
})
export type Counted = z.infer<typeof Counted>

/** What makes an effect wait: another run on its target, a count without room, or a time set aside. */
export const HeldBy = z.enum(['claim', 'count', 'window'])
export type HeldBy = z.infer<typeof HeldBy>

/**
 * The closed set of facts, each with the shape of its data. Run state is the fold of a run's facts (core/run.ts);
 * facts without a run concern the whole installation.
 */
export const factData = {
  'log.opened': z.strictObject({
    origin: z.string(),
    key: z.string(),
    schema: z.int(),
    /** Of a log that is kept while the usual one cannot be reached: why, and the last checkpoint known of that one. */
    breakGlass: z.strictObject({ reason: z.string(), checkpoint: z.string().optional() }).optional(),
  }),
  /** Verifier keys: from here on `key` signs the log's checkpoints, and for a while `previous` beside it. */
  'log.key-rotated': z.strictObject({ key: z.string(), previous: z.string() }),
  'log.key-retired': z.strictObject({ key: z.string() }),

  /** What this process works by, by digest; written when it is not what the last one had. */
  'config.loaded': z.strictObject({
    digest: z.string(),
    file: z.string(),
    playbooks: z.record(z.string(), z.string()),
  }),
  /** Somebody read evidence, or took it away: written before they get it. */
  access: z.strictObject({ what: z.string(), by: Account, to: z.string().optional() }),
  /** Retention has deleted so many bodies, among them all of these runs. Leaves and hashes are kept for ever. */
  'audit.forgotten': z.strictObject({
    runs: z.array(z.string()),
    entries: z.int().min(1),
    before: z.string(),
  }),
  /** The last entry of a store: the log goes on elsewhere. `size` and `root` are those of the log before this entry. */
  'log.moved': z.strictObject({ to: z.string(), size: z.int(), root: z.string() }),

  'run.requested': z.strictObject({
    mode: Mode,
    playbook: z.strictObject({ name: z.string(), title: z.string(), digest: z.string(), text: z.string() }),
    because: Because,
    /** As the playbook says; rules of the permissions may name it. */
    severity: z.enum(['low', 'medium', 'high', 'critical']).optional(),
    /** Of an undo, through however many undos: the playbook whose effects it is about. */
    origin: z.string().optional(),
    inputs: jsonObject,
    /** The alert's fingerprint where an alert asked. */
    alert: z.string().optional(),
    /** The route that the alert took. */
    route: z.string().optional(),
    reason: z.string().optional(),
    /** A gate on the whole plan, besides those of its steps. */
    gate: Gate.optional(),
    /** What the permissions ask for, by step, besides what the steps ask for themselves. */
    gates: z.array(Gate).optional(),
    config: z.string(),
    contracts: z.record(z.string(), z.int()),
    /** The run that this one puts back. */
    undoes: z.string().optional(),
    /** Of an undo, by step: what the effect that it puts back had found, and what it had left. */
    expects: z.record(z.string(), Expected).optional(),
    /** Of an undo: what of that run cannot be put back, and why. */
    stays: z.array(z.strictObject({ step: z.string(), reason: z.string() })).optional(),
    /**
     * Of the undo at the end of a containment's time: the step, and the request whose approval covers it, if people were
     * asked about the step. Such a run asks nobody: it does exactly what `expects` says, or nothing.
     */
    expiry: z.strictObject({ step: z.string(), approval: z.string().optional() }).optional(),
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
  /** The time of the playbook is over: nothing more of the main part begins. */
  'run.timed-out': none,
  /** Taken up by a process after another one left it in the middle. Too many of these in a row park the run. */
  'run.recovered': none,
  /** A legal hold: nothing of the run is forgotten until it is released. It may be set when the run is long over. */
  'run.held': wished,
  'run.released': wished,
  /** A person takes a parked run on, and says what they know of its steps in doubt. The others are looked at again. */
  'run.resumed': wished.extend({ answers: z.record(z.string(), Answer) }),
  /** Somebody else has looked at a run in which one person acted alone. `reason` is what they found. */
  'run.reviewed': byPerson.extend({ reason: z.string() }),

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
  /** Who has approved takes it back, before the effect. */
  'approval.withdrawn': byPerson.extend({ request: z.string(), reason: z.string() }),
  /** Break-glass: one person acts at once, alone. `told` are those who would have been asked. A review is due. */
  'approval.bypassed': byPerson.extend({
    request: z.string(),
    digest: z.string(),
    reason: z.string(),
    told: z.array(z.string()),
  }),
  /** Every gate of the request has its people: the run goes on. Eligibility is judged again at the moment of effect. */
  'approval.satisfied': z.strictObject({ request: z.string() }),
  /** Expiry is a refusal (P4). */
  'approval.expired': z.strictObject({ request: z.string() }),
  /** Somebody tried who may not. The run keeps waiting. */
  'approval.refused': z.strictObject({ request: z.string(), account: Account, why: z.string() }),
  'approval.voided': z.strictObject({ request: z.string(), steps: z.array(z.string()), why: z.string() }),

  'step.expanded': z.strictObject({ items: z.array(json) }),
  /** A failure that may pass, after this many tries: the step is tried again then. */
  'step.retrying': z.strictObject({ tries: z.int().min(1), until: z.string(), problem: failure }),
  /**
   * A guardrail holds the effect back, and it is tried again: when `until` comes, or when that guardrail has room. `key`
   * names what it waits for: a target, `budget/gpu`, `window/friday`; `run`, who holds the target.
   */
  'step.held': z.strictObject({
    by: HeldBy,
    key: z.string(),
    why: z.string(),
    until: z.string().optional(),
    run: z.string().optional(),
  }),
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
    /** By this name the run holds the target from here on. */
    claim: z.string().optional(),
    /** The guardrails that count, as they were checked and taken up in the transaction of this fact. */
    counts: z.array(Counted).optional(),
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

  /** The effect is in place, until then. Facts of a containment go on after its run has ended. */
  'containment.started': z.strictObject({ until: z.string(), ttlMs: z.int(), onExpiry: OnExpiry }),
  /** People are told of its end, which is later than it was where they would be told too late. */
  'containment.announced': z.strictObject({ until: z.string() }),
  /** Its time is over. The effect is still in place. */
  'containment.expired': none,
  /** It stays until people say what shall become of it. */
  'containment.asked': z.strictObject({ why: z.string() }),
  /** A run begins that puts it back, by its step `as`: at the end of its time, or because somebody wants it. */
  'containment.lifting': z.strictObject({
    undo: z.string(),
    as: z.string(),
    by: z.enum(['expiry', 'people']),
    reason: z.string().optional(),
    evidence: Evidence.optional(),
  }),
  /** That run ended, and the effect is still in place. */
  'containment.not-lifted': z.strictObject({ undo: z.string(), why: z.string() }),
  /** A run has put it back, and a probe has seen that. */
  'containment.lifted': z.strictObject({ undo: z.string() }),
  'containment.renewed': wished.extend({ until: z.string(), ttlMs: z.int() }),
  /** For good: it has no end any more. */
  'containment.kept': wished,

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
  /** Lifting a freeze takes several people: one of them has said so. */
  'thaw.asked': byPerson.extend({ reason: z.string() }),
  /** `by` are the people who lifted it together. */
  'freeze.lifted': wished.extend({ by: z.array(z.string()).optional() }),
  /** A command or request that was refused before it became a run. */
  'command.refused': z.strictObject({ command: z.string(), code: z.string(), message: z.string() }),
  'notice.delivered': z.strictObject({ notice: z.string(), channel: z.string(), receipt: z.string() }),
  'notice.failed': z.strictObject({ notice: z.string(), channel: z.string(), why: z.string() }),
} as const

export type FactType = keyof typeof factData
export type FactData<T extends FactType> = z.infer<(typeof factData)[T]>

/** A run is over with one of these. A dry run ends with its plan. */
export const runEnds = [
  'run.succeeded',
  'run.failed',
  'run.cancelled',
  'run.rejected',
  'run.expired',
] as const satisfies readonly FactType[]

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
