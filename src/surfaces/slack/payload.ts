import { z } from 'zod'

// What Slack sends, parsed at the edge: only what is used, and nothing else may be relied upon. Slack adds fields at
// any time, so unknown ones are dropped, not refused.

const id = z.string().min(1).max(255)

export const CommandPayload = z.object({
  command: z.string(),
  text: z.string().max(20_000).default(''),
  user_id: id,
  team_id: id.nullish(),
  channel_id: id,
  trigger_id: id,
  response_url: z.url().optional(),
})
export type CommandPayload = z.infer<typeof CommandPayload>

const User = z.object({ id, team_id: id.nullish() })
const Team = z.object({ id }).nullish()

/** `state.values`: block id → action id → the element's state. */
const State = z
  .object({ values: z.record(z.string(), z.record(z.string(), z.looseObject({ type: z.string() }))) })
  .nullish()

const ViewPart = z.object({
  id,
  callback_id: z.string().default(''),
  private_metadata: z.string().default(''),
  state: State,
})

export const ButtonPayload = z.object({
  type: z.literal('block_actions'),
  user: User,
  team: Team,
  channel: z.object({ id }).nullish(),
  trigger_id: id,
  response_url: z.url().optional(),
  view: ViewPart.nullish(),
  actions: z
    .array(
      z.object({
        action_id: z.string(),
        value: z.string().optional(),
        selected_option: z.object({ value: z.string() }).nullish(),
      }),
    )
    .min(1),
})
export type ButtonPayload = z.infer<typeof ButtonPayload>

export const FormPayload = z.object({
  type: z.literal('view_submission'),
  user: User,
  team: Team,
  view: ViewPart,
})
export type FormPayload = z.infer<typeof FormPayload>
export type FormState = z.infer<typeof State>

/** Somebody named the bot in a message. */
export const MentionPayload = z.object({
  event: z.object({
    type: z.literal('app_mention'),
    user: id,
    text: z.string().max(20_000),
    channel: id,
    ts: id,
    thread_ts: id.nullish(),
  }),
})
export type MentionPayload = z.infer<typeof MentionPayload>
