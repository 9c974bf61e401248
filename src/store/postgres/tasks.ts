import { FirebreakError } from '../../core/errors.ts'
import type { Fact, NewFact } from '../../core/fact.ts'
import type { Commit, Forgetting, Hold, Refused, Unheld } from '../../core/ports.ts'
import { consequencesOf } from '../consequences.ts'
import { movedOn, notReviewed } from '../forget.ts'
import { refusalOf } from '../guards.ts'
import { append, seal, timeIn, wakeAll, type Sealer } from './append.ts'
import type { Draft } from './draft.ts'
import { follow, free } from './follow.ts'
import { groundOf, needsOf, refuseWhoWasTakenOver, takeUp } from './guards.ts'
import type { Needs } from './needs.ts'

/** Something to be decided in a transaction. What throws has changed nothing. */
export type Task<T> = { readonly needs: Needs; readonly decide: (draft: Draft) => T }

/** Who writes, and which protocols of runs it speaks. New runs get the newest. */
export type Writing = Sealer & { readonly executor: string; readonly protocols: readonly number[] }

export function commitTask(commit: Commit, writing: Writing): Task<readonly Fact[]> {
  const { facts, guards = {}, outbox = [] } = commit
  return {
    needs: commitNeeds(commit),
    decide: (draft) => {
      refuseForeign(draft, facts, writing)
      refuseWhoWasTakenOver(draft, guards.hold)
      const time = timeIn(draft, writing)
      const refused = refusalOf(guards, groundOf(draft, time))
      if (refused !== undefined) return writeInstead(draft, { commit, refused }, writing)
      const twice = outbox.find(({ id }) => draft.notices.has(id))
      if (twice) throw new Error(`the notice ${twice.id} is there already`)
      return write(draft, { commit, time }, writing)
    },
  }
}

function write(
  draft: Draft,
  { commit, time }: { readonly commit: Commit; readonly time: string },
  writing: Writing,
): readonly Fact[] {
  const { guards = {}, outbox = [], close } = commit
  const sealed = seal(draft, commit.facts, writing)
  const { facts } = sealed
  takeUp(draft, guards, facts.at(-1)?.time ?? time)
  append(draft, sealed, Math.max(...writing.protocols))
  for (const notice of outbox) {
    draft.notices.add(notice.id)
    draft.newNotices.set(notice.id, notice)
  }
  follow(draft, { facts, guards, close })
  if (close !== undefined) closeRun(draft, close)
  return facts
}

/** The refusal, unless another fact says what becomes of it. */
function writeInstead(
  draft: Draft,
  { commit, refused }: { readonly commit: Commit; readonly refused: Refused },
  writing: Writing,
): readonly Fact[] {
  const instead = commit.otherwise?.(refused)
  if (instead === undefined) throw refused.error
  const sealed = seal(draft, [instead], writing)
  append(draft, sealed, Math.max(...writing.protocols))
  follow(draft, sealed)
  return sealed.facts
}

function commitNeeds({ facts, guards = {}, outbox = [], close }: Commit): Needs {
  const guarded = needsOf(guards)
  const runs = [...facts.map(({ run }) => run), close, guards.hold?.run]
  const undone: string[] = []
  const steps = [...(guarded.steps ?? [])]
  for (const { what } of consequencesOf(facts)) {
    if (what.kind === 'is-undone') undone.push(what.run)
    else steps.push({ run: what.run, step: what.step })
  }
  return {
    ...guarded,
    runs: runs.filter((run) => run !== undefined),
    notices: outbox.map(({ id }) => id),
    steps,
    undone,
    ending: close === undefined ? [] : [close],
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
    free(draft, target)
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
    needs: { runs: runs.map(({ run }) => run), reviews: true },
    decide: (draft) => {
      const moved = runs.find(({ run, n }) => {
        const row = draft.runs.get(run)
        return row === undefined || row.open || row.n !== n
      })
      if (moved !== undefined) throw movedOn(moved.run)
      const due = runs.find(({ run }) => draft.reviews.has(run))
      if (due !== undefined) throw notReviewed(due.run)
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
