import type { Clock, Directory } from '../core/ports.ts'

/** Somebody who waits for an answer does not wait for Slack again and again while it is down. */
const PAUSE_MS = 5000

type Known = { readonly members: ReadonlySet<string>; readonly at: number }

type Options = { readonly directory: () => Directory | undefined; readonly clock: Clock }

/** Who was in which Slack user group when it was last asked. */
export type SlackGroups = {
  /** Asks Slack, unless the group is known from within this time. Never throws. */
  readonly refresh: (group: string, freshMs: number) => Promise<void>
  /** Undefined: nobody has said so within this time. */
  readonly within: (group: string, ms: number) => ReadonlySet<string> | undefined
  /** Why it is not known better. */
  readonly why: (group: string) => string
}

export function createSlackGroups({ directory, clock }: Options): SlackGroups {
  const known = new Map<string, Known>()
  const failed = new Map<string, { readonly why: string; readonly at: number }>()
  const asking = new Map<string, Promise<void>>()
  const within = (group: string, ms: number) => {
    const last = known.get(group)
    return last !== undefined && clock.now() - last.at <= ms ? last.members : undefined
  }
  const ask = async (group: string): Promise<void> => {
    const at = clock.now()
    try {
      const answer = await directory()?.members(group)
      // Nothing to wait for: it is asked as soon as it is there.
      if (answer === undefined) return
      if ('unknown' in answer) return void failed.set(group, { why: answer.unknown, at })
      known.set(group, { members: new Set(answer.members), at })
      failed.delete(group)
    } catch (error) {
      failed.set(group, { why: String(error), at })
    } finally {
      asking.delete(group)
    }
  }
  return {
    within,
    why: (group) => failed.get(group)?.why ?? 'it is not connected',
    refresh: async (group, freshMs) => {
      const lately = failed.get(group)
      if (within(group, freshMs) !== undefined) return
      if (lately !== undefined && clock.now() - lately.at < PAUSE_MS) return
      // Those who come while somebody asks share the answer.
      const shared = asking.get(group) ?? ask(group)
      asking.set(group, shared)
      await shared
    },
  }
}
