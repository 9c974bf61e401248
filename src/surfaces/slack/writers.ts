import type { Firebreak } from '../../core/app.ts'
import { modelOf } from './model.ts'
import type { Pace } from './pace.ts'
import type { Shown } from './page.ts'
import type { Postman } from './posting.ts'
import { headPages, isFinal, runPages } from './run-pages.ts'
import { readRecord, type RunRecord, writeRecord } from './run-record.ts'
import { createRunWriter, type RunWriter } from './run-writer.ts'
import type { Storms } from './storms.ts'
import type { Turnstile } from './turnstile.ts'
import type { Spot, WriterOptions } from './writer-state.ts'

export type BoardOptions = Postman & {
  readonly app: Firebreak
  readonly home: string
  readonly pace: Pace
  readonly stopped: AbortSignal
}

/** Where a run is shown that is not shown yet: in a channel, and there perhaps in the thread of another run. */
export type Place = { readonly channel: string; readonly head?: string | undefined }

export type WritersState = {
  readonly options: BoardOptions
  /** By run; none for a run whose end Slack shows already. */
  readonly writers: Map<string, Promise<RunWriter | undefined>>
  readonly storms: Storms
  /** Replies in the threads of storms go out one by one. */
  readonly turnstile: Turnstile
  readonly links: Map<string, string>
}

export function writerOf(
  state: WritersState,
  run: string,
  place: () => Promise<Place>,
): Promise<RunWriter | undefined> {
  const existing = state.writers.get(run)
  if (existing !== undefined) return existing
  const writer = openWriter(state, run, { place, again: false })
  state.writers.set(run, writer)
  return writer
}

/** The first run of a storm is shown on, however long it is over itself. */
export async function markHead(state: WritersState, head: string): Promise<void> {
  const place = async () => ({ channel: state.options.home })
  for (;;) {
    // Of one whose end is shown already there is no writer, whoever asked for it before.
    const opening = state.writers.get(head) ?? openWriter(state, head, { place, again: true })
    state.writers.set(head, opening)
    const writer = await opening
    if (writer !== undefined) return writer.mark()
    if (state.writers.get(head) === opening) state.writers.delete(head)
  }
}

/** Where the run's message is, once it is. */
export async function spotOf({ writers, options }: WritersState, run: string): Promise<Spot | undefined> {
  const writer = await writers.get(run)
  const record = writer?.record() ?? (await readRecord(options.app.memo, run))
  const main = record?.messages['main']
  return main?.ts === undefined ? undefined : { channel: main.channel, ts: main.ts }
}

type Opening = {
  readonly place: () => Promise<Place>
  /** Also where Slack shows its end already. */
  readonly again: boolean
}

async function openWriter(
  state: WritersState,
  run: string,
  { place, again }: Opening,
): Promise<RunWriter | undefined> {
  const { options, storms } = state
  const { app } = options
  const finished = () => void state.writers.delete(run)
  try {
    const known = await readRecord(app.memo, run)
    if (known?.done === true && !again) {
      finished()
      return undefined
    }
    const record = known ?? (await newRecord(options, run, await place()))
    if (record.head === undefined) await storms.load(run)
    else await storms.rejoin(record.head, run)
    const more = record.head === undefined ? headOptions(state, run) : replyOptions(state, run, record.head)
    return createRunWriter({ ...options, run, record, memo: app.memo, finished, ...more })
  } catch (error) {
    finished()
    throw error
  }
}

/** Kept at once where it is not the usual place, so that a restart shows it there too. */
async function newRecord(
  { app, home, log }: BoardOptions,
  run: string,
  { channel, head }: Place,
): Promise<RunRecord> {
  const record = { channel, messages: {}, done: false, ...(head === undefined ? {} : { head }) }
  if (channel === home && head === undefined) return record
  try {
    await writeRecord(app.memo, run, record)
  } catch (error) {
    log.warn({ run, why: String(error) }, 'place of a run not kept')
  }
  return record
}

type More = Pick<WriterOptions, 'load' | 'admit' | 'parent'>

function headOptions(state: WritersState, run: string): More {
  return {
    load: async (now, { messages }): Promise<Shown> => {
      const model = await modelOf(state.options.app, run, now)
      const storm = await state.storms.view(run)
      if (storm === undefined) return { pages: runPages(model), final: isFinal(model.view) }
      const link =
        storm.calls > 0 || storm.failedReplies > 0 ? await linkOf(state, messages['main']) : undefined
      return { pages: headPages(model, storm, link), final: isFinal(model.view) && storm.over }
    },
  }
}

/** Undefined for a message that is not there yet; empty when Slack does not say. Asked for once: messages do not move. */
async function linkOf(
  { links, options }: WritersState,
  main: RunRecord['messages'][string] | undefined,
): Promise<string | undefined> {
  if (main?.ts === undefined) return undefined
  const known = links.get(main.ts)
  if (known !== undefined) return known
  const answer = await options.web.link(main.channel, main.ts)
  const link = answer.ok ? answer.value : ''
  links.set(main.ts, link)
  return link
}

function replyOptions(state: WritersState, run: string, head: string): More {
  const { options, turnstile } = state
  return {
    load: async (now) => {
      const model = await modelOf(options.app, run, now)
      return { pages: runPages({ ...model, reply: true }), final: isFinal(model.view) }
    },
    admit: () => turnstile.pass(run),
    parent: {
      place: () => spotOf(state, head),
      lost: async (ts) => {
        await markHead(state, head)
        await (await state.writers.get(head))?.lost(ts)
      },
    },
  }
}
