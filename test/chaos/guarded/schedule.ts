import type { BotParts } from '../../../src/bot/parts.ts'
import { requestFact } from '../../../src/bot/start.ts'
import { isFirebreakError } from '../../../src/core/errors.ts'
import type { Fact } from '../../../src/core/fact.ts'
import { apply, isOver, type RunState } from '../../../src/core/run.ts'
import type { Option, Playing } from '../explore/search.ts'
import { World } from '../explore/world.ts'
import type { Act, Offer, Stage } from './acts.ts'
import { START } from './clock.ts'
import { Cast } from './cast.ts'
import { createDesk } from './desk.ts'
import { type Committed, Journal } from './journal.ts'
import { type Ground, prepare, type Prepared, type Without } from './ground.ts'
import type { Situation } from './situation.ts'
import { Turns } from './turns.ts'
import { Worker } from './worker.ts'

/** Each choice takes a moment. */
const TICK_MS = 100
/** Longer than a call may take. */
const CALL_MS = 180_000
/** Somebody who waits for time waits at least so long. */
const PATIENCE_MS = 600_000
const MOST_CHOICES = 700

/** Two workers, a desk at which people decide, and fate, over one journal; nothing moves unless it is chosen. */
export class Schedule implements Playing {
  readonly situation: Situation
  readonly cast = new Cast()
  readonly world = new World(() => this.#land())
  readonly commits: Committed[] = []
  /** How many entries the log had when each effect came into the world. */
  readonly landings: number[] = []
  /** The time at each moment. */
  readonly times: number[] = []
  readonly happened: string[] = []
  readonly troubles: string[] = []
  readonly #turns = new Turns()
  readonly #journal: Journal
  readonly #runs = new Map<string, RunState>()
  readonly #workers: readonly Worker[]
  readonly #prepared: Prepared
  readonly #stage: Stage
  readonly #used = new Set<string>()
  readonly #stopping = new AbortController()
  #facts: Fact[] = []
  #clock = START
  #frozenSince: number | undefined
  #ready: Promise<unknown>

  constructor(situation: Situation, without: Without) {
    this.situation = situation
    this.#prepared = prepare(situation, without)
    const clock = { now: () => this.#clock }
    this.#journal = new Journal({
      turns: this.#turns,
      clock,
      without,
      committed: (commit) => this.#note(commit),
      taken: (run, from) => this.#taken(run, from),
    })
    const ground: Ground = {
      ...this.#prepared,
      clock,
      turns: this.#turns,
      journal: this.#journal,
      directory: this.cast.directory,
      world: this.world,
      without,
      stopping: this.#stopping.signal,
      troubled: (error) => this.#trouble(error),
    }
    this.#workers = [new Worker('A', ground), new Worker('B', ground)]
    this.#stage = this.#stageOn(createDesk(ground))
    this.#ready = this.#request()
  }

  facts(): readonly Fact[] {
    return this.#facts
  }

  runs(): readonly RunState[] {
    return [...this.#runs.values()]
  }

  async options(): Promise<readonly Option[]> {
    await this.#ready
    await this.#turns.calm()
    this.#clock += TICK_MS
    this.#turns.moment += 1
    this.times[this.#turns.moment] = this.#clock
    const calls = this.#calls()
    const done =
      calls.length === 0 && this.runs().every(({ status }) => isOver(status) || status === 'parked')
    if (done || this.#turns.moment > MOST_CHOICES) return []
    const [forced, free] = [this.#takeOvers(true), this.#takeOvers(false)]
    const { script, mischief } = this.situation
    const likely = [...calls, ...this.#looks(), ...this.#offers(script), ...forced]
    return [
      ...(likely.length === 0 ? this.#waiting() : likely),
      ...this.#offers(mischief),
      ...free,
      ...this.#crashes(),
    ]
  }

  async end(): Promise<void> {
    this.#stopping.abort()
    this.#turns.end()
    await this.#turns.calm()
    await this.#journal.close()
  }

  #calls(): Option[] {
    return this.#turns.waiting().map((pending) => ({
      name: `${pending.who}: ${pending.what}`,
      go: () => this.#turns.go(pending),
    }))
  }

  #looks(): Option[] {
    const runs = this.#journal.rota.unheld(new Date(this.#clock).toISOString())
    // As long as nobody has seen anything, they are as good as each other.
    const able = this.commits.length > 1 ? this.#workers : this.#workers.slice(0, 1)
    return able.flatMap((worker) =>
      runs
        .filter((run) => worker.mayTake(run))
        .map((run) => ({ name: `${worker.name} sees ${run}`, go: () => worker.drive(run, false) })),
    )
  }

  /** Somebody who died, or is only believed to have, leaves runs behind. */
  #takeOvers(dead: boolean): Option[] {
    return this.runs().flatMap(({ id }) => {
      const holder = this.#holderOf(id)
      const heir = this.#workers.find((worker) => worker !== holder && worker.mayTake(id))
      if (holder === undefined || heir === undefined || holder.dead !== dead) return []
      const name = `${heir.name} takes ${id} over`
      if (!dead && this.#used.has(name)) return []
      return [
        {
          name,
          go: () => {
            this.#happen(name)
            heir.drive(id, true)
          },
        },
      ]
    })
  }

  /** Whoever takes a run over waits until a call of the other one can no longer land. */
  #taken(run: string, from: string): void {
    this.#clock += CALL_MS
    this.#turns.forget(({ who, about }) => who === from && about?.startsWith(`${run}/`) === true)
    this.#workers.find(({ name }) => name === from)?.letGo(run)
  }

