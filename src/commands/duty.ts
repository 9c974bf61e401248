import type { App } from '../app.ts'
import { parseCheckpoint } from '../audit/checkpoint.ts'
import { startSinks, type Sinks } from '../audit/sinks/sinks.ts'
import type { Config } from '../config/config.ts'
import type { DoctorPart } from '../core/wire.ts'
import type { Log } from '../log.ts'
import { sinkPart } from './outside-words.ts'

/** How often what is too old is looked for. */
const SWEEP_MS = 60 * 60_000

type Parts = {
  readonly app: App
  readonly audit: Config['audit']
  readonly log: Log
  /** Whoever takes this over says at once how far the log is. */
  readonly keep: (checkpoint: string) => void
}

/** Sinks and retention, from the moment on at which this process is the one that has them. */
export class Duty {
  readonly #parts: Parts
  readonly #unsubscribe: () => void
  #sinks: Sinks | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(parts: Parts) {
    this.#parts = parts
    const { app } = parts
    this.#unsubscribe = app.firebreak.subscribe((facts) => this.#sinks?.wake((facts.at(-1)?.seq ?? -1) + 1))
    // A log that was moved goes on elsewhere, with all of this.
    if (app.custody.journal.moved === undefined) app.elect('audit', () => this.#begin())
  }

  isOurs(): boolean {
    return this.#sinks !== undefined
  }

  doctor(): readonly DoctorPart[] {
    const elsewhere = { ok: true, detail: 'another process sends it' }
    const configured = this.#parts.audit.sinks
    return (
      this.#sinks?.status().map(sinkPart) ??
      configured.map(({ name, kind }) => ({ name: `sink/${name}`, identity: kind, ...elsewhere }))
    )
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#unsubscribe()
    clearInterval(this.#timer)
    await this.#sinks?.close()
  }

  #begin(): void {
    if (this.#closed) return
    const { app, audit, log } = this.#parts
    const { journal } = app.custody
    this.#sinks = startSinks(audit.sinks, { journal, origin: app.key.name, log, clock: { now: Date.now } })
    const sweep = () => void this.#sweep()
    this.#timer = setInterval(sweep, SWEEP_MS).unref()
    sweep()
    void this.#tell()
  }

  async #tell(): Promise<void> {
    const { app, log, keep } = this.#parts
    try {
      const checkpoint = await app.custody.journal.checkpoint()
      this.#sinks?.wake(parseCheckpoint(checkpoint).size)
      keep(checkpoint)
    } catch (error) {
      log.error({ err: error }, 'no checkpoint was kept')
    }
  }

  async #sweep(): Promise<void> {
    const { app, log } = this.#parts
    try {
      const { runs, entries } = await app.custody.forgetOld()
      if (entries > 0) log.info({ runs, entries }, 'retention has deleted the data of old entries')
    } catch (error) {
      log.error({ err: error }, 'retention could not delete the data of old entries')
    }
  }
}
