import { z } from 'zod'
import type {
  AnchorReport,
  AuditReport,
  Challenge,
  DecisionOutcome,
  LogQuery,
  Exported,
  SignedAction,
} from './app.ts'
import { AlertDecision, type AlertOutcome } from './alert.ts'
import { durationPattern } from './duration.ts'
import { Answer } from './fact.ts'
import type { JsonObject } from './json.ts'

// What the control API and its clients say to each other: requests and small answers. Runs, playbooks and facts are in
// wire-views.ts. Requests are strict, because an unknown key is a mistake; answers are open, so that an older client
// can read a newer bot.

/** The control API's socket in a state folder. */
export const SOCKET_NAME = 'control.sock'

/** The local user whose command this is, encoded like a part of a URL: the client's word for itself. */
export const USER_HEADER = 'firebreak-user'

/** Bodies larger than this are refused unread, on every door. */
export const MAX_BODY = 1024 * 1024

const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), z.json())
const RunId = z.string().min(1).max(128)
const Words = z.string().max(2000)
const PlaybookName = z.string().min(1).max(200)
const StepId = z.string().min(1).max(128)
const Time = z.string().regex(durationPattern)
const Answers = z.record(StepId, Answer)
const why = { reason: Words.exactOptional() }

export const ErrorAnswer = z.object({
  error: z.object({ code: z.string(), message: z.string(), remedy: z.string() }),
})
export type ErrorAnswer = z.infer<typeof ErrorAnswer>

/**
 * A plan, which changes nothing. A run acts, so it is a signed action (`ChallengeCall`), and no start.
 * `user` is what the client says of itself: a name to show, never an authority.
 */
export const StartCall = z.strictObject({
  playbook: PlaybookName,
  inputs: jsonObject,
  mode: z.literal('dry-run'),
  user: z.string().min(1).max(200),
  reason: Words.exactOptional(),
})
export type StartCall = z.infer<typeof StartCall>

export const ChallengeCall = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.enum([
      'approve',
      'reject',
      'cancel',
      'undo',
      'hold',
      'release',
      'withdraw',
      'break-glass',
      'review',
    ]),
    run: RunId,
    ...why,
  }),
  z.strictObject({ kind: z.literal('done'), run: RunId, step: StepId, ...why }),
  z.strictObject({ kind: z.literal('resume'), run: RunId, answers: Answers, ...why }),
  z.strictObject({ kind: z.enum(['lift', 'keep']), run: RunId, step: StepId, ...why }),
  z.strictObject({ kind: z.literal('renew'), run: RunId, step: StepId, for: Time.exactOptional(), ...why }),
  z.strictObject({ kind: z.enum(['freeze', 'thaw']), ...why }),
  z.strictObject({ kind: z.literal('run'), playbook: PlaybookName, inputs: jsonObject, ...why }),
]) satisfies z.ZodType<SignedAction>

export const ChallengeAnswer = z.object({
  message: z.string(),
  expires: z.string(),
}) satisfies z.ZodType<Challenge>

/**
 * The text that a person signs (RFC 8785 JSON, SSH namespace `firebreak-decision`, DESIGN section 8). `decision` is
 * the kind of the signed action. Approve, reject and break-glass carry the digest of the plan; the signer refuses to sign another
 * digest than the one it has shown.
 */
export const SignedMessage = z.strictObject({
  log: z.string(),
  run: z.string().exactOptional(),
  step: z.string().exactOptional(),
  digest: z.string().exactOptional(),
  decision: z.enum([
    'approve',
    'reject',
    'cancel',
    'undo',
    'done',
    'resume',
    'lift',
    'keep',
    'renew',
    'hold',
    'release',
    'withdraw',
    'break-glass',
    'review',
    'freeze',
    'thaw',
    'run',
  ]),
  /** For `renew`: how much more time. */
  for: Time.exactOptional(),
  /** For `resume`: what was seen of the steps in doubt. */
  answers: Answers.exactOptional(),
  /** For `run`: what is started, with which inputs. */
  playbook: z.string().exactOptional(),
  inputs: jsonObject.exactOptional(),
  reason: Words.exactOptional(),
  nonce: z.string(),
  expires: z.string(),
})
export type SignedMessage = z.infer<typeof SignedMessage>

