import type { RunView } from '../../core/app.ts'
import type { Fact, FactType } from '../../core/fact.ts'
import { type Expected, expecting, takeExpected } from './expected.ts'
import { readRecord } from './run-record.ts'
import type { RunWriter } from './run-writer.ts'
import { createStorms } from './storms.ts'
import { createThaws, type Thaws } from './thaws.ts'
import { createTurnstile } from './turnstile.ts'
import { type BoardOptions, markHead, type Place, spotOf, writerOf, type WritersState } from './writers.ts'
import type { Spot } from './writer-state.ts'

/** Runs that ended while Slack could not be reached are still shown, when they are no older than this. */
const RECENT_MS = 24 * 3_600_000

/** Shows every run in Slack, and who wants a freeze lifted. */
export type Board = {
  readonly start: () => void
  /** Facts were committed. */
  readonly hear: (facts: readonly Fact[]) => void
  readonly expecting: <T>(expected: Expected, begin: () => Promise<T>) => Promise<T>
  /** Where the run's message is, once it is. */
  readonly where: (run: string) => Promise<Spot | undefined>
  readonly idle: () => Promise<void>
}

type State = WritersState & {
  readonly thaws: Thaws
  readonly expected: Expected[]
  /** What is being looked up at the moment. */
  readonly hearing: Set<Promise<void>>
}

export function createBoard(options: BoardOptions): Board {
  const storms = createStorms({
    app: options.app,
    log: options.log,
    changed: (head) => quietly(state, markHead(state, head)),
  })
  const state: State = {
    options,
    storms,
    thaws: createThaws(options),
    turnstile: createTurnstile(() => options.gates.pause(options.pace.stormReply)),
    writers: new Map(),
    links: new Map(),
    expected: [],
    hearing: new Set(),
  }
  return {
    start: () => quietly(state, showAll(state)),
    hear: (facts) => {
      if (!options.stopped.aborted) quietly(state, hear(state, facts))
    },
    expecting: (entry, begin) => expecting(state.expected, entry, begin),
    where: (run) => spotOf(state, run),
    idle: async () => {
      await Promise.all(state.hearing)
      await Promise.all([...state.writers.values()].map(async (writer) => (await writer)?.idle()))
      await Promise.all([state.thaws.idle(), storms.idle()])
    },
  }
}

/** A message that cannot be looked up now is shown at the next fact, or at the next start. */
function quietly({ hearing, options }: State, work: Promise<void>): void {
  const done = work
    .catch((error: unknown) => options.log.error({ why: String(error) }, 'slack view of runs failed'))
    .finally(() => hearing.delete(done))
  hearing.add(done)
}

/** After a start: open runs, and recent ones whose end Slack may not show yet, in the order in which they began. */
async function showAll(state: State): Promise<void> {
  const { app } = state.options
  await state.thaws.start()
  const last = await app.runs({ limit: 200 })
  const recent = last.filter((view) => Date.now() - Date.parse(view.state.requestedAt) < RECENT_MS)
  const open = await app.runs({ open: true })
  const views = new Map([...recent, ...open].map((view) => [view.state.id, view]))
  const inOrder = [...views.values()].toSorted((a, b) =>
    a.state.requestedAt.localeCompare(b.state.requestedAt),
  )
  for (const { state: run } of inOrder) await show(state, run.id, () => placeOf(state, run))
  // What is in place for a time is shown as long as it is, however old its run.
  for (const { run } of await app.containments()) await show(state, run, () => placeOfKnown(state, run))
}

async function show(state: State, run: string, place: () => Promise<Place>): Promise<RunWriter | undefined> {
  const writer = await writerOf(state, run, place)
  writer?.mark()
  return writer
}

async function hear(state: State, facts: readonly Fact[]): Promise<void> {
  state.thaws.hear(facts)
  const touched = touchedRuns(state, facts)
  for (const run of touched.keys()) state.storms.touch(run)
  const hurried = new Set(facts.flatMap(({ type, run }) => (pressing.has(type) ? [run] : [])))
  await Promise.all(
    [...touched].map(async ([run, place]) => {
      const writer = await show(state, run, place)
      if (hurried.has(run) && writer?.record().head !== undefined) state.turnstile.hurry(run)
    }),
  )
  // A freeze stands on every open run's message.
  if (facts.some(({ type }) => type === 'freeze.set' || type === 'freeze.lifted')) await showFreeze(state)
}

/** In a storm it stands on the top message, and not on every one of the thread as well. */
async function showFreeze(state: State): Promise<void> {
  const open = await state.options.app.runs({ open: true })
  await Promise.all(
    open.map(async ({ state: run }) => {
      const writer = await writerOf(state, run.id, () => placeOf(state, run))
      if (writer?.record().head === undefined) writer?.mark()
    }),
  )
  await Promise.all(state.storms.heads().map((head) => markHead(state, head)))
}

/** Somebody waits for these to be seen: of many replies, they are written first. */
const pressing: ReadonlySet<FactType> = new Set([
  'approval.requested',
  'step.asked',
  'run.parked',
  'run.failed',
])

/** The runs that facts are about, each with its place should it be new. */
function touchedRuns(state: State, facts: readonly Fact[]): ReadonlyMap<string, () => Promise<Place>> {
  const touched = new Map<string, () => Promise<Place>>()
  for (const fact of facts) {
    const { run } = fact
    // Deliveries of notices are facts of a run, and change nothing that is shown.
    if (run === undefined || fact.type.startsWith('notice.')) continue
    if (fact.type === 'run.requested') touched.set(run, chosen(state, fact, run))
    else if (!touched.has(run)) touched.set(run, () => placeOfKnown(state, run))
  }
  return touched
}

/** Chosen at once, as long as it is known who is asking, and in the order in which runs begin. */
function chosen(state: State, fact: Fact & { type: 'run.requested' }, run: string): () => Promise<Place> {
  const channel = takeExpected(state.expected, fact)
  const place =
    channel === undefined
      ? placeOf(state, { id: run, requested: fact.data, requestedAt: fact.time })
      : Promise.resolve<Place>({ channel })
  // Nobody may ask for it: another process has shown the run already.
  place.catch(() => undefined)
  return () => place
}

async function placeOfKnown(state: State, run: string): Promise<Place> {
  return placeOf(state, (await state.options.app.run(run)).state)
}

type Begun = Pick<RunView['state'], 'id' | 'requested' | 'requestedAt'>

/** A run that puts another one back is shown beside it; one of many of a route perhaps in the thread of the first. */
async function placeOf({ options, storms }: State, { id, requested, requestedAt }: Begun): Promise<Place> {
  const { undoes, route, mode } = requested
  if (undoes !== undefined)
    return { channel: (await readRecord(options.app.memo, undoes))?.channel ?? options.home }
  if (route === undefined || mode !== 'run') return { channel: options.home }
  return { channel: options.home, head: await storms.place({ route, run: id, at: requestedAt }) }
}
