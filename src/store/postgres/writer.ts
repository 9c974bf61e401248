import { inBatches } from './batches.ts'
import { coded, unavailable, type Place } from './connect.ts'
import type { Unanswered } from './outcome.ts'
import type { OwnEntries } from './own.ts'
import { WriterSession } from './session.ts'
import type { Task, Writing } from './tasks.ts'
import { transact, type Decider } from './transact.ts'

export type Writer = {
  readonly transaction: <T>(task: Task<T>) => Promise<T>
  /** How many entries this process knows to be in the log. */
  readonly size: () => number
  readonly ready: Promise<void>
  /** Writes what is queued, and refuses what comes later. */
  readonly end: () => Promise<void>
}

type Options = {
  readonly place: Place
  readonly writing: Writing
  readonly own: OwnEntries
  /** How many entries the log has. */
  readonly from: number
}
type Caller<T> = { readonly resolve: (value: T) => void; readonly reject: (error: unknown) => void }
type Job = Decider & { readonly reject: (error: unknown) => void }

/** More at once would keep other processes waiting without being faster. */
const BATCH = 200

/**
 * One session writes, and everything queued while a transaction is under way shares the next one. While the session is
 * lost everything is refused at once: where the journal cannot commit, nothing may be done.
 */
export function createWriter({ place, writing, own, from }: Options): Writer {
  let ended = false
  let size = from
  const session = new WriterSession(place, () => refuse(queue.takeBack(), session.cause()))
  const ground = {
    writing,
    own,
    ask: (unanswered: Unanswered) => session.ask(unanswered),
    onSize: (known: number) => (size = known),
  }

  async function run(batch: readonly Job[]): Promise<void> {
    const client = session.client()
    if (client === undefined) return refuse(batch, session.cause())
    const failed = await transact(client, batch, ground)
    if (failed === undefined) return
    if (batch.length === 1 || !isFaultOfTheData(failed.cause)) return refuse(batch, failed.cause)
    // Something in one of them cannot be stored: its neighbours must not suffer for it.
    for (const job of batch) {
      // oxlint-disable-next-line no-await-in-loop -- each alone, in their order
      await run([job])
    }
  }
  const queue = inBatches(BATCH, run)

  return {
    transaction: (task) =>
      new Promise((resolve, reject) => {
        if (ended) return reject(unavailable(new Error('the store is closed')))
        if (session.client() === undefined) return reject(unavailable(session.cause()))
        queue.push(jobOf(task, { resolve, reject }))
      }),
    size: () => size,
    ready: session.ready(),
    end: async () => {
      ended = true
      await queue.idle()
      await session.end()
    },
  }
}

function jobOf<T>({ needs, decide }: Task<T>, { resolve, reject }: Caller<T>): Job {
  return {
    needs,
    reject,
    decide: (draft) => {
      try {
        const value = decide(draft)
        return () => resolve(value)
      } catch (error) {
        return () => reject(coded(error))
      }
    },
  }
}

function refuse(jobs: readonly Job[], cause: unknown): void {
  for (const { reject } of jobs) reject(coded(cause))
}

/** Classes 22 (data exception), 23 (constraint) and 54 (limit) of SQLSTATE: it is in what was sent, not in the server. */
function isFaultOfTheData(cause: unknown): boolean {
  const code: unknown = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' && /^(22|23|54)...$/.test(code)
}
