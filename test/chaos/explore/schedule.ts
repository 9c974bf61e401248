import { setImmediate as nextTurn } from 'node:timers/promises'
import { system } from '../../../src/core/person.ts'
import { fold, isOver, type RunState } from '../../../src/core/run.ts'
import { drive, type Driven } from '../../../src/engine/drivers/drive.ts'
import { openRun, type RunJournal } from '../../../src/engine/journal.ts'
import type { EngineParts } from '../../../src/engine/parts.ts'
import { withdrawOpen } from '../../../src/engine/withdraw.ts'
import { reloadPlaybook } from '../../../src/playbook/load.ts'
import type { Playbook } from '../../../src/playbook/playbook.ts'
import { openPolicy } from '../../support/open-policy.ts'
import { Memory, rotaOf, storeOf, type Without } from './memory.ts'
import type { Option } from './search.ts'
import { exploredActions, World } from './world.ts'

const RUN = 'run1'
/** By so much the clock moves with each choice: what was in doubt can no longer land when it is looked at. */
const TICK_MS = 10 * 60_000
/** A run of these graphs is over long before. */
const MOST_CHOICES = 600

type Pending = { readonly who: string; readonly what: string; readonly go: () => void }

type Worker = {
  readonly name: 'A' | 'B'
  readonly parts: EngineParts
  readonly inHand: Map<string, Driven>
  dead: boolean
  driving: boolean
}

const playbooks = new Map<string, Playbook>()

/** Thousands of schedules are of the same playbook. */
function loaded(text: string): Playbook {
  const playbook = playbooks.get(text) ?? reloadPlaybook(text, 'explored.yaml', exploredActions)
  playbooks.set(text, playbook)
  return playbook
}

/** What people and fate may do, each once. */
const events = ['approve', 'cancel', 'takeOver', 'crash'] as const
type Event = (typeof events)[number]

/**
 * Two workers, a person and fate over one journal, of which nothing moves unless it is chosen: every call of a worker to
 * the journal or the world waits for its turn.
 */
