import { isFirebreakError } from '../core/errors.ts'
import { isOver } from '../core/run.ts'
import { isInBalance, settleApprovals } from './cover.ts'
import { executeStep } from './execute.ts'
import { settleFault } from './fault.ts'
import { next, type Busy, type Command } from './next.ts'
import { endRun, makePlan } from './stages.ts'
import { settleTime, timesOutAt } from './time-out.ts'
import { hasFailed } from './values.ts'
import type { Outcome, Running, Start } from './running.ts'

/** How long to wait before trying again when the journal cannot be written: nothing is done meanwhile. */
const STORE_RETRY_MS = 1000
/** A clock that was set, or a machine that slept, is noticed within this time: timers know nothing of either. */
const LONGEST_SLEEP_MS = 60_000

/** Enough people have approved, and they do not count: it is looked at again this often whether they do now. */
const BALANCE_MS = 15_000

/** Whoever is held back is called when there is room; it looks by itself as well, this often. */
const IN_LINE_MS = 60_000

export type RunnerCalls = {
  /** The run has ended. */
  readonly over: () => void
  /**
   * Nothing is under way and nothing can be done after so many facts: the run waits for people, for time, for a thaw or
   * for another run.
   */
  readonly rests?: (n: number) => void
  /** Another process has taken the run over: this one has stopped. */
  readonly lost?: () => void
}

/** Carries one run forward: asks the interpreter what is next, does it, writes what happened, asks again. */
export class Runner {
  readonly #running: Running
  readonly #calls: RunnerCalls
  /** What is under way, by instance; planning and ending count as one each. */
  readonly #inFlight = new Map<string, Promise<void>>()
  /** Instances that wait for people, a thaw or another run. Waking tries them again. */
  readonly #blocked = new Map<string, Exclude<Outcome, 'settled'>>()
  /** What could not be carried out, such as for a journal that cannot be written: it is tried again soon. */
  readonly #faulted = new Set<string>()
  /** How often somebody has called: what was blocked before a call may go on since. */
  #wakes = 0
  #stopped = false
  #looping = false
  #again = false
  #alarm: NodeJS.Timeout | undefined

  constructor(running: Running, calls: RunnerCalls) {
    this.#running = running
    this.#calls = calls
  }

