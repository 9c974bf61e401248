import type { Clock, Members } from '../core/ports.ts'

/** What was said of a group at most this long ago is as good as asking. */
const FRESH_MS = 60_000
/** What was said of a group longer ago counts for nothing. */
const STALE_MS = 10 * 60_000
/** Somebody who waits for an answer does not wait again and again for a system that is down. */
const PAUSE_MS = 5000
/** A system that wants to be left alone for longer is asked all the same: nobody would have its roles any more. */
const MAX_PAUSE_MS = STALE_MS

type Known = { readonly members: ReadonlySet<string>; readonly at: number; readonly until: number }
type Failed = { readonly why: string; readonly at: number; readonly pauseMs: number }

type Options = {
  /** Undefined: the system is not there, or not yet. */
  readonly ask: (group: string) => Promise<Members> | undefined
  readonly clock: Clock
}

/** Who was in which group when its system was last asked. */
export type KnownMembers = {
  /** Asks, unless it is certain who is in the group. Never throws. */
  readonly refresh: (group: string) => Promise<void>
  /** Said within the last minute, and by a shift that has not ended since. Undefined: nobody can say. */
  readonly certain: (group: string) => ReadonlySet<string> | undefined
  /** Said within the last ten minutes. */
  readonly remembered: (group: string) => ReadonlySet<string> | undefined
  /** Why it is not known better. */
  readonly why: (group: string) => string
}

export function createKnownMembers({ ask, clock }: Options): KnownMembers {
  const known = new Map<string, Known>()
  const failed = new Map<string, Failed>()
  const asking = new Map<string, Promise<void>>()
  // A clock that was put back makes nothing young again.
  const isWithin = (at: number, ms: number) => clock.now() >= at && clock.now() - at <= ms
  const certain: KnownMembers['certain'] = (group) => {
    const last = known.get(group)
    return last !== undefined && isWithin(last.at, FRESH_MS) && clock.now() < last.until
      ? last.members
      : undefined
  }
  const learn = async (group: string): Promise<void> => {
    const at = clock.now()
    const answer = await answerOf(() => ask(group))
    asking.delete(group)
    // Nothing to wait for: it is asked as soon as it is there.
    if (answer === undefined) return
    if ('unknown' in answer) return void failed.set(group, failureOf(answer, at))
    known.set(group, { members: new Set(answer.members), at, until: answer.until ?? Infinity })
    failed.delete(group)
  }
  return {
    certain,
    remembered: (group) => {
      const last = known.get(group)
      return last !== undefined && isWithin(last.at, STALE_MS) ? last.members : undefined
    },
    why: (group) =>
      failed.get(group)?.why ?? (known.has(group) ? 'what it said is too old' : 'it is not connected'),
    refresh: async (group) => {
      const lately = failed.get(group)
      if (certain(group) !== undefined) return
      if (lately !== undefined && isWithin(lately.at, lately.pauseMs - 1)) return
      // Those who come while somebody asks share the answer.
      const shared = asking.get(group) ?? learn(group)
      asking.set(group, shared)
      await shared
    },
  }
}

async function answerOf(ask: () => Promise<Members> | undefined): Promise<Members | undefined> {
  try {
    return await ask()
  } catch (error) {
    return { unknown: String(error) }
  }
}

type Unknown = Extract<Members, { readonly unknown: string }>

function failureOf({ unknown, retryAfterMs = 0 }: Unknown, at: number): Failed {
  return { why: unknown, at, pauseMs: Math.min(Math.max(PAUSE_MS, retryAfterMs), MAX_PAUSE_MS) }
}
