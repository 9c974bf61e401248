import { eventTypes } from './ids.ts'
import type { PostJob, PostOutcome } from './posting.ts'
import { postOnce } from './posting.ts'
import type { Page } from './page.ts'
import { writeRecord } from './run-record.ts'
import type { WriterState } from './writer-state.ts'
import { backOff, keep, noteSent, repost } from './writer-state.ts'

/** Posts a message that is not in Slack yet, or of which that is not known. Milliseconds until the next try; 0 when done. */
export async function createPage(state: WriterState, page: Page): Promise<number> {
  const where = await placeOf(state, page)
  // The message in whose thread it goes is not there yet, or not any more.
  if (where === undefined) return state.options.pace.firstRetry
  const job = jobOf(state, page, where)
  return await created(state, { page, job }, await postOnce(state.options, job))
}

type Where = { readonly channel: string; readonly threadTs?: string }

function jobOf(state: WriterState, page: Page, where: Where): PostJob {
  const begun = state.record.messages[page.key]
  const reposts = begun?.reposts ?? 0
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

async function placeOf({ record, options }: WriterState, page: Page): Promise<Where | undefined> {
  if (page.place === 'storm') {
    const parent = await options.parent?.place()
    return parent && { channel: parent.channel, threadTs: parent.ts }
  }
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
      if (posted.threadTs !== job.threadTs) return await lostParent(state, { page, job }, posted)
      await keep(state, page.key, { channel: posted.channel, ts: posted.ts, since: Date.now(), reposts })
      if (!fresh) return 1
      noteSent(state, page)
      // What is told of a storm links to its first message, so it is told when that is there.
      return page.slow === true ? 1 : 0
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
  { page, job }: Creation,
  stray: { readonly channel: string; readonly ts: string },
): Promise<number> {
  await state.options.web.remove(stray.channel, stray.ts)
  if (page.place !== 'storm') return await repost(state, { key: 'main', place: 'channel' })
  await state.options.parent?.lost(job.threadTs ?? '')
  return await repost(state, page)
}
