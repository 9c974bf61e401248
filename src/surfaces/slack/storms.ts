import { z } from 'zod'
import type { Firebreak } from '../../core/app.ts'
import { isFirebreakError } from '../../core/errors.ts'
import type { Log } from './log.ts'
import { createMemoWriter, type MemoWriter } from './memo-writer.ts'
import { isEnd, kindOf, type Kind } from './storm-kinds.ts'
import { enrol, newRoster, readRoster, type Roster, writeRoster } from './storm-roster.ts'
import { callingIn, type StormView, stormView } from './storm-view.ts'

// A route that starts many runs in a short time is one thread, and not a message for each.

/** So long an earlier run of the route counts, */
const WINDOW_MS = 10 * 60_000
/** and beyond so many of them a run is shown in the thread of the first. */
const FIRST = 3

type Routed = { readonly route: string; readonly run: string; readonly at: string }

export type Storms = {
  /** The run in whose thread a run is shown; undefined for one with a message of its own. To be asked in their order. */
  readonly place: (routed: Routed) => Promise<string | undefined>
  /** A run that is known to be shown in this thread; its storm may have been forgotten. */
  readonly rejoin: (head: string, run: string) => Promise<void>
  /** Makes known whether this run heads a storm. */
  readonly load: (head: string) => Promise<void>
  /** Something of this run has changed. */
  readonly touch: (run: string) => void
  readonly heads: () => readonly string[]
  readonly view: (head: string) => Promise<StormView | undefined>
  readonly idle: () => Promise<void>
}

type Options = {
  readonly app: Firebreak
  readonly log: Log
  /** The storm of this head is not any more as it was told. */
  readonly changed: (head: string) => void
}

type State = Options & {
  readonly routes: Map<string, Promise<Recent>>
  readonly rosters: Map<string, Promise<Roster | undefined>>
  /** By run: the storm that it is in, as long as it goes on. */
  readonly index: Map<string, Roster>
  readonly saves: MemoWriter
}

export function createStorms(options: Options): Storms {
  const { app, log } = options
  const state: State = {
    ...options,
    routes: new Map(),
    rosters: new Map(),
    index: new Map(),
    saves: createMemoWriter(app.memo, log),
  }
  return {
    place: (routed) => place(state, routed),
    rejoin: async (head, run) => {
      const roster = (await rosterOf(state, head)) ?? (await anew(state, head, run))
      join(state, roster, { run, reply: true })
    },
    load: async (head) => void (await rosterOf(state, head)),
    touch: (run) => {
      const roster = state.index.get(run)
      if (roster === undefined) return
      roster.stale.add(run)
      options.changed(roster.head)
    },
    heads: () => [...new Set([...state.index.values()].map(({ head }) => head))],
    view: async (head) => {
      const roster = await state.rosters.get(head)
      return roster && (await viewOf(state, roster))
    },
    idle: () => state.saves.idle(),
  }
}

/** Of a route, what decides where its next run is shown: the last runs with a message of their own or not, and its storm. */
const Recent = z.strictObject({
  last: z.array(z.strictObject({ run: z.string(), at: z.string() })),
  storm: z.strictObject({ head: z.string(), at: z.string() }).optional(),
})
type Recent = {
  last: readonly { readonly run: string; readonly at: string }[]
  storm?: { readonly head: string; readonly at: string } | undefined
}

function recentOf(state: State, route: string): Promise<Recent> {
  const known = state.routes.get(route)
  if (known !== undefined) return known
  const read = state.app.memo.get(routeKey(route)).then((text): Recent => {
    const parsed = Recent.safeParse(text === undefined ? undefined : parseJson(text))
    return parsed.success ? { ...parsed.data } : { last: [] }
  })
  state.routes.set(route, read)
  read.catch(() => state.routes.delete(route))
  return read
}

async function place(state: State, routed: Routed): Promise<string | undefined> {
  const { route, at } = routed
  const recent = await recentOf(state, route)
  // Without a pause, so that two runs that begin at once are counted one after the other.
  const { near, storm, reply } = note(recent, routed)
  state.saves.save(routeKey(route), () => JSON.stringify(recent))
  const head = storm ?? (reply ? near[0]?.run : undefined)
  if (head === undefined) return undefined
  const roster = storm === undefined ? begin(state, { head, route, near }) : await rosterOf(state, head)
  join(state, roster ?? newlyKept(state, head, { route, since: at }), { run: routed.run, reply })
  return reply ? head : undefined
}