  /** One of them, once. What it had just sent may still arrive. */
  #crashes(): Option[] {
    if (this.#workers.some(({ dead }) => dead)) return []
    return this.#workers
      .filter((worker) => this.runs().some(({ id }) => this.#holderOf(id) === worker))
      .map((worker) => ({
        name: `${worker.name} crashes`,
        go: () => {
          worker.dead = true
          this.#turns.silence(worker.name)
          this.#turns.forget(({ who, what }) => who === worker.name && !what.startsWith('apply'))
        },
      }))
  }

  /** Nobody can do anything before some time has passed. */
  #waiting(): Option[] {
    const next = Date.parse(this.#journal.rota.nextWake() ?? '')
    return [
      {
        name: 'time passes',
        go: () => (this.#clock = Math.max(next || 0, this.#clock + PATIENCE_MS)),
      },
    ]
  }

  #offers(acts: readonly Act[]): Option[] {
    return acts.flatMap((act) => {
      const offer = act(this.#stage).find(({ key }) => !this.#used.has(key))
      return offer === undefined ? [] : [{ name: offer.name, go: () => this.#act(offer) }]
    })
  }

  #act({ name, key, go }: Offer): void {
    this.#happen(name, key)
    Promise.resolve(go()).catch((error: unknown) => this.#refused(error))
  }

  #happen(name: string, key = name): void {
    this.#used.add(key)
    this.happened.push(name)
  }

  /** That somebody may not is an answer. */
  #refused(error: unknown): void {
    if (!isFirebreakError(error) || error.code.startsWith('store.')) this.#trouble(error)
  }

  #trouble(error: unknown): void {
    if (!this.#stopping.signal.aborted) this.troubles.push(String(error))
  }

  #holderOf(run: string): Worker | undefined {
    const { rota } = this.#journal
    return rota.isOpen(run) ? this.#workers.find(({ name }) => name === rota.holderOf(run)) : undefined
  }

  #land(): void {
    this.landings.push(this.#facts.length)
  }

  #note(commit: Committed): void {
    this.commits.push(commit)
    this.#facts = [...this.#facts, ...commit.facts]
    for (const fact of commit.facts) {
      if (fact.type === 'freeze.set') this.#frozenSince = fact.seq
      if (fact.type === 'freeze.lifted') this.#frozenSince = undefined
      if (fact.run === undefined || fact.n === undefined) continue
      const state = apply(this.#runs.get(fact.run), fact)
      if (state !== undefined) this.#runs.set(fact.run, state)
    }
    const runs = new Set(commit.facts.flatMap(({ run }) => run ?? []))
    const all = commit.facts.some(({ type }) => type === 'freeze.lifted')
    for (const worker of this.#workers) if (worker.name !== commit.who) worker.hear(all ? undefined : runs)
  }

  #stageOn(desk: (who: string) => BotParts): Stage {
    return {
      cast: this.cast,
      world: this.world,
      moment: () => this.#turns.moment,
      pass: (ms) => void (this.#clock += ms),
      now: () => this.#clock,
      runs: () => this.runs().filter(({ status }) => !isOver(status)),
      frozenSince: () => this.#frozenSince,
      desk,
    }
  }

  /** Rita asks for all of it before anything else happens. */
  async #request(): Promise<void> {
    const parts = this.#stage.desk('rita')
    const actor = { kind: 'account', account: this.cast.click('rita'), person: 'rita' } as const
    const facts = this.#prepared.playbooks.map((playbook, i) =>
      requestFact(parts, `run${i + 1}`, { playbook, inputs: {}, mode: 'run', actor }),
    )
    const written = parts.store.commit({ facts })
    for (const pending of this.#turns.waiting()) this.#turns.go(pending)
    await written
  }
}
