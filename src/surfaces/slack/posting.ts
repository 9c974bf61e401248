import type { MessageMetadata } from '@slack/types'
import { z } from 'zod'
import type { Message } from './block.ts'
import { section } from './block.ts'
import type { Gates } from './gates.ts'
import type { eventTypes } from './ids.ts'
import type { Log } from './log.ts'
import type { Answer, Found, Post, Posted, SlackWeb } from './web.ts'
import { isTokenError } from './web.ts'

/** Marks a message as ours: `subject` is the run or notice, `key` the message within it. Readable by anybody: no secrets. */
type Mark = {
  readonly event: (typeof eventTypes)[keyof typeof eventTypes]
  readonly subject: string
  readonly key: string
}

/** What is known of a message: begun at `since`, and, once Slack has said so, where it is. Kept in the app's memo. */
export const Entry = z.strictObject({
  channel: z.string(),
  since: z.number(),
  ts: z.string().optional(),
  /** How often it had to be posted anew because it could no longer be edited. */
  reposts: z.int().optional(),
})
export type Entry = z.infer<typeof Entry>

export type Postman = { readonly web: SlackWeb; readonly gates: Gates; readonly log: Log }

export type PostJob = Message & {
  readonly channel: string
  readonly threadTs?: string
  readonly mark: Mark
  /** Set when a post was begun before and nobody knows what came of it. */
  readonly begun?: Entry
  /** Made durable before the request leaves. */
  readonly begin: (since: number) => Promise<void>
}

export type PostOutcome =
  /** `fresh`: it says what the job says; otherwise an earlier attempt was found, with the words of that time. */
  | { readonly kind: 'posted'; readonly posted: Posted; readonly fresh: boolean }
  /** Not known, or not now: ask again later, with what `begin` has kept. */
  | { readonly kind: 'later'; readonly begun: boolean }
  | { readonly kind: 'refused'; readonly error: string }

/** Our clock and Slack's may differ by this much when a lost message is looked for. */
const SKEW_MS = 60_000
/** A refused token is tried again this often: somebody has to mend it. */
const TOKEN_MS = 5000

/**
 * Posts a message that must not be posted twice. Slack knows no idempotency key, so a post whose answer was lost (or
 * that a killed process had begun) is first looked for by its metadata.
 */
export async function postOnce(postman: Postman, job: PostJob): Promise<PostOutcome> {
  if (job.begun !== undefined) {
    const found = await find(postman, job, job.begun)
    if (found === 'later') return { kind: 'later', begun: true }
    if (found !== undefined) return { kind: 'posted', posted: found, fresh: false }
  }
  await job.begin(Date.now())
  await postman.gates.pass('post')
  const answer = await send(postman, job)
  if (answer.ok) return { kind: 'posted', posted: answer.value, fresh: true }
  switch (answer.fault.kind) {
    case 'refused':
      if (isTokenError(answer.fault.error)) {
        postman.gates.close('post', TOKEN_MS)
        return { kind: 'later', begun: false }
      }
      return { kind: 'refused', error: answer.fault.error }
    case 'limited':
      postman.gates.close('post', answer.fault.retryAfterMs)
      return { kind: 'later', begun: false }
    case 'lost':
      postman.log.warn({ subject: job.mark.subject, why: answer.fault.why }, 'slack post without an answer')
      return { kind: 'later', begun: true }
  }
}

/** Too long or malformed for Slack: the sentence alone still goes out. */
const shapeErrors: ReadonlySet<string> = new Set([
  'msg_too_long',
  'msg_blocks_too_long',
  'invalid_blocks',
  'invalid_blocks_format',
  'too_many_blocks',
])

export function isShapeError(error: string): boolean {
  return shapeErrors.has(error)
}

export function bare(message: Message): Message {
  const text = message.text.slice(0, 2900).toWellFormed()
  return { text, blocks: [section(text)] }
}

async function send({ web, log }: Postman, job: PostJob): Promise<Answer<Posted>> {
  const post: Post = {
    channel: job.channel,
    text: job.text,
    blocks: job.blocks,
    metadata: metadata(job.mark),
    ...(job.threadTs === undefined ? {} : { threadTs: job.threadTs }),
  }
  const answer = await web.post(post)
  if (answer.ok || answer.fault.kind !== 'refused' || !isShapeError(answer.fault.error)) return answer
  log.error(
    { subject: job.mark.subject, error: answer.fault.error },
    'slack refused the blocks, posting text only',
  )
  return await web.post({ ...post, ...bare(job) })
}

function metadata({ event, subject, key }: Mark): MessageMetadata {
  return { event_type: event, event_payload: { run: subject, key } }
}

const Metadata = z.object({
  event_type: z.string(),
  event_payload: z.object({ run: z.string(), key: z.string() }),
})

async function find(
  { web, gates, log }: Postman,
  job: PostJob,
  begun: Entry,
): Promise<Posted | 'later' | undefined> {
  await gates.pass('find')
  const { channel } = begun
  const thread = job.threadTs === undefined ? {} : { threadTs: job.threadTs }
  const answer = await web.recent({ channel, since: begun.since - SKEW_MS, ...thread })
  if (answer.ok) {
    const message = answer.value.find((candidate) => isMarked(candidate, job.mark))
    return message === undefined ? undefined : { channel, ts: message.ts, ...thread }
  }
  if (answer.fault.kind === 'limited') gates.close('find', answer.fault.retryAfterMs)
  if (answer.fault.kind !== 'refused' || isTokenError(answer.fault.error)) return 'later'
  // Without the scopes to look, a second message is the lesser evil: an incident nobody reads of is the greater.
  log.warn(
    { subject: job.mark.subject, error: answer.fault.error },
    'slack does not let us look for a lost message',
  )
  return undefined
}

function isMarked({ metadata }: Found, mark: Mark): boolean {
  const read = Metadata.safeParse(metadata)
  if (!read.success) return false
  const { event_type: event, event_payload: payload } = read.data
  return event === mark.event && payload.run === mark.subject && payload.key === mark.key
}
