import { isOver } from '../core/run.ts'
import { settleApprovals } from './cover.ts'
import { executeStep } from './execute.ts'
import { settleFault } from './fault.ts'
import { next, type Command } from './next.ts'
import { endRun, makePlan } from './stages.ts'
import { hasFailed } from './values.ts'
import type { Outcome, Running, Start } from './running.ts'

/** How long to wait before trying again when the journal cannot be written: nothing is done meanwhile. */
const STORE_RETRY_MS = 1000
/** The longest delay that setTimeout takes. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Carries one run forward: asks the interpreter what is next, does it, writes what happened, asks again. */
export class Runner {
  readonly #running: Running
  readonly #over: () => void
  /** What is under way, by instance; planning and ending count as one each. */
  readonly #inFlight = new Map<string, Promise<void>>()
  /** Instances that wait for people, a thaw or another run. Waking tries them again. */
  readonly #blocked = new Set<string>()
  /** What could not be carried out, such as for a journal that cannot be written: it is tried again soon. */
  readonly #faulted = new Set<string>()
  /** How often somebody has called: what was blocked before a call may go on since. */
  #calls = 0
  #stopped = false
  #looping = false
  #again = false
  #alarm: NodeJS.Timeout | undefined

  constructor(running: Running, over: () => void) {
    this.#running = running
    this.#over = over
  }

  /** Something outside has changed, or the run is new: look what is next. */
  wake(): void {
    if (this.#stopped) return
    this.#calls += 1
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

  /** One pass at a time; a wish for another one during a pass is kept. */
  #schedule(): void {
    this.#again = true
    if (!this.#looping) void this.#loop()
  }

  async #loop(): Promise<void> {
    this.#looping = true
    while (this.#again && !this.#stopped) {
      this.#again = false
      // oxlint-disable-next-line no-await-in-loop -- passes follow each other
      await this.#pass().catch((error: unknown) => this.#tryLater('a pass', error))
    }
    this.#looping = false
    if (isOver(this.#running.journal.state().status)) this.#over()
    else this.#setAlarm()
  }

  async #pass(): Promise<void> {
    const { journal, playbook } = this.#running
    await settleApprovals(this.#running)
    for (;;) {
      const commands = this.#stopped ? [] : next(journal.state(), playbook, this.#busy())
      const facts = commands.flatMap((command) => (command.kind === 'append' ? command.facts : []))
      for (const command of commands) this.#carryOut(command)
      if (facts.length === 0) return
      // oxlint-disable-next-line no-await-in-loop -- what is next depends on what was written
      await journal.commit(() => ({ facts }))
    }
  }

  #busy(): { has: (instance: string) => boolean; idle: boolean } {
    const { journal, playbook } = this.#running
    const held = [this.#inFlight, this.#blocked, this.#faulted]
    // A blocked step keeps the run open, unless people have stopped the run or it has failed: then it never begins.
    const waits = this.#blocked.size > 0 && !hasFailed(journal.state(), playbook)
    return {
      has: (instance) => held.some((names) => names.has(instance)),
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
    const calls = this.#calls
    try {
      // A thaw or an approval that came while this was being refused would otherwise be lost: it is tried once more.
      if ((await work) === 'blocked' && calls === this.#calls) this.#blocked.add(name)
    } catch (error) {
      this.#tryLater(name, error)
    }
  }

  /** Such as a journal that cannot be written. Fail closed: nothing is done, and it is tried again. */
  #tryLater(name: string, error: unknown): void {
    if (this.#stopped) return
    const run = this.#running.journal.state().id
    this.#running.parts.log.error({ err: error, run, doing: name }, 'could not go on; trying again')
    this.#faulted.add(name)
    setTimeout(() => this.wake(), STORE_RETRY_MS).unref()
  }

  /** An approval that nobody gives must expire, and a wait must end, although nothing else happens. */
  #setAlarm(): void {
    clearTimeout(this.#alarm)
    const { journal, parts } = this.#running
    const state = journal.state()
    // Only what is tried again then: a wait of a run that has been stopped meanwhile never ends.
    const waits = [...this.#blocked].map((instance) => state.steps[instance]?.waitsUntil)
    const open = state.approvals.filter(({ status }) => status === 'open').map(({ expires }) => expires)
    const times = [...open, ...waits].flatMap((time) => time ?? [])
    if (times.length === 0 || this.#stopped) return
    const ms = Math.max(0, Math.min(...times.map((time) => Date.parse(time))) - parts.clock.now())
    this.#alarm = setTimeout(() => this.wake(), Math.min(ms, LONGEST_TIMER_MS))
    this.#alarm.unref()
  }
}
