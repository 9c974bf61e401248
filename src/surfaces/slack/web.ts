import type { KnownBlock, MessageMetadata, ModalView } from '@slack/types'
import type * as SlackModule from '@slack/web-api'
import type { WebClient, WebClientOptions } from '@slack/web-api'
import { scrubData } from '../../core/scrub/data.ts'
import { scrub } from '../../core/scrub/scrub.ts'
import type { Secret } from '../../core/secret.ts'
import { libraryLog } from './library-log.ts'
import type { Log } from './log.ts'

/** What a Web API call came to, when not to an answer. */
export type Fault =
  /** Slack said no: an error name of its documentation. */
  | { readonly kind: 'refused'; readonly error: string }
  | { readonly kind: 'limited'; readonly retryAfterMs: number }
  /** No answer, or not one of Slack's: the call may have taken effect. */
  | { readonly kind: 'lost'; readonly why: string }

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: Fault }

export type Post = {
  readonly channel: string
  readonly text: string
  readonly blocks: readonly KnownBlock[]
  readonly metadata: MessageMetadata
  readonly threadTs?: string
}

export type Posted = {
  readonly channel: string
  readonly ts: string
  /** Absent when Slack did not put the message into the thread: then the parent is gone. */
  readonly threadTs?: string
}

type Edit = {
  readonly channel: string
  readonly ts: string
  readonly text: string
  readonly blocks: readonly KnownBlock[]
}

/** Who the installation is, as `auth.test` says. */
export type Identity = {
  readonly team: string
  readonly enterprise?: string
  readonly botUser: string
  readonly bot: string
}

export type WebOptions = { readonly botToken: Secret; readonly apiUrl?: string; readonly log: Log }

export type SlackWeb = Awaited<ReturnType<typeof openWeb>>

/**
 * The Web API as this surface uses it: every function answers, none throws. Three clients, because a 429 pauses a
 * WebClient's whole queue (trap 5: 5 s on chat.update, and every trigger was dead); no retries, because a retried
 * post may be a second post (trap 4); rate limits come back as answers.
 */
export async function openWeb(options: WebOptions) {
  const slack = await import('@slack/web-api')
  // The way out to Slack: whatever is said in a call passes the scrubber. The token is put in behind it.
  class ScrubbedClient extends slack.WebClient {
    override apiCall(method: string, said?: Record<string, unknown>): Promise<SlackModule.WebAPICallResult> {
      return super.apiCall(method, scrubData(said, scrub))
    }
  }
  const client = (timeout: number) =>
    new ScrubbedClient(options.botToken.reveal(), settings(slack, options, timeout))
  // Whoever clicked is waiting, and a trigger lives for 3 s.
  const interactive = client(2900)
  const posts = client(10_000)
  const edits = client(10_000)
  const attempt = attempter(slack)
  return {
    ...people(interactive, attempt),
    ...messages({ posts, edits }, attempt),
    ...finders(posts, attempt),
    ...readers(posts, attempt),
  }
}

type Slack = typeof SlackModule

/** A fresh object for every client: Slack's libraries write into the one they are given (traps 4 and 7). */
export function settings(
  slack: Slack,
  { apiUrl, log }: Omit<WebOptions, 'botToken'>,
  timeout: number,
): WebClientOptions {
  return {
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
    logger: libraryLog(log, slack.LogLevel.WARN),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout,
  }
}

type Attempt = <In, Out>(
  call: () => Promise<In>,
  read: (answer: In) => Out | undefined,
) => Promise<Answer<Out>>

function attempter(slack: Slack): Attempt {
  return async (call, read) => {
    try {
      const value = read(await call())
      return value === undefined ? lost('the answer lacks what was asked for') : { ok: true, value }
    } catch (error) {
      return { ok: false, fault: faultOf(slack, error) }
    }
  }
}

function lost(why: string): { readonly ok: false; readonly fault: Fault } {
  return { ok: false, fault: { kind: 'lost', why } }
}

/** Slack's own trouble: of `internal_error` and `fatal_error` it says that part of the call may have succeeded. */
const troubles: ReadonlySet<string> = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
])

/** The token is refused, whatever is asked: the same call may work again once somebody has mended that. */
const tokenErrors: ReadonlySet<string> = new Set([
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'not_allowed_token_type',
])

export function isTokenError(error: string): boolean {
  return tokenErrors.has(error)
}

function faultOf(slack: Slack, error: unknown): Fault {
  if (error instanceof slack.WebAPIPlatformError) {
    const name = error.data.error
    if (name === 'ratelimited') return { kind: 'limited', retryAfterMs: 1000 }
    return troubles.has(name) ? { kind: 'lost', why: name } : { kind: 'refused', error: name }
  }
  if (error instanceof slack.WebAPIRateLimitedError) {
    return { kind: 'limited', retryAfterMs: error.retryAfter * 1000 }
  }
  return { kind: 'lost', why: error instanceof Error ? error.message : String(error) }
}

