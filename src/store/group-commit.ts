import type { DatabaseSync } from 'node:sqlite'
import { FirebreakError } from '../core/errors.ts'
import { prepared, type Prepared } from './prepared.ts'

type Job = {
  /** Does the work; the result is told only after the commit. */
  readonly attempt: () => () => void
  readonly reject: (error: unknown) => void
}

type Transaction = <T>(work: () => T) => Promise<T>

export type GroupCommit = {
  readonly transaction: Transaction
  /** Writes what is queued; later work is refused. */
  readonly end: () => void
}

/**
 * Everything queued in one turn of the event loop shares one transaction and so one fsync (engine.md §2: 32 rows cost
 * what one costs). Each job has a savepoint of its own: one refusal does not undo its neighbours. `reload` is called
 * after anything was rolled back, for what the caller keeps in memory.
 */
export function groupCommit(db: DatabaseSync, reload: () => void): GroupCommit {
  const sql = prepared(db)
  let queue: Job[] = []
  let ended = false

  function flush(): void {
    const batch = queue
    queue = []
    if (batch.length === 0) return
    try {
      sql('begin immediate').run()
      const settle = batch.map((job) => inSavepoint(sql, job, reload))
      sql('commit').run()
      for (const tell of settle) tell()
    } catch (cause) {
      tryRollback(db)
      reload()
      for (const job of batch) job.reject(unavailable(cause))
    }
  }

  const transaction: Transaction = (work) =>
    new Promise((resolve, reject) => {
      if (ended) return reject(unavailable(new Error('the store is closed')))
      const attempt = () => {
        const value = work()
        return () => resolve(value)
      }
      queue.push({ attempt, reject })
      if (queue.length === 1) setImmediate(flush)
    })
  return {
    transaction,
    end: () => {
      ended = true
      flush()
    },
  }
}

function inSavepoint(sql: Prepared, job: Job, reload: () => void): () => void {
  sql('savepoint job').run()
  try {
    const tell = job.attempt()
    sql('release job').run()
    return tell
  } catch (error) {
    // A full disk may have ended the whole transaction: then this throws and the batch fails as one.
    sql('rollback to job').run()
    sql('release job').run()
    reload()
    const reason = error instanceof FirebreakError ? error : unavailable(error)
    return () => job.reject(reason)
  }
}

function unavailable(cause: unknown): FirebreakError {
  return new FirebreakError('store.unavailable', 'The journal could not be written', {
    remedy: 'Check the free space and the permissions of the state folder, then try again.',
    cause,
  })
}

function tryRollback(db: DatabaseSync): void {
  try {
    if (db.isTransaction) db.exec('rollback')
  } catch {
    // SQLite has already rolled back by itself, which is what we want.
  }
}
