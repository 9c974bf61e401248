import { FirebreakError } from '../core/errors.ts'
import type { Guards, Refused } from '../core/ports.ts'
import { closesCircle, type Claims } from './circle.ts'
import { overOf, type Tally } from './over.ts'

/** What guards are judged by, as it is in the transaction. */
export type Ground = {
  readonly freeze: () => { readonly reason: string; readonly since: string } | undefined
  readonly claims: Claims
  readonly tally: Tally
  /** Runs whose review is due. */
  readonly reviews: () => readonly string[]
  readonly wasSeen: (once: NonNullable<Guards['once']>) => boolean
}

/**
 * The first guard that does not hold in the transaction that commits the facts (P8). Nothing is taken up yet. Whether the
 * run is in these hands is for those who share a journal to see, and is no guard that anything else is written for.
 */
export function refusalOf(guards: Guards, ground: Ground): Refused | undefined {
  for (const check of [frozen, notFrozen, reviewDue, claimed, over, seen]) {
    const refused = check(guards, ground)
    if (refused !== undefined) return refused
  }
  return undefined
}

function frozen({ thawed }: Guards, { freeze }: Ground): Refused | undefined {
  const set = thawed ? freeze() : undefined
  if (set === undefined) return undefined
  const error = new FirebreakError('guardrail.frozen', `Frozen since ${set.since}: ${set.reason}`, {
    remedy: 'Wait for `firebreak thaw`, or ask somebody who may thaw.',
  })
  return { error }
}

function notFrozen({ frozenSince }: Guards, { freeze }: Ground): Refused | undefined {
  if (frozenSince === undefined) return undefined
  const since = freeze()?.since
  if (since === frozenSince) return undefined
  const now = since === undefined ? 'nothing is frozen' : `another freeze was set, at ${since}`
  const error = new FirebreakError('guardrail.not-frozen', `The freeze of ${frozenSince} is over: ${now}`, {
    remedy: 'Look at what is frozen now, and decide about that.',
  })
  return { error }
}

function reviewDue({ reviewed }: Guards, { reviews }: Ground): Refused | undefined {
  const due = reviewed && reviews().find((run) => run !== reviewed.run)
  if (due === undefined) return undefined
  const error = new FirebreakError('guardrail.review-due', `In run ${due} somebody has acted alone`, {
    remedy: `Have somebody else review it first: firebreak review ${due}`,
  })
  return { error, run: due }
}

function claimed({ claim }: Guards, { claims }: Ground): Refused | undefined {
  if (claim === undefined) return undefined
  const { target, run } = claim
  const holder = claims.holderOf(target)
  if (holder === undefined || holder === run) return undefined
  const error = closesCircle(claims, run, holder)
    ? new FirebreakError('guardrail.deadlock', `Run ${holder} holds ${target}, and waits for run ${run}`, {
        remedy: `Start the playbook again when run ${holder} has ended.`,
      })
    : new FirebreakError('guardrail.claimed', `Run ${holder} holds ${target}`, {
        remedy: `Wait for run ${holder} to end, or cancel it.`,
      })
  return { error, key: target, run: holder }
}

function over({ spend }: Guards, { tally }: Ground): Refused | undefined {
  return spend && overOf(spend, tally)
}

function seen({ once }: Guards, { wasSeen }: Ground): Refused | undefined {
  if (once === undefined || !wasSeen(once)) return undefined
  const error = new FirebreakError('store.already-seen', `This ${once.scope} was used before`, {
    remedy: 'Nothing to do: it has been handled. Ask for a new one if you meant to act again.',
  })
  return { error }
}
