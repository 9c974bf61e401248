import { setTimeout as sleep } from 'node:timers/promises'
import type { App } from '../app.ts'
import { openAnchors, type Anchors } from '../audit/anchors/anchors.ts'
import { parseCheckpoint } from '../audit/checkpoint.ts'
import type { AnchorChannel } from '../audit/anchors/slack.ts'
import type { Config } from '../config/config.ts'
import type { AnchorReport } from '../core/app.ts'
import type { DoctorPart } from '../core/wire.ts'
import type { Log } from '../log.ts'
import { lockedBucketOf } from '../providers/aws/locked-bucket.ts'
import { Duty } from './duty.ts'
import { anchorPart, distrustOf, reportOf } from './outside-words.ts'

/** What the log has outside of its journal, and what is done with it by the clock. */
export type Outside = {
  /** Resolves when the log was held against its anchors, or when they take too long. */
  readonly compared: Promise<void>
  /** Slack is connected: what it remembers is compared now. */
  readonly useSlack: (channel: AnchorChannel) => Promise<void>
  /** Puts a checkpoint into every anchor, in the background. */
  readonly keep: (checkpoint: string) => void
  readonly doctor: () => readonly DoctorPart[]
  /** For the health of the process: what contradicts the log, or what cannot be asked. */
  readonly health: () => string
  readonly close: () => Promise<void>
}

/** Checkpoints of each anchor that a start is held against; `audit verify --anchors` takes all. */
const AT_START = 1000

/** Anchors that cannot be reached do not keep the bot from starting. */
const GRACE_MS = 10_000

/** How long the end of the program waits for the first look. */
const PATIENCE_MS = 3000

type Setting = { readonly config: Config; readonly log: Log }

/** Opens sinks, anchors and retention. Where several processes share a journal one of them does this for all. */
export function openOutside(app: App, { config, log }: Setting): Outside {
  // A log that was moved goes on elsewhere, with all of this.
  const moves = app.custody.journal.moved !== undefined
  const given = moves ? { ...config.audit, sinks: [], anchors: [] } : config.audit
  let channel: AnchorChannel | undefined
  const clock = { now: Date.now }
  const parts = { origin: app.key.name, log, clock, slack: () => channel, bucket: lockedBucketOf }
  const anchors = openAnchors(given.anchors, parts)
  const slacks = new Set(given.anchors.filter(({ kind }) => kind === 'slack').map(({ name }) => name))
  const awaited = (name: string) => channel === undefined && slacks.has(name)
  const guard = new AnchorGuard(app, anchors, { log, awaited })
  const first = given.anchors.length === 0 ? Promise.resolve() : guard.compare(AT_START).then(() => undefined)
  app.custody.useAnchors(() => guard.compare(Infinity))
  // Not before the first look: a checkpoint of a log that was rewritten would bury the proof.
  const keep = (checkpoint: string) => void first.then(() => anchors.keep(checkpoint))
  const duty = new Duty({ app, audit: given, log, keep })
  return {
    compared: Promise.race([first, sleep(GRACE_MS, undefined, { ref: false })]),
    useSlack: async (given) => {
      channel = given
      if (anchors.status().length > 0) await guard.compare(AT_START)
    },
    keep: (checkpoint) => {
      if (duty.isOurs()) keep(checkpoint)
    },
    doctor: () => [
      ...duty.doctor(),
      ...anchors.status().map((status) => anchorPart({ status, report: guard.of(status.name) })),
    ],
    health: () => guard.health(),
    close: async () => {
      await duty.close()
      await Promise.race([first, sleep(PATIENCE_MS, undefined, { ref: false })])
      await anchors.close()
    },
  }
}

type Telling = {
  readonly log: Log
  /** It is no news that this anchor cannot be asked yet. */
  readonly awaited: (anchor: string) => boolean
}

/** What the anchors say about the log, and what follows from it. */
class AnchorGuard {
  readonly #app: App
  readonly #anchors: Anchors
  readonly #log: Log
  readonly #awaited: Telling['awaited']
  #last: readonly AnchorReport[] = []

  constructor(app: App, anchors: Anchors, { log, awaited }: Telling) {
    this.#app = app
    this.#anchors = anchors
    this.#log = log
    this.#awaited = awaited
  }

  of(name: string): AnchorReport | undefined {
    return this.#last.find((report) => report.name === name)
  }

  health(): string {
    if (this.#anchors.status().length === 0) return 'none'
    const wrong = this.#last.filter(({ contradicts }) => contradicts)
    if (wrong.length > 0) return `frozen: ${distrustOf(wrong)}`
    const away = this.#last.filter(({ state }) => state === 'unreachable').map(({ name }) => name)
    return away.length === 0 ? 'ok' : `not reached: ${away.join(', ')}`
  }

  /** Where one contradicts the log, nothing is changed any more. */
  async compare(limit: number): Promise<readonly AnchorReport[]> {
    const { custody } = this.#app
    try {
      const head = parseCheckpoint(await custody.journal.checkpoint())
      const log = { keys: await custody.keys(), head, entries: custody.journal.entries }
      this.#last = (await this.#anchors.compare(log, limit)).map(reportOf)
    } catch (error) {
      this.#log.error({ err: error }, 'the log could not be held against its anchors')
      return this.#last
    }
    await this.#act()
    return this.#last
  }

  async #act(): Promise<void> {
    const away = this.#last.filter(({ name, state }) => state === 'unreachable' && !this.#awaited(name))
    for (const { name, place, says } of away)
      this.#log.warn({ anchor: name, place, says }, 'an anchor of the log cannot be asked')
    const wrong = this.#last.filter(({ contradicts }) => contradicts)
    if (wrong.length === 0) return
    this.#log.error(
      { anchors: wrong },
      'the log is not the one that was anchored: nothing is changed any more',
    )
    try {
      await this.#app.custody.distrust(distrustOf(wrong))
    } catch (error) {
      // Nothing can be written, so nothing can be intended either.
      this.#log.error({ err: error }, 'the freeze could not be written')
    }
  }
}
