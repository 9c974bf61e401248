import { syncPage } from './page-sync.ts'
import { isFinal, runPages } from './run-pages.ts'
import type { RunRecord } from './run-record.ts'
import { writeRecord } from './run-record.ts'
import type { WriterOptions, WriterState } from './writer-state.ts'

/** The only writer of a run's messages: it brings what Slack shows to what the run is, again and again. */
export type RunWriter = {
  /** Something has changed. */
  readonly mark: () => void
  readonly record: () => RunRecord
  /** Resolves when nothing is under way. */
  readonly idle: () => Promise<void>
}

export function createRunWriter(options: WriterOptions): RunWriter {
  const state: WriterState = {
    options,
    record: options.record,
    sent: new Map(),
    editedAt: new Map(),
    links: new Map(),
    givenUp: new Set(),
    failures: 0,
    now: Date.now(),
  }
  let dirty = false
  let woken = Promise.withResolvers<void>()
  let running: Promise<void> | undefined
  const pump = async () => {
    do {
      await options.gates.pause(options.pace.burst)
      if (dirty) state.now = Date.now()
      dirty = false
      woken = Promise.withResolvers()
      const wait = await round(state)
      if (wait > 0 && !dirty) await Promise.race([options.gates.pause(wait), woken.promise])
      if (wait === 0 && !dirty) break
    } while (!options.stopped.aborted)
    running = undefined
  }
  return {
    mark: () => {
      dirty = true
      woken.resolve()
      if (!options.stopped.aborted) running ??= pump()
    },
    record: () => state.record,
    idle: async () => {
      await running
    },
  }
}

/** Goes over all pages once. Milliseconds after which there is more to do; 0 when Slack shows what it should. */
async function round(state: WriterState): Promise<number> {
  const { options } = state
  try {
    const model = await options.load(state.now)
    const waits: number[] = []
    for (const page of runPages(model)) {
      if (options.stopped.aborted) return 0
      // Everything else hangs on the run message, so nothing goes before it.
      const hangs = page.key !== 'main' && state.record.messages['main']?.ts === undefined
      if (!hangs) waits.push(await syncPage(state, page, isFinal(model.view)))
    }
    const due = waits.filter((wait) => wait > 0)
    if (due.length > 0) return Math.min(...due)
    state.failures = 0
    if (isFinal(model.view)) await finish(state)
    return 0
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    options.log.error({ run: options.run, why }, 'slack view of a run failed')
    return options.pace.lastRetry
  }
}

async function finish(state: WriterState): Promise<void> {
  state.record = { ...state.record, done: true }
  await writeRecord(state.options.memo, state.options.run, state.record)
  state.options.finished()
}