type Noted = {
  readonly near: Recent['last']
  /** The head of the storm that goes on. */
  readonly storm: string | undefined
  readonly reply: boolean
}

function note(recent: Recent, { run, at }: Routed): Noted {
  const others = recent.last.filter((entry) => entry.run !== run)
  const near = others.filter((entry) => isNear(entry.at, at))
  const storm = recent.storm !== undefined && isNear(recent.storm.at, at) ? recent.storm.head : undefined
  const reply = near.length >= FIRST
  const head = storm ?? near[0]?.run
  recent.last = [...others, { run, at }].toSorted((a, b) => a.at.localeCompare(b.at)).slice(-FIRST)
  if (reply && head !== undefined) recent.storm = { head, at }
  return { near, storm, reply }
}

function isNear(before: string, at: string): boolean {
  const past = Date.parse(at) - Date.parse(before)
  return past >= 0 && past < WINDOW_MS
}

type Beginning = { readonly head: string; readonly route: string; readonly near: Recent['last'] }

/** The first ones have messages of their own, and are counted with the others. */
function begin(state: State, { head, route, near }: Beginning): Roster {
  const roster = newlyKept(state, head, { route, since: near[0]?.at ?? '' })
  for (const { run } of near) join(state, roster, { run, reply: false })
  return roster
}

function newlyKept(state: State, head: string, about: Pick<Roster, 'route' | 'since'>): Roster {
  const roster = newRoster(head, about)
  state.rosters.set(head, Promise.resolve(roster))
  return roster
}

/** What was kept of the storm is lost: of the runs that are heard of it is told again. */
async function anew(state: State, head: string, run: string): Promise<Roster> {
  const { requested, requestedAt } = (await state.app.run(run)).state
  return newlyKept(state, head, { route: requested.route ?? '', since: requestedAt })
}

function join(state: State, roster: Roster, { run, reply }: { run: string; reply: boolean }): void {
  enrol(roster, run, reply)
  state.index.set(run, roster)
  keep(state, roster)
  state.changed(roster.head)
}

function keep(state: State, roster: Roster): void {
  state.saves.save(stormKey(roster.head), () => writeRoster(roster))
}

function rosterOf(state: State, head: string): Promise<Roster | undefined> {
  const known = state.rosters.get(head)
  if (known !== undefined) return known
  const read = state.app.memo.get(stormKey(head)).then((text) => {
    const roster = text === undefined ? undefined : readRoster(head, text)
    for (const run of roster?.open.keys() ?? []) if (roster !== undefined) state.index.set(run, roster)
    // Most runs head no storm, and one that does is known by then.
    if (roster === undefined && state.rosters.get(head) === read) state.rosters.delete(head)
    return roster
  })
  state.rosters.set(head, read)
  read.catch(() => state.rosters.delete(head))
  return read
}

async function viewOf(state: State, roster: Roster): Promise<StormView> {
  for (const run of Array.from(roster.stale)) await lookAt(state, roster, run)
  const now = callingIn(roster).runs.length > 0
  if (now !== roster.calling) {
    roster.calling = now
    if (now) roster.calls += 1
    keep(state, roster)
  }
  return stormView(roster, (await state.app.frozen()) !== undefined)
}

async function lookAt(state: State, roster: Roster, run: string): Promise<void> {
  const member = roster.open.get(run)
  roster.stale.delete(run)
  if (member === undefined) return
  const kind = await kindNow(state, run).catch((error: unknown) => {
    roster.stale.add(run)
    throw error
  })
  if (!isEnd(kind)) {
    roster.open.set(run, { ...member, kind })
    return
  }
  roster.open.delete(run)
  state.index.delete(run)
  roster.ended[kind.is] += 1
  if (kind.is === 'failed' && member.reply) roster.failedReplies += 1
  keep(state, roster)
}

async function kindNow({ app }: State, run: string): Promise<Kind> {
  try {
    return kindOf(await app.run(run))
  } catch (error) {
    // Retention has deleted it: it is over.
    if (isFirebreakError(error, 'run.unknown')) return { is: 'stopped' }
    throw error
  }
}

function routeKey(route: string): string {
  return `slack:route:${route}`
}

function stormKey(head: string): string {
  return `slack:storm:${head}`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
