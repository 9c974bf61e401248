import { z } from 'zod'
import type { End, OpenKind } from './storm-kinds.ts'

/** What is kept of a storm, under the run in whose thread it is shown. */
const RosterMemo = z.strictObject({
  route: z.string(),
  /** ISO 8601: when the first of its runs began. */
  since: z.string(),
  /** Runs that go on: those with a message of their own in the channel, and those in the thread. */
  own: z.array(z.string()),
  replies: z.array(z.string()),
  ended: z.strictObject({ done: z.int(), failed: z.int(), stopped: z.int() }),
  /** Of the failed, those that only the thread shows. */
  failedReplies: z.int(),
  /** How often people were called because of runs in the thread, and whether some wait for them now. */
  calls: z.int(),
  calling: z.boolean(),
})
type RosterMemo = z.infer<typeof RosterMemo>

type Member = {
  readonly reply: boolean
  /** Absent until it has been looked at. */
  readonly kind?: OpenKind
}

export type Roster = {
  readonly head: string
  readonly route: string
  readonly since: string
  readonly open: Map<string, Member>
  readonly ended: { [end in End]: number }
  /** Runs of which something has changed since they were looked at. */
  readonly stale: Set<string>
  failedReplies: number
  calls: number
  calling: boolean
}

export function newRoster(head: string, { route, since }: Pick<Roster, 'route' | 'since'>): Roster {
  return {
    head,
    route,
    since,
    open: new Map(),
    ended: { done: 0, failed: 0, stopped: 0 },
    stale: new Set(),
    failedReplies: 0,
    calls: 0,
    calling: false,
  }
}

/** Undefined for a text of another version, or a damaged one. */
export function readRoster(head: string, text: string): Roster | undefined {
  try {
    const { own, replies, ...memo } = RosterMemo.parse(JSON.parse(text))
    const roster = { ...newRoster(head, memo), ...memo }
    for (const run of own) enrol(roster, run, false)
    for (const run of replies) enrol(roster, run, true)
    return roster
  } catch {
    return undefined
  }
}

export function writeRoster(roster: Roster): string {
  const { route, since, open, ended, failedReplies, calls, calling } = roster
  const runs = (reply: boolean) => [...open].flatMap(([run, member]) => (member.reply === reply ? [run] : []))
  const memo: RosterMemo = {
    route,
    since,
    own: runs(false),
    replies: runs(true),
    ended,
    failedReplies,
    calls,
    calling,
  }
  return JSON.stringify(memo)
}

export function enrol({ open, stale }: Roster, run: string, reply: boolean): void {
  if (open.has(run)) return
  open.set(run, { reply })
  stale.add(run)
}
