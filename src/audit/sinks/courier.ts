import type { StoredEntry } from '../../core/ports.ts'
import type { Health } from './health.ts'
import type { Parcel, Refusal, Sent, Sink, Trouble } from './sink.ts'
import { troubleOf } from './trouble.ts'
import { within } from './wait.ts'

/** A stored entry on its way. Without a parcel it is no entry, because somebody spoilt it. */
export type Item = { readonly stored: StoredEntry; readonly parcel?: Parcel; readonly bytes: number }

type Parts = {
  readonly timeoutMs: number
  readonly health: Health
  /** No more requests are begun. */
  readonly stopping: AbortSignal
  /** The one under way is given up. */
  readonly cutOff: AbortSignal
  /** These are done, some of them by refusal. */
  readonly done: (items: readonly Item[], refused: readonly Refusal[]) => Promise<void>
}

/** Brings batches to one sink and does not rest before they are there. */
export class Courier {
  readonly #sink: Sink
  readonly #parts: Parts
  /** Most entries in one request; lower for a while when the receiver found one too large. */
  #most: number

  constructor(sink: Sink, parts: Parts) {
    this.#sink = sink
    this.#parts = parts
    this.#most = sink.limits.entries
  }

  async deliver(batch: readonly Item[]): Promise<void> {
    const { health, stopping, done } = this.#parts
    let rest = batch
    while (rest.length > 0 && !stopping.aborted) {
      const part = rest.slice(0, this.#most)
      // oxlint-disable-next-line no-await-in-loop -- the next one only after the answer
      const { accepted, refused = [], trouble } = this.#fit(await this.#send(part), part)
      // oxlint-disable-next-line no-await-in-loop -- as above
      await done(part.slice(0, accepted), refused)
      rest = rest.slice(accepted)
      if (accepted > 0) health.progress()
      // oxlint-disable-next-line no-await-in-loop -- as above
      if (trouble !== undefined) await health.trouble(trouble, stopping)
      else if (accepted > 0) health.works()
    }
  }

  /** What is no entry is not sent, and counts as refused when those before it are there. */
  async #send(part: readonly Item[]): Promise<Sent> {
    const parcels = part.flatMap(({ parcel }) => (parcel === undefined ? [] : [parcel]))
    const sent = parcels.length === 0 ? { accepted: 0 } : await this.#ask(parcels)
    const stuck = parcels[sent.accepted]?.entry.seq
    const accepted = stuck === undefined ? part.length : part.findIndex(({ stored }) => stored.seq === stuck)
    const broken = part.slice(0, accepted).filter(({ parcel }) => parcel === undefined)
    const refused = broken.map(({ stored }) => ({ seq: stored.seq, why: 'it is not an entry of a log' }))
    return { ...sent, accepted, refused: [...(sent.refused ?? []), ...refused] }
  }

  async #ask(parcels: readonly Parcel[]): Promise<Sent> {
    const { timeoutMs, cutOff } = this.#parts
    try {
      return await within(timeoutMs, cutOff, (signal) => this.#sink.send(parcels, signal))
    } catch (error) {
      return { accepted: 0, trouble: troubleOf(error, 'the receiver') }
    }
  }

  /** Half of it may not be too large. One entry alone that is will never get there. */
  #fit(sent: Sent, part: readonly Item[]): Sent {
    const most = this.#sink.limits.entries
    if (sent.trouble?.tooLarge !== true) {
      if (sent.trouble === undefined) this.#most = Math.min(most, this.#most * 2)
      return sent
    }
    this.#most = Math.ceil(part.length / 2)
    const [only] = part
    if (part.length > 1 || only === undefined) return { accepted: 0 }
    return { accepted: 1, refused: [{ seq: only.stored.seq, why: wordsOf(sent.trouble) }] }
  }
}

function wordsOf({ why }: Trouble): string {
  return `${why}, though it is alone in it`
}
