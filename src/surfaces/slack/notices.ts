import type { KnownBlock } from '@slack/types'
import type { Firebreak } from '../../core/app.ts'
import type { OutboxNotice } from '../../core/ports.ts'
import type { Message } from './block.ts'
import { context, sections } from './block.ts'
import type { ChannelIds } from './channels.ts'
import { containmentActions } from './containments.ts'
import { fit } from './fit.ts'
import { eventTypes } from './ids.ts'
import type { Pace } from './pace.ts'
import type { PostJob, Postman, PostOutcome } from './posting.ts'
import { Entry, postOnce } from './posting.ts'
import { reviewButton } from './request-buttons.ts'
import { code, mention, prose } from './text.ts'

export type NoticesOptions = Postman & {
  readonly app: Firebreak
  readonly channels: ChannelIds
  readonly pace: Pace
  readonly stopped: AbortSignal
}

/** Delivers the messages that steps have written (`slack.post`): at least once, and once where Slack lets us look. */
export type Notices = { readonly poke: () => void; readonly idle: () => Promise<void> }

export function createNotices(options: NoticesOptions): Notices {
  let dirty = false
  let woken = Promise.withResolvers<void>()
  let running: Promise<void> | undefined
  let failures = 0
  const pump = async () => {
    while (dirty && !options.stopped.aborted) {
      dirty = false
      woken = Promise.withResolvers()
      if (await tryAll(options)) {
        failures = 0
        continue
      }
      const wait = Math.min(options.pace.lastRetry, options.pace.firstRetry * 2 ** failures)
      failures += 1
      await Promise.race([options.gates.pause(wait), woken.promise])
      dirty = true
    }
    running = undefined
  }
  return {
    poke: () => {
      dirty = true
      woken.resolve()
      running ??= pump()
    },
    idle: async () => {
      await running
    },
  }
}

/** A journal that cannot be read now is read later. */
async function tryAll(options: NoticesOptions): Promise<boolean> {
  try {
    return await deliverAll(options)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    options.log.error({ why }, 'slack notices could not be read')
    return false
  }
}

/** True when nothing is left over. */
async function deliverAll(options: NoticesOptions): Promise<boolean> {
  let all = true
  for (const notice of await options.app.outbox.pending(50)) {
    if (options.stopped.aborted) return true
    try {
      all = (await deliver(options, notice)) && all
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      options.log.error({ notice: notice.id, why }, 'slack notice not settled')
      all = false
    }
  }
  return all
}

async function deliver(options: NoticesOptions, notice: OutboxNotice): Promise<boolean> {
  const { app } = options
  const known = await readEntry(app.memo, notice.id)
  if (known?.ts !== undefined) {
    await app.outbox.delivered(notice, `${known.channel}:${known.ts}`)
    return true
  }
  const channel = known?.channel ?? (await options.channels.idOf(notice.channel))
  return await settle(options, notice, {
    channel,
    outcome: await postOnce(options, await jobOf(app, notice, { channel, known })),
  })
}

type Known = { readonly channel: string; readonly known: Entry | undefined }

async function jobOf(app: Firebreak, notice: OutboxNotice, { channel, known }: Known): Promise<PostJob> {
  return {
    ...noticeMessage(notice, await actionsFor(app, notice)),
    channel,
    mark: { event: eventTypes.notice, subject: notice.run, key: notice.id },
    ...(known === undefined || known.since === 0 ? {} : { begun: known }),
    begin: (since) => writeEntry(app.memo, notice.id, { channel, since }),
  }
}

type Ended = { readonly channel: string; readonly outcome: PostOutcome }

async function settle(
  { app, log }: NoticesOptions,
  notice: OutboxNotice,
  { channel, outcome }: Ended,
): Promise<boolean> {
  switch (outcome.kind) {
    case 'posted': {
      const { channel: where, ts } = outcome.posted
      await writeEntry(app.memo, notice.id, { channel: where, since: Date.now(), ts })
      await app.outbox.delivered(notice, `${where}:${ts}`)
      return true
    }
    case 'refused':
      log.error({ notice: notice.id, channel, error: outcome.error }, 'slack refused a notice')
      await app.outbox.failed(notice, outcome.error)
      return true
    case 'later':
      if (!outcome.begun) await writeEntry(app.memo, notice.id, { channel, since: 0 })
      return false
  }
}

/** What people can decide about the step that the notice is of, if its effect is in place for a time. */
async function actionsFor(app: Firebreak, { run, step }: OutboxNotice): Promise<readonly KnownBlock[]> {
  try {
    const view = await app.run(run)
    return step === ALONE ? reviewButton(view) : containmentActions(view, step)
  } catch {
    // The words are what counts.
    return []
  }
}

/** Told by the bot itself when one person acts alone: no step of a playbook can be called that. */
const ALONE = 'break-glass'

/**
 * The text holds values from outside, so it mentions nobody and formats nothing. Only of whom the bot itself tells that
 * somebody acts alone, the persons are mentioned: they are to hear of it.
 */
function noticeMessage({ text, run, step }: OutboxNotice, actions: readonly KnownBlock[]): Message {
  const said = (line: string, max: number) =>
    step === ALONE ? mentioning(prose(line, max)) : prose(line, max)
  const lines = text.split('\n').map((line) => said(line, 2000))
  const from = context(`from run ${code(run)}, step ${code(step, 60)}`)
  const all = lines.join('\n')
  return fit(all, [
    () => [...sections(lines, 40), ...actions, from],
    () => [...sections([said(text, 2900)]), ...actions, from],
  ])
}

/** Undoes the escaping of persons, and of nothing else: a channel cannot be called like that. */
function mentioning(escaped: string): string {
  return escaped.replaceAll(/&lt;@\u{200B}(?<user>[UW][A-Z0-9]{2,})&gt;/gu, (_, user: string) =>
    mention(user),
  )
}

function memoKey(notice: string): string {
  return `slack:notice:${notice}`
}

async function readEntry(memo: Firebreak['memo'], notice: string): Promise<Entry | undefined> {
  try {
    return Entry.parse(JSON.parse((await memo.get(memoKey(notice))) ?? ''))
  } catch {
    return undefined
  }
}

async function writeEntry(memo: Firebreak['memo'], notice: string, entry: Entry): Promise<void> {
  await memo.set(memoKey(notice), JSON.stringify(entry))
}
