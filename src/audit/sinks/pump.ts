import type { Clock, StoredEntry } from '../../core/ports.ts'
import { Courier, type Item } from './courier.ts'
import { type Cursor, firstPage, type Journal, readCursor, saveCursor, withRefusals } from './cursor.ts'
import { readEntry } from './entry.ts'
import { type Backoff, type Failing, Health, type SinkLog } from './health.ts'
import type { Refusal, Sink } from './sink.ts'
import { troubleOf } from './trouble.ts'
import { pause } from './wait.ts'

export type PumpParts = {
  readonly journal: Journal
  /** Name of the log, as in its checkpoints. */
  readonly origin: string
  readonly log: SinkLog
  readonly clock: Clock
  readonly backoff?: Backoff
}

export type Pace = { readonly everyMs: number; readonly timeoutMs: number }

export type SinkStatus = {
  readonly name: string
  readonly place: string
  /** Entries of the log that have not arrived, as far as the log is known. */
  readonly lag: number
  /** Entries that the receiver will never take, or that are no entries. */
  readonly refused: { readonly count: number; readonly last: readonly Refusal[] }
  /** Set while it does not work. */
  readonly failing?: Failing
}

/** The journal is looked at this often although nobody said that it grew: another process may have written to it. */
const LOOK_MS = 60_000

/** How long a request that is under way may take when the program ends; then it is cut off, and sent again later. */
const GRACE_MS = 2000

/**
 * Brings the log to one sink: reads it by itself from the stored place on, sends in order, and moves the place only after
 * the answer. It holds one page of the journal and one batch, however slow the receiver is, and nobody waits for it.
 */
export class Pump {
  readonly #sink: Sink
  readonly #parts: PumpParts
  readonly #everyMs: number
  readonly #health: Health
  readonly #courier: Courier
  readonly #stopping = new AbortController()
  readonly #cutOff = new AbortController()
  readonly #ended: Promise<void>
  #cursor: Cursor | undefined
  #saved: Cursor | undefined
  #size = 0
  #news = Promise.withResolvers<void>()

  constructor(sink: Sink, { everyMs, timeoutMs }: Pace, parts: PumpParts) {
    this.#sink = sink
    this.#parts = parts
    this.#everyMs = everyMs
    const { log, clock, backoff } = parts
    this.#health = new Health({ part: { sink: sink.name }, log, clock, backoff })
    this.#courier = new Courier(sink, {
      timeoutMs,
      health: this.#health,
      stopping: this.#stopping.signal,
      cutOff: this.#cutOff.signal,
      done: (items, refused) => this.#advance(items, refused),
    })
    this.#ended = this.#run()
  }

  /** The log has so many entries now. */
  wake(size: number): void {
    this.#size = Math.max(this.#size, size)
    this.#news.resolve()
  }

  status(): SinkStatus {
    const { name, place } = this.#sink
    const { next, refused } = this.#cursor ?? { next: 0, refused: { count: 0, last: [] } }
    const { failing } = this.#health
    const lag = Math.max(0, this.#size - next)
    return { name, place, lag, refused, ...(failing === undefined ? {} : { failing }) }
  }

  async close(): Promise<void> {
    this.#stopping.abort()
    await Promise.race([this.#ended, pause(GRACE_MS, this.#cutOff.signal)])
    this.#cutOff.abort()
    await this.#ended
    await this.#sink.close()
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- one page after the other
        await this.#page()
      } catch (error) {
        // oxlint-disable-next-line no-await-in-loop -- as above
        await this.#health.trouble(troubleOf(error, 'the journal'), signal)
      }
    }
  }

  async #page(): Promise<void> {
    const { next } = (this.#cursor ??= await this.#resume())
    await this.#save()
    // Whoever wakes it after this moment wakes it for something that the page may not hold.
    this.#news = Promise.withResolvers<void>()
    const page = await firstPage(this.#parts.journal, next)
    const last = page.at(-1)
    if (last === undefined) {
      this.#health.works()
      return this.#rest()
    }
    if (last.seq < next) throw new Error('the journal gives entries that were not asked for')
    this.#size = Math.max(this.#size, last.seq + 1)
    for (const batch of this.#batches(page)) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      await this.#courier.deliver(batch)
      if (this.#stopping.signal.aborted) return
    }
  }

  async #resume(): Promise<Cursor> {
    const { journal, log } = this.#parts
    const { name } = this.#sink
    const { cursor, otherLog } = await readCursor(journal, name)
    if (otherLog)
      log.error({ sink: name }, 'the log is not the one that this sink knows: it is sent from its start')
    this.#saved = cursor
    return cursor
  }

  /** Until there is something new, and then a little longer, so that one request takes it all. */
  async #rest(): Promise<void> {
    const { signal } = this.#stopping
    const enough = new AbortController()
    const stop = () => enough.abort()
    signal.addEventListener('abort', stop)
    void this.#news.promise.then(stop)
    await pause(LOOK_MS, enough.signal)
    signal.removeEventListener('abort', stop)
    await pause(this.#everyMs, signal)
  }

  *#batches(page: readonly StoredEntry[]): Generator<readonly Item[]> {
    const { entries, bytes } = this.#sink.limits
    let batch: Item[] = []
    let size = 0
    for (const stored of page) {
      const item = this.#pack(stored)
      if (batch.length > 0 && (batch.length >= entries || size + item.bytes > bytes)) {
        yield batch
        batch = []
        size = 0
      }
      batch.push(item)
      size += item.bytes
    }
    yield batch
  }

  #pack(stored: StoredEntry): Item {
    const entry = readEntry(stored, this.#parts.origin)
    if (entry === undefined) return { stored, bytes: 0 }
    const text = this.#sink.encode(entry)
    return { stored, parcel: { entry, text }, bytes: Buffer.byteLength(text) }
  }

  async #advance(items: readonly Item[], refused: readonly Refusal[]): Promise<void> {
    const last = items.at(-1)?.stored
    if (last === undefined || this.#cursor === undefined) return
    for (const { seq, why } of refused)
      this.#parts.log.error({ sink: this.#sink.name, seq, why }, 'the sink will never have this entry')
    this.#cursor = withRefusals({ ...this.#cursor, next: last.seq + 1, hash: last.hash }, refused)
    await this.#save()
  }

  /** A place that could not be stored is stored later; until then a restart sends again what is there. */
  async #save(): Promise<void> {
    const cursor = this.#cursor
    if (cursor === undefined || cursor === this.#saved) return
    await saveCursor(this.#parts.journal, this.#sink.name, cursor)
    this.#saved = cursor
  }
}
