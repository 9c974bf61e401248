import type { Client } from 'pg'
import { FirebreakError } from '../../core/errors.ts'
import { connectToWait, lockInTime, waitForLock } from './advisory.ts'
import { coded, connect, hangUp, lockKey, type Place } from './connect.ts'
import { keepConnected } from './keep-connected.ts'
import { beat, endHungSessions, register, replicaKey } from './replicas.ts'
import { install } from './schema.ts'
import { watch } from './watch.ts'

type Options = {
  readonly url: string
  /** A new one for each start of a process: the runs of an earlier one are taken over, not continued in secret. */
  readonly executor: string
  readonly protocol: number
  /** Our lock is lost: others take us for dead. The process must stop at once. Called at most once. */
  readonly onLost: (cause: unknown) => void
  /** A replica has died or hangs, and it is for us to take over its runs (`Rota.heldBy`). Tried again when it fails. */
  readonly onDead: (executor: string) => Promise<void>
}

export type Peers = {
  /** Hears when this replica becomes the only one of its name. It stays so until the process ends or `onLost` is called. */
  readonly leader: (name: string, onElected: () => void) => void
  /** Leaves in order. Runs that are still in hand are taken over by the others. */
  readonly leave: () => Promise<void>
}

const BEAT = 1000
/** Who was away for longer cannot tell whether it was the others who were silent. */
const TOO_LONG_AGO = 2500
/** A predecessor of the same name is being taken over. */
const PREDECESSOR = 2000

/**
 * Joins the replicas that share a journal. First of all it takes a lock that dies with this process, by which the others
 * learn of its death from the server at once, without polling and without any talk among them.
 */
export async function joinPeers(options: Options): Promise<Peers> {
  const place = { url: options.url, executor: options.executor }
  const client = await connect(place, { lock_timeout: PREDECESSOR, statement_timeout: PREDECESSOR + BEAT })
  try {
    if (!(await lockInTime(client, replicaKey(options.executor)))) throw taken(options.executor)
    await install(client)
    // Before others count on it: is its clock right?
    await beat(client, options.executor)
    await register(client, options.executor, options.protocol)
  } catch (error) {
    await hangUp(client)
    throw coded(error)
  }
  return new Replica(client, place, options).start()
}

function taken(executor: string): FirebreakError {
  return new FirebreakError('store.same-replica', `Another process is the replica ${executor}`, {
    remedy: 'Give each process a name of its own, or wait until the other one has ended.',
  })
}

/** An error that the server itself reports: the session is there. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error && 'severity' in error
}

class Replica {
  readonly #client: Client
  readonly #place: Place
  readonly #options: Options
  readonly #watches = new Map<string, () => Promise<void>>()
  readonly #elections: (() => Promise<void>)[] = []
  #beating: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #lastBeat = performance.now()
  #over = false

  constructor(client: Client, place: Place, options: Options) {
    this.#client = client
    this.#place = place
    this.#options = options
  }

  start(): Peers {
    let cause: unknown = new Error('the connection was closed')
    this.#client.on('error', (error) => (cause = error))
    this.#client.once('end', () => this.#lose(cause))
    this.#client.on('notification', () => this.#look())
    this.#timer = setInterval(() => this.#look(), BEAT)
    this.#look()
    return {
      leader: (name, onElected) => this.#stand(name, onElected),
      leave: () => this.#leave(),
    }
  }

  #lose(cause: unknown): void {
    if (this.#over) return
    this.#over = true
    clearInterval(this.#timer)
    this.#options.onLost(cause)
    void Promise.all([this.#endAll(), hangUp(this.#client)])
  }

  #look(): void {
    if (this.#over) return
    this.#beating ??= this.#beat()
      // A server that is only slow has not given our lock to anybody.
      .catch((error: unknown) => {
        if (!isAnswer(error)) this.#lose(error)
      })
      .finally(() => (this.#beating = undefined))
  }

  async #beat(): Promise<void> {
    const { registered, others } = await beat(this.#client, this.#options.executor)
    if (!registered) throw new Error('the others have struck this replica off')
    const away = performance.now() - this.#lastBeat
    this.#lastBeat = performance.now()
    for (const { executor } of others) this.#watch(executor)
    if (away > TOO_LONG_AGO) return
    const silent = others.filter((other) => other.silent)
    for (const { executor } of silent) {
      // oxlint-disable-next-line no-await-in-loop -- rarely more than one
      await endHungSessions(this.#client, executor)
    }
  }

  #watch(peer: string): void {
    if (this.#over || this.#watches.has(peer)) return
    const { onDead } = this.#options
    const onGone = () => void this.#watches.delete(peer)
    this.#watches.set(peer, watch({ place: this.#place, peer, onDead, onGone }))
  }

  /** Leadership that is lost is a lock that is lost: somebody else has it, so we must stop like a replica that is taken for dead. */
  #stand(name: string, onElected: () => void): void {
    let elected = false
    const end = keepConnected({
      open: () => connectToWait(this.#place),
      onUp: async (client) => {
        await waitForLock(client, lockKey('leader', name))
        if (this.#over) return
        elected = true
        onElected()
      },
      onDown: (cause) => {
        if (elected) this.#lose(cause)
      },
    })
    this.#elections.push(end)
  }

  async #leave(): Promise<void> {
    if (this.#over) return
    this.#over = true
    clearInterval(this.#timer)
    await this.#beating
    await this.#endAll()
    try {
      await this.#client.query('delete from firebreak.replicas where executor = $1', [this.#options.executor])
    } finally {
      await hangUp(this.#client)
    }
  }

  async #endAll(): Promise<void> {
    await Promise.all([...this.#watches.values(), ...this.#elections].map((end) => end()))
  }
}
