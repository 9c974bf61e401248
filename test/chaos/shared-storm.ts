import { Client } from 'pg'
import { shuffled } from '../support/random.ts'
import type { Postgres } from '../support/postgres.ts'
import { factsOf, kill, sharedState, startReplica, startWorld, type Process } from './harness.ts'
import {
  asker,
  diceFrom,
  lifeMs,
  pause,
  reportOf,
  secondsSince,
  someRuns,
  untilOver,
  type Dice,
  type Report,
} from './storm.ts'

type Shared = {
  readonly seed: number
  readonly postgres: Postgres
  readonly kills: number
  readonly hangs: number
  readonly outages: number
  /** How often the tables of the engine are dropped under the running processes. */
  readonly drops: number
  readonly runsPerBlow: number
}

type Blow = 'kill' | 'hang' | 'outage' | 'drop'

/** Longer than a silent replica is believed to be alive (SILENT in store/postgres/replicas.ts). */
const HANG_MS = 8000

/** Two replicas on one database, of which one after the other is struck; whatever ends is started again. */
export async function sharedStorm({ seed, postgres, runsPerBlow, ...blows }: Shared): Promise<Report> {
  const began = performance.now()
  const dice = diceFrom(seed)
  const world = await startWorld()
  await world.call('slow', 60)
  const store = await postgres.createDatabase()
  const pair = new Pair({ state: sharedState(), store, world: world.url }, dice)
  const { accepted, ask } = asker()
  const strike: { readonly [B in Blow]: () => Promise<void> } = {
    kill: () => pair.killOne(),
    hang: () => pair.hangOne(),
    outage: async () => {
      await postgres.stop()
      await pause(dice.between(300, 2500))
      await postgres.start()
    },
    drop: () => dropEngine(store),
  }
  const order = shuffled<Blow>(
    [
      ...Array<Blow>(blows.kills).fill('kill'),
      ...Array<Blow>(blows.hangs).fill('hang'),
      ...Array<Blow>(blows.outages).fill('outage'),
      ...Array<Blow>(blows.drops).fill('drop'),
    ],
    dice.random,
  )
  for (const blow of order) {
    // oxlint-disable no-await-in-loop -- one blow after the other
    const [first, second] = await pair.both()
    ask(first, someRuns(dice, Math.ceil(runsPerBlow / 2)))
    ask(second, someRuns(dice, Math.floor(runsPerBlow / 2)))
    await pause(lifeMs(dice) / 2)
    await strike[blow]()
    // oxlint-enable no-await-in-loop
  }
  const [last] = await pair.both()
  const { verified, resumed } = await untilOver(last)
  await pair.end()
  const report = await reportOf({ facts: await factsOf(store), world, accepted, verified })
  await world.close()
  return { name: 'two replicas', seed, ...blows, resumed, seconds: secondsSince(began), ...report }
}

/** Its tables are disposable: what is to be done is in the journal. */
async function dropEngine(url: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await dropWhenFree(client)
  } finally {
    await client.end()
  }
}

/** The engine is at work on them: of a deadlock with it this one may be the victim. */
async function dropWhenFree(client: Client): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- tried again
      await client.query('drop schema if exists firebreak_engine cascade')
      return
    } catch (error) {
      const isDeadlock = error instanceof Error && 'code' in error && error.code === '40P01'
      if (!isDeadlock || tries > 5) throw error
    }
  }
}

/** Two processes, and whoever starts them again. */
class Pair {
  readonly #settings: { readonly state: string; readonly store: string; readonly world: string }
  readonly #dice: Dice
  readonly #slots: [Promise<Process>, Promise<Process>]
  #ended = false
  #started = 0

  constructor(settings: { state: string; store: string; world: string }, dice: Dice) {
    this.#settings = settings
    this.#dice = dice
    this.#slots = [this.#start(0), this.#start(1)]
  }

  both(): Promise<[Process, Process]> {
    return Promise.all(this.#slots)
  }

  async killOne(): Promise<void> {
    await kill(await this.#oneOf())
  }

  /** Stopped until the other has taken over, then let loose again; every other time it does not hear that it is lost. */
  async hangOne(): Promise<void> {
    const replica = await this.#oneOf()
    replica.signal('SIGSTOP')
    await pause(HANG_MS)
    replica.signal('SIGCONT')
    await pause(1000)
    // A deaf one goes on for ever; nobody would start it again.
    await kill(replica)
  }

  async #oneOf(): Promise<Process> {
    return this.#dice.oneOf(await this.both())
  }

  async end(): Promise<void> {
    this.#ended = true
    const both = await this.both()
    await Promise.all(both.map((replica) => replica.close()))
  }

  async #startAgain(slot: 0 | 1, replica: Process): Promise<void> {
    await replica.ended
    if (!this.#ended) this.#slots[slot] = this.#start(slot)
  }

  async #start(slot: 0 | 1): Promise<Process> {
    const number = ++this.#started
    const settings = { ...this.#settings, sender: `replica-${number}`, deaf: number % 2 === 0 }
    for (;;) {
      // oxlint-disable no-await-in-loop -- tried until the database is there
      const replica = await startReplica(settings).catch(() => undefined)
      if (replica !== undefined) {
        void this.#startAgain(slot, replica)
        return replica
      }
      await pause(200)
      // oxlint-enable no-await-in-loop
    }
  }
}
