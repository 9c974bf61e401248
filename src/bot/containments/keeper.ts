import { setTimeout as sleep } from 'node:timers/promises'
import { dueAfter } from '../../core/containment.ts'
import { isFirebreakError } from '../../core/errors.ts'
import { type Fact, type FactType, runEnds } from '../../core/fact.ts'
import { liveContainments } from '../../core/run.ts'
import { stateOf } from '../decide.ts'
import type { BotParts } from '../parts.ts'
import { fateOf } from './fate.ts'
import { writeTo } from '../run-journal.ts'
import { turnAt, turnOf } from './turn.ts'

/** A clock that was set, or a machine that slept, is noticed within this time. */
const LONGEST_SLEEP_MS = 60_000
/** While the journal cannot be reached nothing is done; it is tried again this often. */
const RETRY_MS = 1000
/** Of many that end together, this many are seen to at a time. */
const AT_ONCE = 32

export type Keeper = {
  /** Finds what is live in the journal, and sees to it from now on. */
  readonly start: () => void
  /** Facts were committed, by this process or another. */
  readonly hear: (facts: readonly Fact[]) => void
  /** Begins nothing more, and resolves when nothing is under way. */
  readonly stop: () => Promise<void>
}

/** One live containment. `at` is when to look at it; without, something has to happen first. */
type Watched = { readonly run: string; readonly step: string; at: number | undefined }

/**
 * Sees to the ends of containments, after a restart too: tells people beforehand, undoes what is covered, asks about the
 * rest. Several processes that share a journal all do this: each fact has its place in its run, so one of them is first
 * and the others find nothing left to write.
 */
export function createKeeper(parts: BotParts): Keeper {
  const keeping = new Keeping(parts)
  return {
    start: () => void keeping.start(),
    hear: (facts) => keeping.hear(facts),
    stop: () => keeping.stop(),
  }
}

class Keeping {
  readonly #parts: BotParts
  readonly #live = new Map<string, Watched>()
  /** Runs that put containments back, each with the run whose containments those are. */
  readonly #lifts = new Map<string, string>()
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined
  #started = false
  #stopped = false

  constructor(parts: BotParts) {
    this.#parts = parts
  }

  async start(): Promise<void> {
    while (!this.#started && !this.#stopped) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- tried again until it works
        await this.#read()
        this.#started = true
      } catch (error) {
        this.#parts.log.error({ err: error }, 'live containments could not be read; trying again')
        // oxlint-disable-next-line no-await-in-loop
        await sleep(RETRY_MS, undefined, { ref: false })
      }
    }
    this.#arm()
  }

  async #read(): Promise<void> {
    for (const { run, step, due } of await this.#parts.store.containments()) {
      // What was heard of meanwhile is newer than the rows.
      if (!this.#live.has(keyOf(run, step))) this.#watch(run, step, Date.parse(due))
    }
  }

  hear(facts: readonly Fact[]): void {
    for (const fact of facts) this.#note(fact)
    this.#arm()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#looking
  }

  #note(fact: Fact): void {
    const { run, step = '', type } = fact
    if (run === undefined) return
    const due = dueAfter(fact)
    if (due === null) this.#live.delete(keyOf(run, step))
    else if (due !== undefined) this.#watch(run, step, Date.parse(due))
    if (fact.type === 'containment.lifting') this.#lifts.set(fact.data.undo, run)
    if (!turning.has(type)) return
    for (const owner of [run, this.#lifts.get(run)]) this.#stir(owner)
    if (ends.has(type)) this.#lifts.delete(run)
  }

  #watch(run: string, step: string, at: number): void {
    this.#live.set(keyOf(run, step), { run, step, at })
  }

  /** Something has happened to a run: its containments are looked at again. */
  #stir(run: string | undefined): void {
    for (const watched of this.#live.values()) if (watched.run === run) watched.at = 0
  }

  /** The timer is set anew after every commit: it looks at the clock whenever anything happens. */
  #arm(): void {
    if (this.#stopped || !this.#started || this.#looking !== undefined) return
    clearTimeout(this.#timer)
    const next = Math.min(...[...this.#live.values()].flatMap(({ at }) => at ?? []))
    if (next === Infinity) return
    const ms = Math.max(0, next - this.#parts.clock.now())
    this.#timer = setTimeout(() => this.#begin(), Math.min(ms, LONGEST_SLEEP_MS)).unref()
  }

  #begin(): void {
    this.#looking = this.#look().finally(() => {
      this.#looking = undefined
      this.#arm()
    })
  }

  async #look(): Promise<void> {
    const now = this.#parts.clock.now()
    const due = [...this.#live.values()].filter(({ at }) => at !== undefined && at <= now)
    for (let from = 0; from < due.length && !this.#stopped; from += AT_ONCE) {
      // oxlint-disable-next-line no-await-in-loop -- the next ones when these are seen to
      await Promise.all(due.slice(from, from + AT_ONCE).map((watched) => this.#see(watched)))
    }
  }

  async #see(watched: Watched): Promise<void> {
    const { run, step } = watched
    // Heard of while it is being looked at, it is looked at again.
    watched.at = undefined
    try {
      const next = await this.#turn(run, step)
      if (watched.at === undefined) watched.at = next
    } catch (error) {
      this.#parts.log.error({ err: error, run, step }, 'a containment could not be seen to; trying again')
      watched.at = this.#parts.clock.now() + RETRY_MS
    }
  }

  /** Writes what there is to write; when to look again, if nothing happens. */
  async #turn(run: string, step: string): Promise<number | undefined> {
    const before = await stateOf(this.#parts, run)
    const found = liveContainments(before).find(({ id }) => id === step)
    if (found === undefined) {
      this.#live.delete(keyOf(run, step))
      return undefined
    }
    const { lifting } = found.containment
    if (lifting !== undefined) this.#lifts.set(lifting.undo, run)
    const frozen = (await this.#parts.store.frozen())?.reason
    const written = await this.#write({
      run,
      step,
      frozen,
      fate: await fateOf(this.#parts, found.containment),
    })
    for (const fact of written)
      if (fact.type === 'run.requested' && fact.run !== undefined) this.#parts.driver.take(fact.run)
    // What was written is heard like anything else.
    return written.length > 0 ? undefined : turnAt(found)
  }

  async #write(turn: Turning): Promise<readonly Fact[]> {
    const { run, step, frozen, fate } = turn
    try {
      return await writeTo(this.#parts, run, (state) =>
        turnOf(this.#parts, state, { step, around: { now: this.#parts.clock.now(), frozen, fate } }),
      )
    } catch (error) {
      // Frozen between the look and the commit: the containment stays.
      if (!isFirebreakError(error, 'guardrail.frozen') || frozen !== undefined) throw error
      return this.#write({ ...turn, frozen: error.message })
    }
  }
}

type Turning = {
  readonly run: string
  readonly step: string
  readonly frozen: string | undefined
  readonly fate: Awaited<ReturnType<typeof fateOf>>
}

const ends: ReadonlySet<FactType> = new Set(runEnds)

/** After these a containment of the run, or one that the run puts back, may go on. */
const turning: ReadonlySet<FactType> = new Set<FactType>([
  ...ends,
  'step.succeeded',
  'step.satisfied',
  'step.skipped',
  'step.failed',
  'run.parked',
  'run.resumed',
])

function keyOf(run: string, step: string): string {
  return `${run}/${step}`
}
