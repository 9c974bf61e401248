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
  readonly where: (run: string) => Promise<{ readonly channel: string; readonly ts: string } | undefined>
  readonly idle: () => Promise<void>
}

export function createBoard(options: BoardOptions): Board {
  const state: State = { options, writers: new Map(), expected: [], hearing: new Set() }
  return {
    start: () => quietly(state, showAll(state)),
    hear: (facts) => {
      if (!options.stopped.aborted) quietly(state, hear(state, facts))
    },
    expecting: (entry, begin) => expecting(state.expected, entry, begin),
    where: async (run) => {
      const writer = await state.writers.get(run)
      const record = writer?.record() ?? (await readRecord(options.app.memo, run))
      const main = record?.messages['main']
      return main?.ts === undefined ? undefined : { channel: main.channel, ts: main.ts }
    },
    idle: async () => {
      await Promise.all(state.hearing)
      await Promise.all([...state.writers.values()].map(async (writer) => (await writer)?.idle()))
    },
  }
}

type State = {
  readonly options: BoardOptions
  /** By run; none for a run whose end Slack shows already. */
  readonly writers: Map<string, Promise<RunWriter | undefined>>
  readonly expected: Expected[]
  /** What is being looked up at the moment. */
  readonly hearing: Set<Promise<void>>
}

/** A message that cannot be looked up now is shown at the next fact, or at the next start. */
function quietly({ hearing, options }: State, work: Promise<void>): void {
  const done = work
    .catch((error: unknown) => options.log.error({ why: String(error) }, 'slack view of runs failed'))
    .finally(() => hearing.delete(done))
  hearing.add(done)
}

/** After a start: open runs, and recent ones whose end Slack may not show yet. */
async function showAll(state: State): Promise<void> {
  const { app, home } = state.options
  const last = await app.runs({ limit: 200 })
  const recent = last.filter((view) => Date.now() - Date.parse(view.state.requestedAt) < RECENT_MS)
  const open = await app.runs({ open: true })
  // What is in place for a time is shown as long as it is, however old its run.
  const held = (await app.containments()).map(({ run }) => run)
  const runs = new Set([...[...recent, ...open].map((view) => view.state.id), ...held])
  await Promise.all([...runs].map((run) => show(state, run, home)))
}

async function show(state: State, run: string, channel: Place): Promise<void> {
  const writer = await writerOf(state, run, channel)
  writer?.mark()
}

/** The channel of a run should it be new; it may have to be looked up. */
type Place = string | Promise<string>

function writerOf(state: State, run: string, place: Place): Promise<RunWriter | undefined> {
  const existing = state.writers.get(run)
  if (existing !== undefined) return existing
  const writer = openWriter(state, run, place)
  state.writers.set(run, writer)
  return writer
}

async function openWriter(state: State, run: string, place: Place): Promise<RunWriter | undefined> {
  const { options } = state
  const { app } = options
  const finished = () => void state.writers.delete(run)
  try {
    const known = await readRecord(app.memo, run)
    if (known?.done !== true) {
      return createRunWriter({
        ...options,
        run,
        record: known ?? { channel: await place, messages: {}, done: false },
        memo: app.memo,
        load: (now) => modelOf(app, run, now),
        finished,
      })
    }
    finished()
    return undefined
  } catch (error) {
    finished()
    throw error
  }
}

async function hear(state: State, facts: readonly Fact[]): Promise<void> {
  const { app, home } = state.options
  const shown = [...touchedRuns(state, facts)].map(([run, place]) => show(state, run, place))
  await Promise.all(shown)
  // A freeze stands on every open run's message.
  if (!facts.some(({ type }) => type === 'freeze.set' || type === 'freeze.lifted')) return
  const open = await app.runs({ open: true })
  await Promise.all(open.map((view) => show(state, view.state.id, home)))
}

/** The runs that facts are about, each with its channel should it be new. */
function touchedRuns(state: State, facts: readonly Fact[]): ReadonlyMap<string, Place> {
  const touched = new Map<string, Place>()
  for (const fact of facts) {
    // Deliveries of notices are facts of a run, and change nothing that is shown.
    if (fact.run === undefined || fact.type.startsWith('notice.')) continue
    if (fact.type === 'run.requested') touched.set(fact.run, choosePlace(state, fact, fact.run))
    else if (!touched.has(fact.run)) touched.set(fact.run, state.options.home)
  }
  return touched
}

/** Where a new run is shown; kept at once, so that a restart shows it there too. */
function choosePlace(state: State, fact: Fact, run: string): Place {
  const { options } = state
  const asked = takeExpected(state.expected, fact)
  const place = asked === undefined ? undone(options, fact) : Promise.resolve(asked)
  return place.then((channel = options.home) => keepPlace(options, run, channel))
}

async function keepPlace({ app, home, log }: BoardOptions, run: string, channel: string): Promise<string> {
  if (channel === home) return home
  try {
    await writeRecord(app.memo, run, { channel, messages: {}, done: false })
  } catch (error) {
    log.warn({ run, why: String(error) }, 'place of a run not kept')
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
async function undone({ app }: BoardOptions, fact: Fact): Promise<string | undefined> {
  if (fact.type !== 'run.requested' || fact.data.undoes === undefined) return undefined
  return (await readRecord(app.memo, fact.data.undoes))?.channel
}