function people(client: WebClient, attempt: Attempt) {
  return {
    identify: () =>
      attempt(
        () => client.auth.test(),
        ({
          team_id: team,
          enterprise_id: enterprise,
          user_id: botUser,
          bot_id: bot,
        }): Identity | undefined => {
          if (team === undefined || botUser === undefined || bot === undefined) return undefined
          return { team, botUser, bot, ...(enterprise === undefined ? {} : { enterprise }) }
        },
      ),
    user: (user: string) =>
      attempt(
        () => client.users.info({ user }),
        (answer) => answer.user,
      ),
    /** The ids of those who are in a user group. */
    groupMembers: (usergroup: string) =>
      attempt(
        () => client.usergroups.users.list({ usergroup }),
        (answer) => answer.users,
      ),
    openView: (trigger: string, view: ModalView) =>
      attempt(
        () => client.views.open({ trigger_id: trigger, view }),
        (answer) => answer.view?.id,
      ),
    updateView: (id: string, view: ModalView) =>
      attempt(
        () => client.views.update({ view_id: id, view }),
        (answer) => answer.view?.id,
      ),
  }
}

function messages({ posts, edits }: { posts: WebClient; edits: WebClient }, attempt: Attempt) {
  return {
    // oxlint-disable unicorn/require-post-message-target-origin -- Slack's method of that name, not the browser's
    post: ({ channel, text, blocks, metadata, threadTs }: Post) =>
      attempt(
        () =>
          posts.chat.postMessage({
            channel,
            text,
            blocks: [...blocks],
            metadata,
            unfurl_links: false,
            unfurl_media: false,
            ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
          }),
        ({ channel, ts, message }): Posted | undefined => {
          if (channel === undefined || ts === undefined) return undefined
          return { channel, ts, ...(message?.thread_ts === undefined ? {} : { threadTs: message.thread_ts }) }
        },
      ),
    // oxlint-enable unicorn/require-post-message-target-origin
    edit: ({ channel, ts, text, blocks }: Edit) =>
      attempt(
        () => edits.chat.update({ channel, ts, text, blocks: [...blocks] }),
        (answer) => answer.ts,
      ),
    remove: (channel: string, ts: string) =>
      attempt(
        () => edits.chat.delete({ channel, ts }),
        (answer) => answer.ok,
      ),
  }
}

/** A page of a conversation, newest first, with what is needed to recognise our own messages. */
export type Found = { readonly ts: string; readonly metadata: unknown; readonly bot: string | undefined }
type Place = { readonly channel: string; readonly threadTs?: string; readonly since: number }

function finders(client: WebClient, attempt: Attempt) {
  return {
    /** Messages of a channel or thread since a time: to find one whose `ts` was lost. One page is enough: it is recent. */
    recent: ({ channel, threadTs, since }: Place) => {
      const ask = { channel, oldest: String(since / 1000), include_all_metadata: true, limit: 200 }
      return attempt(
        () =>
          threadTs === undefined
            ? client.conversations.history(ask)
            : client.conversations.replies({ ...ask, ts: threadTs }),
        ({ messages }): readonly Found[] | undefined =>
          messages?.flatMap((message) =>
            message.ts === undefined
              ? []
              : [{ ts: message.ts, metadata: message.metadata, bot: message.bot_id }],
          ),
      )
    },
    link: (channel: string, ts: string) =>
      attempt(
        () => client.chat.getPermalink({ channel, message_ts: ts }),
        (answer) => answer.permalink,
      ),
    channels: (cursor: string | undefined) =>
      attempt(
        () =>
          client.conversations.list({
            types: 'public_channel,private_channel',
            exclude_archived: true,
            limit: 200,
            ...(cursor === undefined ? {} : { cursor }),
          }),
        ({ channels, response_metadata: meta }) => ({
          channels: (channels ?? []).flatMap(({ id, name }) =>
            id === undefined || name === undefined ? [] : [{ id, name }],
          ),
          next: meta?.next_cursor,
        }),
      ),
  }
}

function readers(client: WebClient, attempt: Attempt) {
  return {
    /** All of a channel, newest first, page by page: 200 messages and some 50 calls a minute. */
    history: ({ channel, cursor }: { channel: string; cursor: string | undefined }) =>
      attempt(
        () => client.conversations.history({ channel, limit: 200, ...(cursor ? { cursor } : {}) }),
        ({ messages = [], response_metadata: meta }) => ({
          messages: messages.map(({ text = '', bot_id: bot }) => ({ text, bot })),
          next: meta?.next_cursor === '' ? undefined : meta?.next_cursor,
        }),
      ),
  }
}
