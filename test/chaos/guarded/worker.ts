import { engineParts } from '../../../src/app/engine-parts.ts'
import { drive, type Driven } from '../../../src/engine/drivers/drive.ts'
import type { EngineParts } from '../../../src/engine/parts.ts'
import type { Commit } from '../../../src/core/ports.ts'
import type { Reached, World } from '../explore/world.ts'
import { type Ground, sharedParts } from './ground.ts'

/** A process that carries runs forward. */
export class Worker {
  readonly name: string
  dead = false
  readonly #ground: Ground
  readonly #parts: EngineParts
  readonly #inHand = new Map<string, Driven>()
  readonly #driving = new Set<string>()
  /** When each target was last planned again. */
  readonly #planned = new Map<string, number>()
  /** What each target was like when it was first planned, for a worker that never looks again. */
  readonly #first = new Map<string, string>()

  constructor(name: string, ground: Ground) {
    this.name = name
    this.#ground = ground
    const { journal, stopping } = ground
    const store = journal.storeOf({ who: name, since: (commit) => this.#since(commit), reads: false })
    const parts = engineParts({ ...sharedParts(ground), store, stopping })
    const client = { world: this.#world(), turn: (what: string, about: Reached) => this.#reach(what, about) }
    const clients = { get: async () => client, defaultInstance: () => 'x' }
    this.#parts = { ...parts, clients, policy: this.#policy(parts) }
  }

  /** Whether it could take this one up. */
  mayTake(run: string): boolean {
    return !this.dead && !this.#driving.has(run)
  }

  /** Somebody else has it now. Sooner or later this one hears of that, whatever it hangs in. */
  letGo(run: string): void {
    this.#driving.delete(run)
    this.#inHand.delete(run)
  }

  drive(run: string, left: boolean): void {
    const { journal, troubled } = this.#ground
    this.#driving.add(run)
    const rota = journal.rotaOf(this.name)
    const wanted = { run, epoch: journal.rota.epochOf(run), left }
    drive({ parts: this.#parts, rota, inHand: this.#inHand }, wanted)
      .catch(troubled)
      .finally(() => this.#driving.delete(run))
  }

  /** Others have written something of these runs, or of all. It is heard when its turn comes. */
  hear(runs: ReadonlySet<string> | undefined): void {
    const { turns } = this.#ground
    for (const [run, { journal, runner }] of this.#inHand) {
      const what = `hear of ${run}`
      if (this.dead || (runs !== undefined && !runs.has(run)) || turns.has(this.name, what)) continue
      turns
        .take(this.name, what)
        .then(() => journal.catchUp())
        .then(() => runner?.wake(), this.#ground.troubled)
    }
  }

  async #reach(what: string, { target, key }: Reached): Promise<void> {
    const { turns } = this.#ground
    await turns.take(this.name, `${what} ${key ?? target}`, what === 'apply' ? key : undefined)
    if (what === 'plan') this.#planned.set(target, turns.moment)
  }

  /** An intent is judged by what was so when its effect was planned again. */
  #since({ facts }: Commit): number {
    const [first] = facts
    if (first?.type !== 'step.intended') return this.#ground.turns.moment
    return this.#planned.get(first.data.change.target.name) ?? 0
  }

  #policy({ policy }: EngineParts): EngineParts['policy'] {
    switch (this.#ground.without) {
      case 'eligible':
        return {
          ...policy,
          gate: async (run, approval, gate) =>
            approval.status === 'satisfied'
              ? { satisfied: true, missing: '' }
              : policy.gate(run, approval, gate),
          bypass: async () => true,
        }
      case 'window':
        return {
          ...policy,
          ruling: (run, line) => {
            const { counts, gates } = policy.ruling(run, line)
            return { counts, gates }
          },
        }
      case 'protected':
        return { ...policy, neverTouch: () => undefined }
      default:
        return policy
    }
  }

  /** The world, or what it was like at first. */
  #world(): Pick<World, 'thing' | 'write'> {
    const { world, without } = this.#ground
    if (without !== 'replan') return world
    return {
      write: (change, ...args) => {
        world.write(change, ...args)
        this.#first.delete(change.target.name)
      },
      thing: (name) => {
        const thing = world.thing(name)
        const value = this.#first.get(name) ?? thing.value
        this.#first.set(name, value)
        return { ...thing, value }
      },
    }
  }
}