  /** Something outside has changed, or the run is new: look what is next. */
  wake(): void {
    if (this.#ends()) return
    this.#wakes += 1
    this.#blocked.clear()
    this.#faulted.clear()
    this.#schedule()
  }

  /** Starts nothing more, and resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#alarm)
    await this.settled()
  }

  /** Resolves when what is under way has ended. */
  async settled(): Promise<void> {
    while (this.#inFlight.size > 0) {
      // oxlint-disable-next-line no-await-in-loop -- ending one thing may be what another waits for
      await Promise.all(this.#inFlight.values())
    }
  }

  /** Nothing more begins: also of a run that was only being opened when the process was asked to end. */
  #ends(): boolean {
    return this.#stopped || this.#running.parts.stopping.aborted
  }

  /** One pass at a time; a wish for another one during a pass is kept. */
  #schedule(): void {
    this.#again = true
    if (!this.#looping) void this.#loop()
  }

  async #loop(): Promise<void> {
    this.#looping = true
    while (this.#again && !this.#ends()) {
      this.#again = false
      // oxlint-disable-next-line no-await-in-loop -- passes follow each other
      await this.#pass().catch((error: unknown) => this.#tryLater('a pass', error))
    }
    this.#looping = false
    if (isOver(this.#running.journal.state().status)) this.#calls.over()
    else if (!this.#ends()) this.#rest()
  }

  async #pass(): Promise<void> {
    const { journal, playbook } = this.#running
    await settleTime(this.#running)
    await settleApprovals(this.#running)
    for (;;) {
      const commands = this.#ends() ? [] : next(journal.state(), playbook, this.#busy())
      const facts = commands.flatMap((command) => (command.kind === 'append' ? command.facts : []))
      for (const command of commands) this.#carryOut(command)
      if (facts.length === 0) return
      // oxlint-disable-next-line no-await-in-loop -- what is next depends on what was written
      await journal.commit(() => ({ facts }))
    }
  }

  #busy(): Busy {
    const { journal, playbook } = this.#running
    const acts = (instance: string) => this.#inFlight.has(instance) || this.#faulted.has(instance)
    // A blocked step keeps the run open, unless people have stopped the run or it has failed: then it never begins.
    const waits = this.#blocked.size > 0 && !hasFailed(journal.state(), playbook)
    return {
      has: (instance) => acts(instance) || this.#blocked.has(instance),
      acts,
      idle: this.#inFlight.size === 0 && this.#faulted.size === 0 && !waits,
    }
  }

  #carryOut(command: Command): void {
    switch (command.kind) {
      case 'append':
        return
      case 'start':
        return this.#track(command.instance, this.#execute(command))
      case 'plan':
        return this.#track('planning', makePlan(this.#running))
      case 'end':
        return this.#track('ending', endRun(this.#running, command.fact))
    }
  }

  #execute(start: Start): Promise<Outcome> {
    return executeStep(this.#running, start).catch((error: unknown) =>
      settleFault(this.#running, start, error),
    )
  }

  #track(name: string, work: Promise<Outcome>): void {
    const tracked = this.#finish(name, work).finally(() => {
      this.#inFlight.delete(name)
      this.#schedule()
    })
    this.#inFlight.set(name, tracked)
  }

  async #finish(name: string, work: Promise<Outcome>): Promise<void> {
    const wakes = this.#wakes
    try {
      // A thaw or an approval that came while this was being refused would otherwise be lost: it is tried once more.
      const outcome = await work
      if (outcome !== 'settled' && wakes === this.#wakes) this.#blocked.set(name, outcome)
    } catch (error) {
      this.#tryLater(name, error)
    }
  }

  /** Such as a journal that cannot be written. Fail closed: nothing is done, and it is tried again. */
  #tryLater(name: string, error: unknown): void {
    if (this.#stopped) return
    if (isFirebreakError(error, 'store.taken-over')) return this.#giveUp()
    const run = this.#running.journal.state().id
    this.#running.parts.log.error({ err: error, run, doing: name }, 'could not go on; trying again')
    this.#faulted.add(name)
    setTimeout(() => void this.#comeBack(), STORE_RETRY_MS).unref()
  }

  /** Of a commit whose answer was lost nobody knows whether it was written: what the journal holds is read first. */
  async #comeBack(): Promise<void> {
    try {
      await this.#running.journal.catchUp()
      this.wake()
    } catch (error) {
      this.#tryLater('reading on', error)
    }
  }

  /** Whoever was taken over writes nothing more and begins nothing more. */
  #giveUp(): void {
    this.#stopped = true
    clearTimeout(this.#alarm)
    this.#calls.lost?.()
  }

  #rest(): void {
    this.#setAlarm()
    if (this.#inFlight.size === 0 && this.#faulted.size === 0)
      this.#calls.rests?.(this.#running.journal.state().n)
  }

  #setAlarm(): void {
    clearTimeout(this.#alarm)
    const at = this.wakesAt()
    if (at === undefined) return
    const ms = Math.max(0, Date.parse(at) - this.#running.parts.clock.now())
    const ring = () => (ms > LONGEST_SLEEP_MS ? this.#setAlarm() : this.wake())
    this.#alarm = setTimeout(ring, Math.min(ms, LONGEST_SLEEP_MS))
    this.#alarm.unref()
  }

  /** Nobody approves, a wait ends, the time of the run is over: when this one looks although nothing happens (ISO 8601). */
  wakesAt(): string | undefined {
    const { journal, playbook } = this.#running
    const state = journal.state()
    // Only what is tried again then: a wait of a run that has been stopped meanwhile never ends.
    const asleep = [...this.#blocked].filter(([, how]) => how === 'asleep')
    const waits = asleep.map(([instance]) => state.steps[instance]?.waitsUntil)
    const open = state.approvals.filter(({ status }) => status === 'open').map(({ expires }) => expires)
    const end = timesOutAt(state, playbook)
    const ends = end === undefined ? [] : [new Date(end).toISOString()]
    return [...open, ...waits, ...ends, ...this.#looksAgainAt()].flatMap((time) => time ?? []).toSorted()[0]
  }

  /**
   * Slack, which could not be asked about those who approved, tells nobody that it is back; and who stands in line before a
   * step that is held may be parked, or a limit may have been raised by a restart.
   */
  #looksAgainAt(): string[] {
    const { journal, parts } = this.#running
    const { approvals, steps } = journal.state()
    const inLine = [...this.#blocked.keys()].some((instance) => {
      const by = steps[instance]?.held?.by
      return by === 'claim' || by === 'count'
    })
    const after = approvals.some(isInBalance) ? BALANCE_MS : inLine ? IN_LINE_MS : undefined
    return after === undefined ? [] : [new Date(parts.clock.now() + after).toISOString()]
  }
}
