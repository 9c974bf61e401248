import { z } from 'zod'
import type { ContainmentView, GuardrailView, RunView } from './app.ts'
import { Because } from './because.ts'
import { type Containment, containmentStates, type ContainmentStatus } from './containment.ts'
import { Change, Target, Undo } from './change.ts'
import { Answer, type Fact, type FactType, factData, Mode } from './fact.ts'
import type { Json, JsonObject } from './json.ts'
import { Actor, Person } from './person.ts'
import { OnExpiry, Plan } from './plan.ts'
import type { InputType, PlaybookInfo, StepInfo } from './playbook.ts'
import {
  type ApprovalState,
  type RunState,
  runStates,
  type RunStatus,
  type StepState,
  stepStates,
  type StepStatus,
  type Stop,
} from './run.ts'

// Runs, playbooks and facts as the control API sends them. Each schema is held to its type of core by the compiler,
// and `Keys` makes it name the optional fields too: one that is missing here would be dropped in silence.

type Keys<T> = { readonly [K in keyof Required<T>]: z.ZodType }

const json: z.ZodType<Json> = z.json()
const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), json)

const text = { type: z.literal('string'), description: z.string() }
const InputAnswer: z.ZodType<InputType> = z.lazy(() =>
  z.discriminatedUnion('type', [
    z.object({
      ...text,
      enum: z.array(z.string()).optional(),
      pattern: z.string().optional(),
      format: z.enum(['date-time', 'email', 'uri', 'uuid', 'ipv4', 'ipv6']).optional(),
      minLength: z.number().optional(),
      maxLength: z.number().optional(),
      default: z.string().optional(),
    }),
    z.object({
      type: z.enum(['integer', 'number']),
      description: z.string(),
      minimum: z.number().optional(),
      maximum: z.number().optional(),
      default: z.number().optional(),
    }),
    z.object({ type: z.literal('boolean'), description: z.string(), default: z.boolean().optional() }),
    z.object({
      type: z.literal('array'),
      description: z.string(),
      items: InputAnswer,
      maxItems: z.number().optional(),
      default: z.array(json).optional(),
    }),
    z.object({
      type: z.literal('object'),
      description: z.string(),
      properties: z.record(z.string(), InputAnswer),
      required: z.array(z.string()).optional(),
    }),
  ]),
)

const StepAnswer: z.ZodType<StepInfo> = z.object({
  id: z.string(),
  action: z.string(),
  title: z.string(),
  effect: z.enum(['read', 'notify', 'wait', 'manual', 'reversible', 'irreversible']),
  needs: z.array(z.string()),
  when: z.string().exactOptional(),
  repeats: z.boolean(),
  approve: z.array(z.object({ from: z.string(), count: z.number(), withinMs: z.number() })).exactOptional(),
  retry: z.object({ attempts: z.number(), waitMs: z.number(), longestMs: z.number() }).exactOptional(),
  ttlMs: z.number().exactOptional(),
  onExpiry: OnExpiry.exactOptional(),
} satisfies Keys<StepInfo>)

const PlaybookAnswer: z.ZodType<PlaybookInfo> = z.object({
  name: z.string(),
  title: z.string(),
  severity: z.enum(['low', 'medium', 'high', 'critical']),
  because: Because,
  covers: z.object({ atlas: z.array(z.string()), owaspLlm: z.array(z.string()) }),
  inputs: z.record(z.string(), InputAnswer),
  steps: z.array(StepAnswer),
  timeoutMs: z.number().exactOptional(),
  digest: z.string(),
  file: z.string(),
} satisfies Keys<PlaybookInfo>)

const failure = factData['run.failed']
const runStatus = z.literal(keysOf(runStates))
const stepStatus = z.literal(keysOf(stepStates))

const ContainmentState: z.ZodType<Containment> = z.object({
  status: z.literal(keysOf(containmentStates)),
  until: z.string(),
  ttlMs: z.number(),
  onExpiry: OnExpiry,
  announced: z.string().exactOptional(),
  asked: z.object({ at: z.string(), why: z.string() }).exactOptional(),
  lifting: factData['containment.lifting'].extend({ at: z.string() }).exactOptional(),
  reason: z.string().exactOptional(),
  endedAt: z.string().exactOptional(),
} satisfies Keys<Containment>)

const StepStateAnswer: z.ZodType<StepState> = z.object({
  id: z.string(),
  status: stepStatus,
  items: z.array(json).exactOptional(),
  output: jsonObject.exactOptional(),
  intent: factData['step.intended'].extend({ at: z.string() }).exactOptional(),
  change: Change.exactOptional(),
  undo: Undo.exactOptional(),
  problem: failure.exactOptional(),
  reason: z.string().exactOptional(),
  held: factData['step.held'].extend({ at: z.string() }).exactOptional(),
  waitsUntil: z.string().exactOptional(),
  asked: factData['step.asked'].extend({ at: z.string() }).exactOptional(),
  saidDone: factData['step.said-done'].extend({ at: z.string() }).exactOptional(),
  notClosed: z.string().exactOptional(),
  retrying: z.object({ tries: z.number(), problem: failure }).exactOptional(),
  answered: z.object({ as: Answer, by: Actor, at: z.string() }).exactOptional(),
  containment: ContainmentState.exactOptional(),
  startedAt: z.string().exactOptional(),
  endedAt: z.string().exactOptional(),
} satisfies Keys<StepState>)

