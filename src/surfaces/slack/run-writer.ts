import type { Page } from './page.ts'
import { syncPage } from './page-sync.ts'
import type { RunRecord } from './run-record.ts'
import { writeRecord } from './run-record.ts'
import type { WriterOptions, WriterState } from './writer-state.ts'
import { repost } from './writer-state.ts'

/** The only writer of a run's messages: it brings what Slack shows to what the run is, again and again. */
export type RunWriter = {
  /** Something has changed. */
  readonly mark: () => void
  readonly record: () => RunRecord
  /** Its first message is gone from Slack, as a reply to it has found: it is posted anew. */
  readonly lost: (ts: string) => Promise<void>
  /** Resolves when nothing is under way. */
  readonly idle: () => Promise<void>
}

export function createRunWriter(options: WriterOptions): RunWriter {
  const state = newState(options)
  let dirty = false
  let woken = Promise.withResolvers<void>()
  let running: Promise<void> | undefined
  const pump = async () => {
    do {
      await options.gates.pause(options.pace.burst)
      await options.admit?.()
      if (dirty) state.now = Date.now()
      dirty = false
      woken = Promise.withResolvers()
      const wait = await round(state)
      if (wait > 0 && !dirty) await Promise.race([options.gates.pause(wait), woken.promise])
      if (wait === 0 && !dirty) break
    } while (!options.stopped.aborted)
    running = undefined
    // Here and not earlier: what was marked meanwhile is shown by this writer, and by no second one beside it.
    if (state.record.done && !dirty) options.finished()
  }
  const mark = () => {
    dirty = true
    woken.resolve()
    if (!options.stopped.aborted) running ??= pump()
  }
  return {
    mark,
    record: () => state.record,
    lost: async (ts) => {
      if (state.record.messages['main']?.ts !== ts) return
      await repost(state, { key: 'main', place: 'channel' })
      mark()
    },
    idle: async () => {
      await running
    },
  }
}

function newState(options: WriterOptions): WriterState {
  return {
    options,
    record: options.record,
    sent: new Map(),
    editedAt: new Map(),
    links: new Map(),
    givenUp: new Set(),
    failures: 0,
    now: Date.now(),
  }
}

/** Goes over all pages once. Milliseconds after which there is more to do; 0 when Slack shows what it should. */
async function round(state: WriterState): Promise<number> {
  const { options } = state
  try {
    const { pages, final } = await options.load(state.now, state.record)
    const waits = await syncAll(state, pages, final)
    if (waits === undefined) return 0
    const due = waits.filter((wait) => wait > 0)
    if (due.length === 0) state.failures = 0
    await noteDone(state, final && due.length === 0)
    return due.length === 0 ? 0 : Math.min(...due)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    options.log.error({ run: options.run, why }, 'slack view of a run failed')
    return options.pace.lastRetry
  }
}

/** How long each page has to wait. Undefined: the surface stops. */
async function syncAll(
  state: WriterState,
  pages: readonly Page[],
  final: boolean,
): Promise<readonly number[] | undefined> {
  const first = pages[0]?.key ?? ''
  const waits: number[] = []
  for (const page of pages) {
    if (state.options.stopped.aborted) return undefined
    // Everything else hangs on the first message, so nothing goes before it.
    const hangs = page.key !== first && state.record.messages[first]?.ts === undefined
    if (!hangs) waits.push(await syncPage(state, page, final))
  }
  return waits
}

async function noteDone(state: WriterState, done: boolean): Promise<void> {
  if (state.record.done === done) return
  state.record = { ...state.record, done }
  await writeRecord(state.options.memo, state.options.run, state.record)
}
