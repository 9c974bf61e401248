import { FirebreakError } from '../../core/errors.ts'
import type { Guards } from '../../core/ports.ts'
import type { Ground } from '../guards.ts'
import { forgottenBefore } from '../over.ts'
import type { Draft } from './draft.ts'
import { keyOf, type Needs } from './needs.ts'

export function needsOf({ claim, spend, reviewed, once }: Guards): Needs {
  return {
    claims: claim ? [claim] : [],
    steps: spend ? [spend] : [],
    counts: spend ? spend.counts : [],
    reviews: reviewed !== undefined,
    once: once ? [once] : [],
  }
}

/** Whoever was taken over writes nothing more, whatever else was to be written instead. */
export function refuseWhoWasTakenOver(draft: Draft, hold: Guards['hold']): void {
  if (hold === undefined || draft.runs.get(hold.run)?.epoch === hold.epoch) return
  throw new FirebreakError('store.taken-over', `Another process has taken over run ${hold.run}`, {
    remedy: 'Nothing to do: the other one goes on from the journal.',
  })
}

/** What guards are judged by (P8): the tables with what the tasks before this one have decided. */
export function groundOf(draft: Draft, time: string): Ground {
  const { counts, waits } = draft
  return {
    freeze: () => draft.freeze ?? undefined,
    claims: {
      holderOf: (target) => draft.claims.get(target) ?? undefined,
      waitsOf: (run) => waits.ofRun(run).map(({ key }) => key),
    },
    tally: {
      taken: (count, step) => counts.taken(count, step, time).length,
      times: (count, step) =>
        counts
          .taken(count, step, time)
          .map(({ at }) => at)
          .toSorted(),
      failed: (count) => counts.failed(count, time),
      ahead: (key, step) => waits.ahead(key, step),
    },
    reviews: () => [...draft.reviews].toSorted(),
    wasSeen: (once) => draft.seenKeys.has(keyOf(once)),
  }
}

/** Takes up what was judged, when nothing more can be refused. `time` is that of the facts. */
export function takeUp(draft: Draft, { claim, spend, once }: Guards, time: string): void {
  if (claim && draft.claims.get(claim.target) !== claim.run) {
    draft.claims.set(claim.target, claim.run)
    draft.changedClaims.add(claim.target)
  }
  if (spend) spendCounts(draft, spend, time)
  if (once) {
    draft.seenKeys.add(keyOf(once))
    draft.used.set(keyOf(once), once)
  }
}

/** An effect that is tried again is of now: it leaves its window a whole window after the last try. */
function spendCounts({ counts, spent }: Draft, spend: NonNullable<Guards['spend']>, time: string): void {
  for (const count of spend.counts) {
    counts.spend(count.key, spend, time)
    spent.keys.add(count.key)
    const before = forgottenBefore(count, time)
    if (spent.keys.size === 1 || before < spent.before) spent.before = before
  }
}
