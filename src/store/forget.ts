import { FirebreakError } from '../core/errors.ts'
import type { Forgetting } from '../core/ports.ts'
import type { Prepared } from './prepared.ts'
import { numbers } from './rows.ts'

/**
 * Deletes bodies inside the caller's transaction, and says by a throw where a run is not as it was seen. Empty texts stand
 * for what is gone: no entry has an empty body, so nothing else can be taken for it.
 */
export function forgetIn(sql: Prepared, { seqs, runs }: Forgetting): void {
  for (const { run, n } of runs) {
    const { open } = numbers(sql('select open from runs where run = ?').get(run))
    const { last } = numbers(sql('select max(n) as last from journal where run = ?').get(run))
    if (open !== 0 || last !== n - 1) throw movedOn(run)
    if (sql('select 1 from reviews where run = ?').get(run) !== undefined) throw notReviewed(run)
    sql("update journal set salt = '', data = '' where run = ?").run(run)
    sql('delete from runs where run = ?').run(run)
  }
  const alone = sql("update journal set salt = '', data = '' where seq = ? and run is null")
  for (const seq of seqs) alone.run(seq)
}

/** What a person has done alone is there until somebody else has looked at it. */
export function notReviewed(run: string): FirebreakError {
  return new FirebreakError('store.fenced', `The review of run ${run} is due`, {
    remedy: `Review it first: firebreak review ${run}`,
  })
}

/** Somebody set a hold on it, or it goes on: what was decided about it does not count. */
export function movedOn(run: string): FirebreakError {
  return new FirebreakError('store.fenced', `Run ${run} is open, or is not as it was when it was looked at`, {
    remedy: 'Read the run again and decide anew.',
  })
}
