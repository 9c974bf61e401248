import { z } from 'zod'
import { Because } from '../core/because.ts'
import { durationPattern, parseDuration } from '../core/duration.ts'
import type { InputType } from '../core/playbook.ts'

// The text of a playbook, key by key. Everything is strict: an unknown key is an error.

const Name = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'small letters, digits and hyphens, at most 63')
const Identifier = /^[a-z][a-zA-Z0-9_]{0,62}$/
const identifier = z
  .string()
  .regex(Identifier, 'a name is letters, digits and _, and begins with a small letter')
  // `constructor`, `toString`: looked up by such a name, every object has something.
  .refine((name) => !(name in {}), 'this name is taken: every object has it')
/** The action by whose name a step runs another playbook. It is a construct of the language, and in no registry. */
export const RUN = 'firebreak.run'

const Duration = z
  .string()
  .regex(durationPattern, 'a duration is a whole number with s, m, h or d, such as 30m')

/** A duration within bounds. What is no duration has been refused as such already. */
function between(least: string, most: string) {
  const [from, to] = [parseDuration(least) ?? 0, parseDuration(most) ?? 0]
  return Duration.refine((text) => {
    const ms = parseDuration(text) ?? from
    return from <= ms && ms <= to
  }, `a duration from ${least} to ${most}`)
}

const described = { description: z.string().min(1) }
/** Items and properties may go without a description of their own. */
const mayBeDescribed = { description: z.string().default('') }

function inputTypes<D extends z.ZodRawShape>(about: D) {
  return [
    z.strictObject({
      type: z.literal('string'),
      ...about,
      enum: z.array(z.string()).min(1).max(100).optional(),
      pattern: z.string().max(512).optional(),
      format: z.enum(['date-time', 'email', 'uri', 'uuid', 'ipv4', 'ipv6']).optional(),
      minLength: z.int().nonnegative().optional(),
      maxLength: z.int().nonnegative().optional(),
      default: z.string().optional(),
    }),
    z.strictObject({
      type: z.enum(['integer', 'number']),
      ...about,
      minimum: z.number().optional(),
      maximum: z.number().optional(),
      default: z.number().optional(),
    }),
    z.strictObject({ type: z.literal('boolean'), ...about, default: z.boolean().optional() }),
    z.strictObject({
      type: z.literal('array'),
      ...about,
      get items() {
        return Inner
      },
      maxItems: z.int().positive().optional(),
      default: z.array(z.json()).optional(),
    }),
    z.strictObject({
      type: z.literal('object'),
      ...about,
      get properties() {
        return z.record(identifier, Inner)
      },
      required: z.array(z.string()).optional(),
    }),
  ] as const
}

const Inner: z.ZodType<InputType> = z.lazy(() => z.discriminatedUnion('type', inputTypes(mayBeDescribed)))
const Input: z.ZodType<InputType> = z.discriminatedUnion('type', inputTypes(described))

const Approve = z.strictObject({
  from: z.string().min(1),
  count: z.int().min(1).max(10).default(1),
  within: Duration.default('30m'),
})
export type Approve = z.infer<typeof Approve>

const Pause = between('1s', '1h')

const Retry = z
  .strictObject({
    attempts: z.int().min(1).max(10).default(3),
    wait: Pause.default('2s'),
    longest: Pause.default('1m'),
  })
  .refine(
    ({ wait, longest }) => (parseDuration(wait) ?? 0) <= (parseDuration(longest) ?? 0),
    'wait, the first pause, is longer than longest, which is 1m unless it is given',
  )

/** Far beyond what a person can review; hostile text must not cost time (each step is checked against all others). */
const MAX_STEPS = 200
const MAX_INPUTS = 100
/** So many groups agree to one step. */
const MAX_APPROVE = 5

const Evidence = z.strictObject({
  waived: z
    .string()
    .regex(/\S.{9,}/, 'a reason of at least ten characters')
    .max(500),
})

const Confirm = z.strictObject({
  action: z.string(),
  using: Name.optional(),
  with: z.record(z.string(), z.json()).default({}),
  that: z.string(),
})

const StepText = z.strictObject({
  action: z.string(),
  using: Name.optional(),
  with: z.record(z.string(), z.json()).default({}),
  after: z.array(z.string()).default([]),
  when: z.string().optional(),
  forEach: z.string().optional(),
  concurrency: z.int().min(1).max(100).default(1),
  maxFailures: z
    .union([
      z.int().nonnegative(),
      z.string().regex(/^(\d|[1-9]\d|100)%$/, 'a whole number, or a share such as 10%'),
    ])
    .default(0),
  approve: z.union([Approve, z.array(Approve).min(1).max(MAX_APPROVE)]).optional(),
  timeout: Duration.optional(),
  retry: Retry.optional(),
  ttl: between('1m', '90d').optional(),
  // Without a default: whether it is written decides whether it has a meaning.
  onExpiry: z.enum(['ask', 'undo']).optional(),
  onError: z.enum(['stop', 'continue']).default('stop'),
  evidence: Evidence.optional(),
  confirm: Confirm.optional(),
})
export type StepText = z.infer<typeof StepText>

const Steps = z
  .record(identifier, StepText)
  .refine((steps) => Object.keys(steps).length <= MAX_STEPS, `at most ${MAX_STEPS} steps`)

export const Document = z.strictObject({
  name: Name,
  title: z.string().min(1).max(120),
  severity: z.enum(['low', 'medium', 'high', 'critical']),
  because: Because,
  covers: z
    .strictObject({
      atlas: z
        .array(z.string().regex(/^AML\.T\d{4}(\.\d{3})?$/, 'an ATLAS technique, such as AML.T0055'))
        .default([]),
      owaspLlm: z
        .array(z.string().regex(/^LLM(0[1-9]|10)$/, 'an entry of the OWASP LLM Top 10, such as LLM02'))
        .default([]),
    })
    .default({ atlas: [], owaspLlm: [] }),
  timeout: between('1m', '30d').optional(),
  inputs: z
    .record(identifier, Input)
    .refine((inputs) => Object.keys(inputs).length <= MAX_INPUTS, `at most ${MAX_INPUTS} inputs`)
    .default({}),
  outputs: z.record(identifier, z.string()).default({}),
  steps: Steps.refine((steps) => Object.keys(steps).length > 0, 'a playbook has steps'),
})
export type Document = z.infer<typeof Document>

/** What is left of a document when its faulty parts are taken away: it may have no steps. */
export const Remainder = Document.extend({ steps: Steps })

export const headKeys: readonly string[] = Object.keys(Document.shape)
export const stepKeys: readonly string[] = Object.keys(StepText.shape)
