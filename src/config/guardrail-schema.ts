import { z } from 'zod'
import { Confidence } from '../core/change.ts'
import { type About, apartBy } from '../core/rules.ts'
import { aboutFields, ApproveEntry } from './permission-schema.ts'
import { Duration, filled, name } from './words.ts'

// What holds whatever a playbook says. Each entry names what it is about; what it does not name fits everything.

/** Guardrails are about what changes something: nothing else is ever held back. */
const Effect = z.enum(['reversible', 'irreversible'])

/** A pattern that no name can fit would guard nothing, and nobody would notice. */
const playbookPattern = z
  .string()
  .regex(/^[a-z0-9*?-]{1,120}$/i, 'names of playbooks are letters, digits and hyphens; * and ? are wildcards')
const actionPattern = z
  .string()
  .regex(/^[a-z0-9.*?-]{1,120}$/i, 'actions are PROVIDER.VERB-NOUN; * and ? are wildcards')

const about = {
  ...aboutFields,
  effects: z.array(Effect).min(1).optional().describe('reversible, irreversible'),
  playbooks: z.array(playbookPattern).min(1).optional().describe('Names of playbooks, with * and ?'),
  providers: z.array(z.string()).min(1).optional().describe('aws, kubernetes, firebreak: every instance'),
  actions: z.array(actionPattern).min(1).optional().describe('Names of actions, with * and ?'),
  routes: z.array(name).min(1).optional().describe('Runs that these routes of alerts began'),
} satisfies { [K in keyof About]-?: z.ZodType }

const named = { name: name.describe('Name that answers refer to') }

export const Percent = z.string().regex(/^(100|\d{1,2})%$/, 'a share is 0% to 100%, in whole numbers')

const Ask = z.strictObject({ ask: ApproveEntry.describe('Who must agree') })
const apart = z
  .array(z.enum(apartBy))
  .max(apartBy.length)
  .default([])
  .describe('Counted apart for each of these: effect, provider, instance, environment, playbook, route')

const Budget = z.strictObject({
  ...named,
  ...about,
  limit: z
    .union([z.int().min(0).max(1_000_000), Percent])
    .describe(
      'How many, or which share of what there is of the kind, rounded down. Where no share can be known, people are asked',
    ),
  per: Duration.optional().describe('Within which time; without it, under way or in place at once'),
  each: apart,
  over: z
    .union([z.literal('wait'), Ask])
    .default('wait')
    .describe('What becomes of an effect for which there is no room: it waits, or people are asked'),
})

const Breaker = z.strictObject({
  ...named,
  ...about,
  failures: z.int().min(1).max(1000).describe('So many runs that failed or were undone open it'),
  per: Duration.describe('Within which time'),
  each: apart,
  ask: ApproveEntry.prefault({ from: 'approver' }).describe('Who must agree while it is open'),
})

export const moment = z.iso.datetime({ offset: true, error: 'a moment such as 2026-12-20T00:00:00Z' })

const During = z.union([
  z.strictObject({
    cron: filled.max(200).describe('When it begins: minute, hour, day of month, month, day of week'),
    for: Duration.describe(
      'How long it lasts, as time passes: a change of clocks moves its end on the clock',
    ),
    timezone: filled.max(60).default('UTC').describe('Such as Europe/Berlin'),
  }),
  z.strictObject({
    from: moment.describe('The first moment of it'),
    until: moment.describe('The first moment after it'),
  }),
])

const Window = z.strictObject({
  ...named,
  ...about,
  during: During.describe('{ cron, for, timezone }, or { from, until }'),
  outside: z.boolean().default(false).describe('All but this time is set aside: a maintenance window'),
  over: z
    .union([z.enum(['wait', 'deny']), Ask])
    .default('wait')
    .describe('What becomes of an effect in a time set aside: it waits, is refused, or people are asked'),
})

const Approval = z.strictObject({
  ...named,
  ...about,
  targets: z.int().min(0).max(1_000_000).optional().describe('The plan touches more targets than this'),
  share: Percent.optional().describe('It touches more than this share of what there is of the kind'),
  loses: z.literal(true).optional().describe('Something is lost for ever'),
  noUndo: z.literal(true).optional().describe('Nothing puts it back'),
  confidence: z.array(Confidence).min(1).optional().describe('How far the plan can be believed'),
  ask: z
    .union([ApproveEntry, z.array(ApproveEntry).min(1).max(10)])
    .describe('Who must agree: all of them, each with distinct persons'),
})

const MOST = 1000

/** The entries of `guardrails` besides `neverTouch`. */
export const guardrailFields = {
  budgets: z.array(Budget).max(MOST).default([]).describe('How many effects there may be, across runs'),
  breakers: z.array(Breaker).max(MOST).default([]).describe('After so many failures people are asked'),
  windows: z.array(Window).max(MOST).default([]).describe('Times in which less is done'),
  thaw: z
    .strictObject({
      count: z.int().min(1).max(10).default(2).describe('How many people lift a freeze together'),
      within: Duration.default('30m').describe('How long the word of the first one holds'),
    })
    .prefault({})
    .describe('Who lifts a freeze'),
}

export const Approvals = z
  .array(Approval)
  .max(MOST)
  .default([])
  .describe(
    'Who must agree where a plan is risky: everything that a rule names holds of a line, or of its plan',
  )
