import { FirebreakError } from '../../core/errors.ts'
import type { Guards } from '../../core/ports.ts'
import type { Draft } from './draft.ts'
import { keyOf } from './needs.ts'

/** Checks what must hold in the transaction of the facts (P8). Throws, and nothing of the commit is written. */
export function checkGuards(draft: Draft, { thawed, claim, hold, once }: Guards): void {
  if (hold) refuseWhoWasTakenOver(draft, hold)
  if (thawed) refuseWhenFrozen(draft)
  if (claim) refuseWhatIsClaimed(draft, claim)
  if (once) refuseWhatWasSeen(draft, once)
}

/** Spends them, when nothing more can be refused. */
export function spendGuards(draft: Draft, { claim, once }: Guards): void {
  if (claim && draft.claims.get(claim.target) !== claim.run) {
    draft.claims.set(claim.target, claim.run)
    draft.changedClaims.add(claim.target)
  }
  if (once) {
    draft.seenKeys.add(keyOf(once))
    draft.spent.set(keyOf(once), once)
  }
}

function refuseWhoWasTakenOver(draft: Draft, { run, epoch }: NonNullable<Guards['hold']>): void {
  if (draft.runs.get(run)?.epoch === epoch) return
  throw new FirebreakError('store.taken-over', `Another process has taken over run ${run}`, {
    remedy: 'Nothing to do: the other one goes on from the journal.',
  })
}

function refuseWhenFrozen({ freeze }: Draft): void {
  if (freeze === null) return
  throw new FirebreakError('guardrail.frozen', `Frozen since ${freeze.since}: ${freeze.reason}`, {
    remedy: 'Wait for `firebreak thaw`, or ask somebody who may thaw.',
  })
}

/** Whoever is refused is written down, so that the end of the other run wakes it. */
function refuseWhatIsClaimed(draft: Draft, { target, run }: NonNullable<Guards['claim']>): void {
  const holder = draft.claims.get(target) ?? run
  if (holder === run) return
  draft.claimWaits.push({ target, run })
  throw new FirebreakError('guardrail.claimed', `Run ${holder} holds ${target}`, {
    remedy: `Wait for run ${holder} to end, or cancel it.`,
  })
}

function refuseWhatWasSeen(draft: Draft, once: NonNullable<Guards['once']>): void {
  if (!draft.seenKeys.has(keyOf(once))) return
  throw new FirebreakError('store.already-seen', `This ${once.scope} was used before`, {
    remedy: 'Nothing to do: it has been handled. Ask for a new one if you meant to act again.',
  })
}