const ApprovalAnswer: z.ZodType<ApprovalState> = factData['approval.requested'].extend({
  at: z.string(),
  given: z.array(factData['approval.given'].extend({ at: z.string() })),
  status: z.enum(['open', 'satisfied', 'voided', 'rejected', 'expired']),
  voided: z.string().exactOptional(),
  bypassed: factData['approval.bypassed'].extend({ at: z.string() }).exactOptional(),
})

const StopAnswer: z.ZodType<Stop> = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['rejected', 'expired']), request: z.string(), reason: z.string() }),
  z.object({ kind: z.enum(['cancelled', 'timed-out']), reason: z.string() }),
])

const RunStateAnswer: z.ZodType<RunState> = z.object({
  id: z.string(),
  n: z.number(),
  status: runStatus,
  mode: Mode,
  requested: factData['run.requested'],
  requester: Actor,
  because: Because,
  plan: Plan.exactOptional(),
  approvals: z.array(ApprovalAnswer),
  steps: z.record(z.string(), StepStateAnswer),
  stop: StopAnswer.exactOptional(),
  problem: failure.exactOptional(),
  reason: z.string().exactOptional(),
  recoveries: z.number(),
  requestedAt: z.string(),
  endedAt: z.string().exactOptional(),
  held: z.object({ by: Actor, at: z.string(), reason: z.string() }).exactOptional(),
  review: z
    .object({
      by: z.string(),
      reason: z.string(),
      at: z.string(),
      reviewed: factData['run.reviewed'].extend({ at: z.string() }).exactOptional(),
    })
    .exactOptional(),
} satisfies Keys<RunState>)

export const RunAnswer: z.ZodType<RunView> = z.object({
  state: RunStateAnswer,
  playbook: PlaybookAnswer,
  waitingFor: z
    .object({
      request: z.string(),
      digest: z.string(),
      expires: z.string(),
      missing: z.array(z.string()),
      eligible: z.array(Person),
    })
    .exactOptional(),
  byHand: z.array(z.object({ step: z.string(), people: z.array(Person) })).exactOptional(),
  notes: z.array(z.string()).exactOptional(),
} satisfies Keys<RunView>)

/** A live containment in a list. */
export const ContainmentAnswer: z.ZodType<ContainmentView> = z.object({
  run: z.string(),
  step: z.string(),
  playbook: z.object({ name: z.string(), title: z.string() }),
  target: Target.exactOptional(),
  containment: ContainmentState,
} satisfies Keys<ContainmentView>)

const factTypes = keysOf(factData)
const Envelope = z.object({
  seq: z.number(),
  time: z.string(),
  type: z.literal(factTypes),
  actor: Actor,
  run: z.string().exactOptional(),
  n: z.number().exactOptional(),
  step: z.string().exactOptional(),
  data: z.unknown(),
})

/** A fact whose data has the shape of its type. */
export const FactAnswer: z.ZodType<Fact> = z.custom<Fact>(isFact, {
  error: 'not a fact that this version knows',
})

function isFact(value: unknown): value is Fact {
  const envelope = Envelope.safeParse(value)
  return envelope.success && factData[envelope.data.type].safeParse(envelope.data.data).success
}

/** One message of a watch: what was committed, and the run after it. */
export const WatchMessage = z.object({ view: RunAnswer, facts: z.array(FactAnswer) })
export type WatchMessage = z.infer<typeof WatchMessage>

/** A guardrail as it is now. */
export const GuardrailAnswer: z.ZodType<GuardrailView> = z.object({
  key: z.string(),
  kind: z.enum(['budget', 'breaker', 'window']),
  says: z.string(),
  closed: z.boolean(),
  waiting: z.array(z.object({ run: z.string(), step: z.string() })),
} satisfies Keys<GuardrailView>)

/** Why a run, an alert or a refusal is as it is: in a sentence, then what that rests on. */
export const WhyAnswer = z.object({
  answer: z.string(),
  because: z.array(z.string()),
  run: RunAnswer.nullable(),
  facts: z.array(FactAnswer),
})
export type WhyAnswer = z.infer<typeof WhyAnswer>

function keysOf(table: typeof runStates): RunStatus[]
function keysOf(table: typeof stepStates): StepStatus[]
function keysOf(table: typeof containmentStates): ContainmentStatus[]
function keysOf(table: typeof factData): FactType[]
function keysOf(table: object): string[] {
  return Object.keys(table)
}