/** SSH namespace of decisions: a signature made for anything else does not count here. */
export const SIGNATURE_NAMESPACE = 'firebreak-decision'

export const SignedCall = z.strictObject({
  /** A run's text has its inputs in it; what may start by an unsigned call in size may start by a signed one. */
  message: z.string().max(MAX_BODY),
  signature: z.string().max(20_000),
})
export type SignedCall = z.infer<typeof SignedCall>

export const DecisionAnswer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('counted'), still: z.array(z.string()) }),
  z.object({ kind: z.literal('done'), run: z.string().exactOptional() }),
  z.object({ kind: z.literal('refused'), code: z.string(), message: z.string(), remedy: z.string() }),
]) satisfies z.ZodType<DecisionOutcome>

const anchors = z
  .array(
    z.object({
      name: z.string(),
      place: z.string(),
      state: z.enum(['ok', 'empty', 'foreign', 'behind', 'forked', 'unreachable']),
      contradicts: z.boolean(),
      says: z.string(),
    }) satisfies z.ZodType<AnchorReport>,
  )
  .exactOptional()

export const AuditAnswer = z.discriminatedUnion('ok', [
  z.object({
    anchors,
    ok: z.literal(true),
    size: z.number(),
    root: z.string(),
    checkpoint: z.string(),
    withoutBody: z.number().exactOptional(),
    run: z.object({ id: z.string(), entries: z.number() }).exactOptional(),
    keys: z.array(z.object({ key: z.string(), covers: z.number() })).exactOptional(),
  }),
  z.object({ anchors, ok: z.literal(false), seq: z.number().exactOptional(), reason: z.string() }),
]) satisfies z.ZodType<AuditReport>

/** The folder is on the bot's machine, hence an absolute path. */
export const ExportCall = z.strictObject({
  folder: z.string().regex(/^\//).max(4096),
  /** Only the evidence of this run. */
  run: RunId.exactOptional(),
})

const Moment = z.iso.datetime({ offset: true })

/** The query of `GET /v1/log`. Everything in it came as text. */
export const LogCall = z.strictObject({
  from: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  run: RunId.exactOptional(),
  person: z.string().min(1).max(200).exactOptional(),
  target: z.string().min(1).max(2000).exactOptional(),
  type: z.string().min(1).max(100).exactOptional(),
  since: Moment.exactOptional(),
  until: Moment.exactOptional(),
}) satisfies z.ZodType<LogQuery>

export const ExportAnswer = z.object({
  size: z.number(),
  checkpoint: z.string(),
  withoutBody: z.number().exactOptional(),
}) satisfies z.ZodType<Exported>
export type ExportAnswer = z.infer<typeof ExportAnswer>

export const CheckpointAnswer = z.object({ checkpoint: z.string() })

export const FrozenAnswer = z.object({
  frozen: z
    .object({
      reason: z.string(),
      since: z.string(),
      thaw: z.array(z.object({ person: z.string(), at: z.string() })).default([]),
    })
    .nullable(),
})
export type FrozenAnswer = z.infer<typeof FrozenAnswer>

/** A configured part, who the bot is to it, and whether it answers. */
export const DoctorPart = z.object({
  name: z.string(),
  /** The identity as the part itself reports it, such as an ARN or a service account. */
  identity: z.string(),
  ok: z.boolean(),
  detail: z.string().exactOptional(),
  remedy: z.string().exactOptional(),
})
export type DoctorPart = z.infer<typeof DoctorPart>

export const DoctorAnswer = z.object({ version: z.string(), parts: z.array(DoctorPart) })
export type DoctorAnswer = z.infer<typeof DoctorAnswer>

export const AlertsAnswer = z.object({
  outcomes: z.array(
    z.object({
      fingerprint: z.string(),
      decision: AlertDecision,
      reason: z.string(),
      run: z.string().exactOptional(),
    }) satisfies z.ZodType<AlertOutcome>,
  ),
})
