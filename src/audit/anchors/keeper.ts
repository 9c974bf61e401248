import type { Clock } from '../../core/ports.ts'
import { type Backoff, type Failing, Health, type SinkLog } from '../sinks/health.ts'
import { parseCheckpoint } from '../checkpoint.ts'
import { troubleOf } from '../sinks/trouble.ts'
import { pause, within } from '../sinks/wait.ts'
import type { Anchor } from './anchor.ts'

export type KeeperParts = {
  readonly log: SinkLog
  readonly clock: Clock
  /** At least so long between two checkpoints of one anchor, however many runs end. */
  readonly gapMs?: number
  readonly timeoutMs?: number
  readonly backoff?: Backoff
}

export type AnchorStatus = {
  readonly name: string
  readonly place: string
  /** Size of the log in the last checkpoint that was put there by this process. */
  readonly size?: number
  readonly failing?: Failing
}

const GAP_MS = 10_000
const TIMEOUT_MS = 20_000

/** How long the last checkpoint may take when the program ends. */
const GRACE_MS = 5000

/**
 * Puts checkpoints into one anchor, at its own pace: while one is on its way only the newest of those that follow waits,
 * since it covers the others. It is tried until it is there.
 */
export class AnchorKeeper {
  readonly #anchor: Anchor
  readonly #parts: KeeperParts
  readonly #health: Health
  readonly #stopping = new AbortController()
  readonly #cutOff = new AbortController()
  #waiting: string | undefined
  #working: Promise<void> | undefined
  #size: number | undefined
  #nextAt = 0

  constructor(anchor: Anchor, parts: KeeperParts) {
    this.#anchor = anchor
    this.#parts = parts
    const { log, clock, backoff } = parts
    this.#health = new Health({ part: { anchor: anchor.name }, log, clock, backoff })
  }

  keep(checkpoint: string): void {
    if (parseCheckpoint(checkpoint).size <= (this.#size ?? -1)) return
    this.#waiting = checkpoint
    this.#working ??= this.#work()
  }

  status(): AnchorStatus {
    const { name, place } = this.#anchor
    const { failing } = this.#health
    return {
      name,
      place,
      ...(this.#size === undefined ? {} : { size: this.#size }),
      ...(failing === undefined ? {} : { failing }),
    }
  }

  /** What still waits is tried once more. */
  async close(): Promise<void> {
    this.#stopping.abort()
    await Promise.race([this.#working ?? Promise.resolve(), pause(GRACE_MS, this.#cutOff.signal)])
    this.#cutOff.abort()
    await this.#working
  }

  async #work(): Promise<void> {
    const { signal } = this.#stopping
    while (this.#waiting !== undefined) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await pause(Math.max(0, this.#nextAt - performance.now()), signal)
      const checkpoint = this.#waiting
      this.#waiting = undefined
      // oxlint-disable-next-line no-await-in-loop -- as above
      const there = await this.#put(checkpoint)
      // At the end there is one try for each.
      if (!there && !signal.aborted) this.#waiting ??= checkpoint
    }
    // In the same turn as the look at what waits, or something put there in between would wait for ever.
    this.#working = undefined
  }

  async #put(checkpoint: string): Promise<boolean> {
    const { timeoutMs = TIMEOUT_MS, gapMs = GAP_MS } = this.#parts
    try {
      await within(timeoutMs, this.#cutOff.signal, (signal) => this.#anchor.put(checkpoint, signal))
      this.#size = parseCheckpoint(checkpoint).size
      this.#nextAt = performance.now() + gapMs
      this.#health.works()
      return true
    } catch (error) {
      await this.#health.trouble(troubleOf(error, 'the anchor'), this.#stopping.signal)
      return false
    }
  }
}
