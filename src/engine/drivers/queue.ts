import type { Fact, FactType } from '../../core/fact.ts'
import { isOver, type RunState, type StepState } from '../../core/run.ts'
import type { EngineParts } from '../parts.ts'

type Knows = { readonly store: Pick<EngineParts['store'], 'waiting'> } & Pick<EngineParts, 'log'>

type Calls = {
  /** The state of a run that this process has in hand. */
  readonly peek: (run: string) => RunState | undefined
  readonly wake: (run: string) => void
}

/** After these, what a step has taken up may be free again. */
const settling: ReadonlySet<FactType> = new Set([
  'step.intended',
  'step.probed',
  'step.succeeded',
  'step.satisfied',
  'step.skipped',
  'step.failed',
])

const ending: ReadonlySet<FactType> = new Set(['containment.lifted', 'containment.kept'])

/**
 * Whom to call when a target, or a place of a guardrail that counts, may be free: who has waited longest. Who is called and
 * does not take it passes the call on, by no longer waiting. On PostgreSQL the store does this, for all processes.
 */
export class Queue {
  readonly #parts: Knows
  readonly #calls: Calls
  /** What each step waits for, by run and step. */
  readonly #held = new Map<string, string>()

  constructor(parts: Knows, calls: Calls) {
    this.#parts = parts
    this.#calls = calls
  }

  /** What the journal says of who waits, at the start. */
  async recover(): Promise<void> {
    for (const { key, run, step } of await this.#parts.store.waiting()) this.#held.set(nameOf(run, step), key)
  }

  hear(facts: readonly Fact[]): void {
    const touched = facts.flatMap((fact) => this.#touched(fact))
    // What a containment of a run that is over had taken up is not known here.
    const ended = facts.some(({ type }) => ending.has(type)) ? [...this.#held.values()] : []
    const keys = new Set([...touched, ...ended])
    if (keys.size > 0) this.#call([...keys])
  }

  #call(keys: readonly string[]): void {
    Promise.all(keys.map((key) => this.#callFirst(key))).catch((error: unknown) =>
      this.#parts.log.error({ err: error }, 'who waits could not be read'),
    )
  }

  async #callFirst(key: string): Promise<void> {
    const [first] = await this.#parts.store.waiting(key)
    if (first !== undefined) this.#calls.wake(first.run)
  }

  #touched(fact: Fact): string[] {
    const { run, step } = fact
    if (run === undefined) return []
    const state = this.#calls.peek(run)
    if (step === undefined) return state !== undefined && isOver(state.status) ? this.#ofRun(state) : []
    if (fact.type === 'step.held') this.#held.set(nameOf(run, step), fact.data.key)
    return settling.has(fact.type) ? this.#ofStep(nameOf(run, step), state?.steps[step]) : []
  }

  #ofStep(name: string, step: StepState | undefined): string[] {
    const held = this.#held.get(name)
    this.#held.delete(name)
    return [...(held === undefined ? [] : [held]), ...(step === undefined ? [] : takenBy(step))]
  }

  #ofRun({ id, steps }: RunState): string[] {
    return Object.values(steps).flatMap((step) => this.#ofStep(nameOf(id, step.id), step))
  }
}

function takenBy({ intent }: StepState): string[] {
  const { counts = [], claim } = intent ?? {}
  return [...counts.map(({ key }) => key), ...(claim === undefined ? [] : [claim])]
}

function nameOf(run: string, step: string): string {
  return `${run} ${step}`
}
