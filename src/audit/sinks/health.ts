import type { Clock } from '../../core/ports.ts'
import type { Trouble } from './sink.ts'
import { pause } from './wait.ts'

type Write = (fields: object, message: string) => void
export type SinkLog = { readonly error: Write; readonly info: Write }

export type Backoff = {
  readonly firstMs: number
  readonly mostMs: number
  /** A receiver that asks for more patience than this is asked again all the same. */
  readonly mostAfterMs: number
}

/** Since when (ISO 8601) and why it does not work. */
export type Failing = { readonly since: string; readonly why: string; readonly tries: number }

const usual: Backoff = { firstMs: 500, mostMs: 60_000, mostAfterMs: 15 * 60_000 }

type Parts = {
  /** Which sink or anchor, for the log. */
  readonly part: { readonly sink: string } | { readonly anchor: string }
  readonly log: SinkLog
  readonly clock: Clock
  readonly backoff?: Backoff | undefined
}

/** Whether a sink or an anchor works, and how long to leave it alone when it does not. Says each change once. */
export class Health {
  readonly #parts: Parts
  #failing: Failing | undefined
  /** Failures in a row without any progress: what the pause grows with. */
  #vain = 0

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get failing(): Failing | undefined {
    return this.#failing
  }

  works(): void {
    const { part, log } = this.#parts
    if (this.#failing !== undefined) log.info({ ...part, since: this.#failing.since }, 'it works again')
    this.#failing = undefined
    this.#vain = 0
  }

  /** Something got through, though not everything. */
  progress(): void {
    this.#vain = 0
  }

  /** Notes the trouble and waits. */
  async trouble({ why, afterMs = 0 }: Trouble, signal: AbortSignal): Promise<void> {
    const { part, log, clock, backoff = usual } = this.#parts
    if (signal.aborted) return
    if (this.#failing === undefined) log.error({ ...part, why }, 'the audit log does not get there')
    const { since, tries } = this.#failing ?? { since: new Date(clock.now()).toISOString(), tries: 0 }
    this.#failing = { since, why, tries: tries + 1 }
    const most = Math.min(backoff.mostMs, backoff.firstMs * 2 ** Math.min(this.#vain++, 30))
    // At least half of it, so that it is a pause; at random, so that many do not come back at once.
    const own = most * (0.5 + Math.random() / 2)
    await pause(Math.max(own, Math.min(afterMs, backoff.mostAfterMs)), signal)
  }
}
