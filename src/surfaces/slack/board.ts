import type { Firebreak } from '../../core/app.ts'
import type { Fact, Mode } from '../../core/fact.ts'
import { modelOf } from './model.ts'
import type { Pace } from './pace.ts'
import type { Postman } from './posting.ts'
import { readRecord, writeRecord } from './run-record.ts'
import type { RunWriter } from './run-writer.ts'
import { createRunWriter } from './run-writer.ts'

/** Runs that ended while Slack could not be reached are still shown, when they are no older than this. */
const RECENT_MS = 24 * 3_600_000

export type BoardOptions = Postman & {
  readonly app: Firebreak
  readonly home: string
  readonly pace: Pace
  readonly stopped: AbortSignal
}

/** Somebody is about to start a run: it shall be shown where they asked. */
type Expected = {
  readonly user: string
  readonly playbook: string
  readonly mode: Mode
  readonly channel: string
}

/** Shows every run in Slack. */
export type Board = {
  readonly start: () => void
  /** Facts were committed. */
  readonly hear: (facts: readonly Fact[]) => void
  /** Runs `begin` while expecting its run: the facts come before the call returns. */
  readonly expecting: <T>(expected: Expected, begin: () => Promise<T>) => Promise<T>
  /** Where the run's message is, once it is. */
  readonly where: (run: string) => { readonly channel: string; readonly ts: string } | undefined
  readonly idle: () => Promise<void>
}

export function createBoard(options: BoardOptions): Board {
  const state: State = { options, writers: new Map(), expected: [] }
  return {
    start: () => showAll(state),
    hear: (facts) => {
      if (!options.stopped.aborted) hear(state, facts)
    },
    expecting: (entry, begin) => expecting(state.expected, entry, begin),
    where: (run) => {
      const record = state.writers.get(run)?.record() ?? readRecord(options.app.memo, run)
      const main = record?.messages['main']
      return main?.ts === undefined ? undefined : { channel: main.channel, ts: main.ts }
    },
    idle: async () => {
      await Promise.all([...state.writers.values()].map((writer) => writer.idle()))
    },
  }
}

type State = {
  readonly options: BoardOptions
  readonly writers: Map<string, RunWriter>
  readonly expected: Expected[]
}

/** After a start: open runs, and recent ones whose end Slack may not show yet. */
function showAll(state: State): void {
  const { app, home } = state.options
  const recent = app
    .runs({ limit: 200 })
    .filter((view) => Date.now() - Date.parse(view.state.requestedAt) < RECENT_MS)
  for (const view of [...recent, ...app.runs({ open: true })]) {
    const run = view.state.id
    if (readRecord(app.memo, run)?.done !== true) writerOf(state, run, home).mark()
  }
}

function writerOf(state: State, run: string, channel: string): RunWriter {
  const existing = state.writers.get(run)
  if (existing !== undefined) return existing
  const { options } = state
  const { app } = options
  const writer = createRunWriter({
    ...options,
    run,
    record: readRecord(app.memo, run) ?? { channel, messages: {}, done: false },
    memo: app.memo,
    load: (now) => modelOf(app, run, now),
    finished: () => state.writers.delete(run),
  })
  state.writers.set(run, writer)
  return writer
}

function hear(state: State, facts: readonly Fact[]): void {
  const { app, home } = state.options
  for (const [run, channel] of touchedRuns(state, facts)) {
    if (readRecord(app.memo, run)?.done !== true) writerOf(state, run, channel).mark()
  }
  // A freeze stands on every open run's message.
  if (facts.some(({ type }) => type === 'freeze.set' || type === 'freeze.lifted')) {
    for (const view of app.runs({ open: true })) writerOf(state, view.state.id, home).mark()
  }
}

/** The runs that facts are about, each with its channel should it be new. */
function touchedRuns(state: State, facts: readonly Fact[]): ReadonlyMap<string, string> {
  const touched = new Map<string, string>()
  for (const fact of facts) {
    // Deliveries of notices are facts of a run, and change nothing that is shown.
    if (fact.run === undefined || fact.type.startsWith('notice.')) continue
    if (fact.type === 'run.requested') touched.set(fact.run, choosePlace(state, fact, fact.run))
    else if (!touched.has(fact.run)) touched.set(fact.run, state.options.home)
  }
  return touched
}

/** Where a new run is shown; kept at once, so that a restart shows it there too. */
function choosePlace({ options, expected }: State, fact: Fact, run: string): string {
  const { app, home, log } = options
  const channel = takeExpected(expected, fact) ?? undone(app, fact) ?? home
  if (channel !== home) {
    writeRecord(app.memo, run, { channel, messages: {}, done: false }).catch((error: unknown) => {
      log.warn({ run, why: String(error) }, 'place of a run not kept')
    })
  }
  return channel
}

async function expecting<T>(expected: Expected[], entry: Expected, begin: () => Promise<T>): Promise<T> {
  expected.push(entry)
  try {
    return await begin()
  } finally {
    const at = expected.indexOf(entry)
    if (at !== -1) expected.splice(at, 1)
  }
}

/** The channel of whoever is just starting this run; each expectation serves one run. */
function takeExpected(expected: Expected[], fact: Fact): string | undefined {
  if (fact.type !== 'run.requested' || fact.actor.kind !== 'account') return undefined
  const { account } = fact.actor
  if (account.via !== 'slack') return undefined
  const { playbook, mode } = fact.data
  const at = expected.findIndex(
    (entry) => entry.user === account.user && entry.playbook === playbook.name && entry.mode === mode,
  )
  return at === -1 ? undefined : expected.splice(at, 1)[0]?.channel
}

/** The run that puts another one back is shown beside it. */
function undone(app: Firebreak, fact: Fact): string | undefined {
  if (fact.type !== 'run.requested' || fact.data.undoes === undefined) return undefined
  return readRecord(app.memo, fact.data.undoes)?.channel
}
