import type { Kind, OpenKind } from './storm-kinds.ts'
import type { Roster } from './storm-roster.ts'

/** A storm as its top message tells of it. */
export type StormView = {
  readonly route: string
  readonly since: string
  readonly counts: { readonly [kind in Kind['is']]: number }
  readonly started: number
  /** What most of those that wait are waiting for, and how many they are. */
  readonly commonest?: { readonly why: string; readonly runs: number }
  /** Runs in the thread that wait for people, and the Slack accounts of those who can help. */
  readonly calling: { readonly runs: readonly string[]; readonly people: readonly string[] }
  readonly calls: number
  readonly failedReplies: number
  /** Nothing of it goes on. */
  readonly over: boolean
}

/** Not looked at yet. */
const fresh: OpenKind = { is: 'acts' }

export function stormView(roster: Roster, frozen: boolean): StormView {
  const { route, since, ended, open, calls, failedReplies } = roster
  const counts = { asks: 0, hands: 0, acts: 0, waits: 0, ...ended }
  const reasons = new Map<string, number>()
  for (const { kind = fresh } of open.values()) {
    const seen = frozen ? iced(kind) : kind
    counts[seen.is] += 1
    if (seen.is === 'waits') reasons.set(seen.why, (reasons.get(seen.why) ?? 0) + 1)
  }
  const [most] = [...reasons].toSorted(([, a], [, b]) => b - a)
  return {
    route,
    since,
    counts,
    started: Object.values(counts).reduce((sum, n) => sum + n, 0),
    ...(most === undefined ? {} : { commonest: { why: most[0], runs: most[1] } }),
    calling: callingIn(roster),
    calls,
    failedReplies,
    over: open.size === 0,
  }
}

/** What would act waits for the thaw, whatever else it may have been waiting for. */
function iced(kind: OpenKind): OpenKind {
  return kind.is === 'acts' || kind.is === 'waits' ? { is: 'waits', why: 'Firebreak to be thawed' } : kind
}

export function callingIn({ open }: Roster): StormView['calling'] {
  const runs = [...open].filter(
    ([, { kind, reply }]) => reply && (kind?.is === 'asks' || kind?.is === 'hands'),
  )
  const people = runs.flatMap(([, { kind }]) => (kind?.is === 'asks' ? kind.people : []))
  return { runs: runs.map(([run]) => run), people: [...new Set(people)] }
}