export class Schedule {
  readonly memory: Memory
  readonly world = new World(() => this.#noteLanding())
  /** Effects that landed although the journal had no intent for each of them. */
  readonly unintended: string[] = []
  readonly troubles: string[] = []
  #pending: Pending[] = []
  #used = new Set<Event>()
  #moves = 0
  #clock = Date.parse('2030-01-01T00:00:00Z')
  readonly #workers: readonly [Worker, Worker]
  readonly #text: string

  constructor(text: string, without: Without) {
    this.#text = text
    this.memory = new Memory(() => this.#clock, without)
    this.#workers = [this.#worker('A'), this.#worker('B')]
    this.#request()
  }

  state(): RunState | undefined {
    return fold(this.memory.facts)
  }

  /** Everything that can happen next; the first is what happens when nobody interferes. Empty: it is over. */
  async options(): Promise<Option[]> {
    await nextTurn()
    this.#clock += TICK_MS
    this.#moves += 1
    const moves = [...this.#calls(), ...this.#looks(), ...this.#events()]
    const done = this.#isDone() && this.#calls().length === 0
    return done || this.#moves > MOST_CHOICES ? [] : moves
  }

  #isDone(): boolean {
    const status = this.state()?.status
    return status !== undefined && (isOver(status) || status === 'parked')
  }

  /** What was begun last goes on first: leaving that order is what a schedule may do only so often. */
  #calls(): Option[] {
    return this.#pending.toReversed().map((pending) => ({
      name: `${pending.who}: ${pending.what}`,
      go: () => {
        this.#pending = this.#pending.filter((other) => other !== pending)
        pending.go()
      },
    }))
  }

  #looks(): Option[] {
    if (!this.memory.isUnheld()) return []
    const idle = this.#workers.filter(({ dead, driving }) => !dead && !driving)
    return idle.map((worker) => ({
      name: `${worker.name} looks`,
      go: () => this.#drive(worker, false),
    }))
  }

  #events(): Option[] {
    const possible: { readonly [E in Event]: (() => void) | undefined } = {
      approve: this.#openRequest() === undefined ? undefined : () => this.#watch(this.#approve()),
      takeOver: this.#heir() === undefined ? undefined : () => this.#takeOver(),
      cancel: this.#isDone() ? undefined : () => this.#watch(this.#cancel()),
      crash: this.#holder() === undefined || this.#holder()?.dead ? undefined : () => this.#crash(),
    }
    // A dead holder is taken over sooner or later; that the others happen is not said.
    const dead = this.#holder()?.dead === true
    const inOrder: readonly Event[] = dead
      ? ['takeOver', 'approve', 'cancel']
      : ['approve', 'takeOver', 'cancel', 'crash']
    return inOrder.flatMap((event) => {
      const go = possible[event]
      if (go === undefined || (this.#used.has(event) && !(event === 'takeOver' && dead))) return []
      return [
        {
          name: event,
          go: () => {
            this.#used.add(event)
            go()
          },
        },
      ]
    })
  }

  /** Whoever fails tells. */
  #watch(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.troubles.push(String(error)))
  }

  /** Who could take over what another one has in hand. */
  #heir(): Worker | undefined {
    const holder = this.#holder()
    if (holder === undefined) return undefined
    return this.#workers.find((worker) => worker !== holder && !worker.dead && !worker.driving)
  }

  #holder(): Worker | undefined {
    return this.#workers.find(({ name }) => name === this.memory.row.holder)
  }

  #turn(who: string, what: string): Promise<void> {
    return new Promise((go) => this.#pending.push({ who, what, go }))
  }

  #worker(name: 'A' | 'B'): Worker {
    const turn = (what: string) => this.#turn(name, what)
    const { world } = this
    const inHand = new Map<string, Driven>()
    const parts: EngineParts = {
      store: storeOf(this.memory, turn),
      clock: { now: () => this.#clock },
      skewMs: 0,
      // What happens while a run is being put down must not be missed.
      boundary: (boundary) => (boundary === 'before-rest' ? turn(boundary) : undefined),
      actions: exploredActions,
      clients: {
        get: async () => ({ world, turn }),
        defaultInstance: () => 'x',
      },
      load: loaded,
      policy: {
        ...openPolicy,
        gate: async (_run, approval, gate) => ({
          satisfied: approval.given.length >= gate.count,
          missing: 'people',
        }),
      },
      stopping: new AbortController().signal,
      log: { error: () => undefined },
      published: () => this.#tell(name),
    }
    return { name, parts, inHand, dead: false, driving: false }
  }

  /** At the moment of an effect the journal has an intent for it and for each one before it (P1). */
  #noteLanding(): void {
    const [last] = this.world.landed.slice(-1)
    if (last === undefined) return
    const { facts } = this.memory
    const intents = facts.filter(({ type, step }) => type === 'step.intended' && step === last.step)
    const effects = this.world.landed.filter(({ key }) => key === last.key)
    if (intents.length < effects.length) this.unintended.push(last.key)
  }

  /** The other processes hear of what was committed, each when it does. */
  #tell(author: string): void {
    for (const worker of this.#workers) {
      const driven = worker.inHand.get(RUN)
      if (worker.name === author || worker.dead || driven === undefined) continue
      void this.#turn(worker.name, 'hear')
        .then(() => driven.journal.catchUp())
        .then(
          () => driven.runner?.wake(),
          (error: unknown) => void this.troubles.push(String(error)),
        )
    }
  }

  #drive(worker: Worker, left: boolean): void {
    worker.driving = true
    const { parts, inHand, name } = worker
    const rota = rotaOf(this.memory, name, (what) => this.#turn(name, what))
    const { epoch } = this.memory.row
    drive({ parts, rota, inHand }, { run: RUN, epoch, left })
      .catch((error: unknown) => void this.troubles.push(String(error)))
      .finally(() => (worker.driving = false))
  }

  #takeOver(): void {
    const heir = this.#heir()
    if (heir !== undefined) this.#drive(heir, true)
  }

  #crash(): void {
    const holder = this.#holder()
    if (holder === undefined) return
    holder.dead = true
    this.#pending = this.#pending.filter(({ who }) => who !== holder.name)
  }

  #openRequest(): string | undefined {
    return this.state()?.approvals.find(({ status }) => status === 'open')?.request
  }

  #journal(): Promise<RunJournal> {
    const store = storeOf(this.memory, (what) => this.#turn('person', what))
    return openRun({ store, published: () => this.#tell('person') }, RUN)
  }

  async #approve(): Promise<void> {
    const request = this.#openRequest() ?? ''
    const journal = await this.#journal()
    await journal.commit((run) => {
      const open = run.approvals.find(
        (approval) => approval.request === request && approval.status === 'open',
      )
      if (open === undefined) return undefined
      const account = { via: 'os', user: 'ann' } as const
      const evidence = { kind: 'slack', team: 'T', user: 'U' } as const
      const data = { request, digest: open.digest, person: 'ann', account, evidence }
      return { facts: [{ type: 'approval.given', data }] }
    })
  }

  async #cancel(): Promise<void> {
    const journal = await this.#journal()
    await journal.commit((run) =>
      isOver(run.status) || run.stop !== undefined
        ? undefined
        : {
            facts: [
              { type: 'run.cancel-requested', data: { reason: 'stop' } },
              ...withdrawOpen(run, 'the run was cancelled'),
            ],
          },
    )
  }

  #request(): void {
    const { info } = loaded(this.#text)
    const { name, title, digest, because } = info
    const data = {
      mode: 'run',
      playbook: { name, title, digest, text: this.#text },
      because,
      inputs: {},
      config: 'x',
      contracts: { 'aws.set': 1, 'aws.add': 1, 'slack.tell': 1 },
    } as const
    this.memory.commit({ facts: [{ type: 'run.requested', run: RUN, n: 0, actor: system, data }] })
  }
}
