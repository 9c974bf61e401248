import { eventTypes } from './ids.ts'
import type { PostJob, PostOutcome } from './posting.ts'
import { postOnce } from './posting.ts'
import type { Page } from './run-pages.ts'
import { writeRecord } from './run-record.ts'
import type { WriterState } from './writer-state.ts'
import { backOff, keep, noteSent, repost } from './writer-state.ts'

/** Posts a message that is not in Slack yet, or of which that is not known. Milliseconds until the next try; 0 when done. */
export async function createPage(state: WriterState, page: Page): Promise<number> {
  const job = jobOf(state, page)
  return await created(state, { page, job }, await postOnce(state.options, job))
}

function jobOf(state: WriterState, page: Page): PostJob {
  const begun = state.record.messages[page.key]
  const reposts = begun?.reposts ?? 0
  const where = placeOf(state, page)
  const channel = begun?.channel ?? where.channel
  return {
    ...where,
    channel,
    text: page.text,
    blocks: page.blocks,
    // A message posted anew has a name of its own, so that the old one is not taken for it.
    mark: {
      event: eventTypes.run,
      subject: state.options.run,
      key: reposts === 0 ? page.key : `${page.key}~${reposts}`,
    },
    // An entry without a time only carries the count of reposts.
    ...(begun === undefined || begun.since === 0 ? {} : { begun }),
    begin: (since) => keep(state, page.key, { channel, since, reposts }),
  }
}

function placeOf(
  { record }: WriterState,
  page: Page,
): { readonly channel: string; readonly threadTs?: string } {
  const main = record.messages['main']
  if (page.place === 'channel' || main?.ts === undefined) return { channel: record.channel }
  return { channel: main.channel, threadTs: main.ts }
}

type Creation = { readonly page: Page; readonly job: PostJob }

async function created(state: WriterState, { page, job }: Creation, outcome: PostOutcome): Promise<number> {
  const { channel } = job
  const reposts = state.record.messages[page.key]?.reposts ?? 0
  switch (outcome.kind) {
    case 'posted': {
      const { posted, fresh } = outcome
      if (posted.threadTs !== job.threadTs) return await lostParent(state, posted)
      await keep(state, page.key, { channel: posted.channel, ts: posted.ts, since: Date.now(), reposts })
      if (!fresh) return 1
      noteSent(state, page)
      return 0
    }
    case 'later':
      if (!outcome.begun) await keep(state, page.key, { channel, since: 0, reposts })
      return backOff(state, outcome.begun)
    case 'refused':
      return await refused(state, page, outcome.error)
  }
}

const channelErrors: ReadonlySet<string> = new Set([
  'channel_not_found',
  'not_in_channel',
  'is_archived',
  'restricted_action',
  'no_permission',
])

/** A channel that does not take the run's messages is replaced by the configured one, once. */
async function refused(state: WriterState, page: Page, error: string): Promise<number> {
  const { options, record } = state
  const { [page.key]: _dropped, ...messages } = record.messages
  const elsewhere = page.place === 'channel' && record.channel !== options.home && channelErrors.has(error)
  state.record = { ...record, messages, channel: elsewhere ? options.home : record.channel }
  await writeRecord(options.memo, options.run, state.record)
  if (elsewhere) return 1
  options.log.error({ run: options.run, page: page.key, error }, 'slack refused a message')
  state.givenUp.add(page.key)
  return 0
}

/** Slack posts a reply to a message that is gone at top level, and says nothing (facts 2.4): it is taken back. */
async function lostParent(
  state: WriterState,
  stray: { readonly channel: string; readonly ts: string },
): Promise<number> {
  await state.options.web.remove(stray.channel, stray.ts)
  return await repost(state, { key: 'main', place: 'channel' })
}
