import { FirebreakError } from '../../core/errors.ts'
import type { Fact, NewFact } from '../../core/fact.ts'
import type { Commit, Forgetting, Hold, Unheld } from '../../core/ports.ts'
import { movedOn } from '../forget.ts'
import { append, seal, wakeAll, type Sealer } from './append.ts'
import type { Draft } from './draft.ts'
import { checkGuards, spendGuards } from './guards.ts'
import type { Needs } from './needs.ts'

/** Something to be decided in a transaction. What throws has changed nothing but a wait for a claim. */
export type Task<T> = { readonly needs: Needs; readonly decide: (draft: Draft) => T }

/** Who writes, and which protocols of runs it speaks. New runs get the newest. */
export type Writing = Sealer & { readonly executor: string; readonly protocols: readonly number[] }

export function commitTask(commit: Commit, writing: Writing): Task<readonly Fact[]> {
  const { facts, guards = {}, outbox = [], close } = commit
  const { claim, once, hold } = guards
  const runs = [...facts.map(({ run }) => run), close, hold?.run].filter((run) => run !== undefined)
  return {
    needs: {
      runs,
      targets: claim ? [claim.target] : [],
      once: once ? [once] : [],
      notices: outbox.map(({ id }) => id),
    },
    decide: (draft) => {
      refuseForeign(draft, facts, writing)
      checkGuards(draft, guards)
      const twice = outbox.find(({ id }) => draft.notices.has(id))
      if (twice) throw new Error(`the notice ${twice.id} is there already`)
      const sealed = seal(draft, facts, writing)
      spendGuards(draft, guards)
      append(draft, sealed, Math.max(...writing.protocols))
      for (const notice of outbox) {
        draft.notices.add(notice.id)
        draft.newNotices.set(notice.id, notice)
      }
      if (close !== undefined) closeRun(draft, close)
      return sealed.facts
    },
  }
}

/** A run that another program began is never added to: neither a step nor a decision of people. */
function refuseForeign(draft: Draft, facts: readonly NewFact[], { protocols }: Writing): void {
  const foreign = facts
    .map(({ run = '' }) => draft.runs.get(run))
    .find((row) => row !== undefined && !protocols.includes(row.protocol))
  if (foreign === undefined) return
  throw new FirebreakError(
    'run.protocol',
    `Run ${foreign.run} was begun under protocol ${foreign.protocol}; this program speaks ${protocols.join(', ')}`,
    { remedy: 'Use a bot of the version that began it: it goes on there.' },
  )
}

/** Ends a run: it is in nobody's hands, and what it claimed is free. */
function closeRun(draft: Draft, run: string): void {
  const row = draft.runs.get(run)
  if (row) Object.assign(row, { open: false, holder: null, wake_at: null })
  if (row) draft.changedRuns.add(run)
  draft.closed.push(run)
  for (const [target, holder] of draft.claims) {
    if (holder !== run) continue
    draft.claims.set(target, null)
    draft.changedClaims.add(target)
    draft.freed.add(target)
  }
}

export function settleTask(notice: string, fact: NewFact, writing: Writing): Task<void> {
  return {
    needs: { notices: [notice], runs: fact.run === undefined ? [] : [fact.run] },
    decide: (draft) => {
      if (!draft.notices.has(notice)) return
      const sealed = seal(draft, [fact], writing)
      append(draft, sealed, Math.max(...writing.protocols))
      draft.notices.delete(notice)
      if (!draft.newNotices.delete(notice)) draft.settled.add(notice)
    },
  }
}

export function forgetTask(
  { seqs, runs }: Forgetting,
  fact: NewFact,
  writing: Writing,
): Task<readonly Fact[]> {
  return {
    needs: { runs: runs.map(({ run }) => run) },
    decide: (draft) => {
      const moved = runs.find(({ run, n }) => {
        const row = draft.runs.get(run)
        return row === undefined || row.open || row.n !== n
      })
      if (moved !== undefined) throw movedOn(moved.run)
      const sealed = seal(draft, [fact], writing)
      append(draft, sealed, Math.max(...writing.protocols))
      draft.forgotten.seqs.push(...seqs)
      for (const { run } of runs) {
        draft.forgotten.runs.push(run)
        draft.runs.delete(run)
        draft.changedRuns.delete(run)
      }
      return sealed.facts
    },
  }
}

export function memoTask(key: string, value: string): Task<void> {
  return { needs: {}, decide: (draft) => void draft.memo.set(key, value) }
}

/** Signs what this transaction leaves behind: it is told only when that is committed. */
export function checkpointTask({ notary }: Writing): Task<string> {
  return { needs: {}, decide: ({ tree }) => notary.sign(tree.size(), tree.root()) }
}

export function takeTask({ run, epoch }: Unheld, { executor, protocols }: Writing): Task<Hold | undefined> {
  return {
    needs: { runs: [run] },
    decide: (draft) => {
      const row = draft.runs.get(run)
      if (!row?.open || row.epoch !== epoch || !protocols.includes(row.protocol)) return undefined
      Object.assign(row, { holder: executor, epoch: epoch + 1, wake_at: null })
      draft.changedRuns.add(run)
      return { run, epoch: epoch + 1, wakes: row.wakes }
    },
  }
}

type Rest = 'rests' | 'lost' | { readonly wakes: number }

export function restTask({ run, epoch, wakes }: Hold, seen: { n: number; wakeAt?: string }): Task<Rest> {
  return {
    needs: { runs: [run] },
    decide: (draft) => {
      const row = draft.runs.get(run)
      if (!row?.open || row.epoch !== epoch || row.holder === null) return 'lost'
      if (row.n !== seen.n || row.wakes !== wakes) return { wakes: row.wakes }
      const rest = { rest_n: seen.n, rest_wakes: wakes, wake_at: seen.wakeAt ?? null }
      Object.assign(row, { holder: null, ...rest })
      draft.changedRuns.add(run)
      return 'rests'
    },
  }
}

export function wakeTask(run: string | undefined): Task<void> {
  return {
    needs: { runs: run === undefined ? [] : [run] },
    decide: (draft) => {
      if (run === undefined) return wakeAll(draft)
      const row = draft.runs.get(run)
      if (!row?.open) return
      row.wakes += 1
      draft.wakes.set(run, (draft.wakes.get(run) ?? 0) + 1)
    },
  }
}
